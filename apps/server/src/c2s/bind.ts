/** Resource binding (RFC 6120 §7). */
import { element as build, type Element, stanzaError } from '@smacks/codec'
import type { AccountId } from '@smacks/runtime'
import type { ClientStream } from './client-stream.js'
import { brief } from './elements.js'
import { ns } from './names.js'
import { normalResource } from './resource.js'

export const bindElement = (stream: ClientStream, account: AccountId, iq: Element, bind: Element): void => {
  const wanted = bind.getChildText('resource')?.trim() ?? ''
  const resource = wanted === '' ? stream.options.entropy.freshId() : normalResource(account, wanted)
  if (resource === undefined)
    return stream.write(
      stanzaError(iq, 'modify', 'bad-request', {
        text: `The resource '${brief(wanted)}' is not a valid resourcepart.`,
      }).toString(),
    )
  if (!hasRoom(stream, account, resource))
    return stream.write(stanzaError(iq, 'wait', 'resource-constraint', { text: tooManyResources(stream) }).toString())
  const jid = build('jid', undefined, `${account}/${resource}`)
  stream.write(build('iq', { type: 'result', id: iq.attrs.id }, build('bind', { xmlns: ns.bind }, jid)).toString())
  startSession(stream, account, resource)
}

/** A session of the same resource gives way, so it does not count. */
export const hasRoom = (stream: ClientStream, account: AccountId, resource: string): boolean => {
  const { runtime, limits } = stream.options
  const others = runtime.account(account).sessions.filter(session => session.resource !== resource)
  return others.length < limits.resourcesPerUser
}

const tooManyResources = (stream: ClientStream): string =>
  `The account has ${stream.options.limits.resourcesPerUser} sessions already; no more are allowed.`

/** The session begins. */
export const startSession = (stream: ClientStream, account: AccountId, resource: string): void => {
  const { connection, options } = stream
  stream.dispatch(account, { _tag: 'SessionBound', at: options.clock.now(), resource, connection: connection.id })
  stream.bound(account, resource)
  options.domain.sessionBound(account, resource)
}
