/** Resource binding (RFC 6120 §7). */

import { element as build, type Element, stanzaError, toXml } from '@smacks/codec'
import type { Resource } from '@smacks/core'
import type { AccountId } from '@smacks/runtime'
import { brief, ns } from '@smacks/stream'
import type { ClientStream } from './client-stream.js'
import { isShortEnough, longestFullJid, normalResource } from './resource.js'

export const bindElement = (stream: ClientStream, account: AccountId, iq: Element, bind: Element): void => {
  const wanted = bind.getChildText('resource')?.trim() ?? ''
  const resource = wanted === '' ? stream.options.entropy.freshId() : normalResource(account, wanted)
  if (resource === undefined) {
    const text = `The resource '${brief(wanted)}' is not a valid resourcepart.`
    return stream.write(toXml(stanzaError(iq, 'modify', 'bad-request', { text })))
  }
  if (!isShortEnough(account, resource)) {
    const text = `The full JID has ${Buffer.byteLength(`${account}/${resource}`)} bytes, and ${longestFullJid} are allowed; choose a shorter resource.`
    return stream.write(toXml(stanzaError(iq, 'modify', 'not-acceptable', { text })))
  }
  if (!hasRoom(stream, account, resource)) {
    const text = `The account has ${stream.options.limits.resourcesPerUser()} sessions already; no more are allowed.`
    return stream.write(toXml(stanzaError(iq, 'wait', 'resource-constraint', { text })))
  }
  const jid = build('jid', {}, `${account}/${resource}`)
  stream.write(toXml(build('iq', { type: 'result', id: iq.attrs.id }, build('bind', { xmlns: ns.bind }, jid))))
  startSession(stream, account, resource)
}

/** A session of the same resource gives way, so it does not count. */
export const hasRoom = (stream: ClientStream, account: AccountId, resource: Resource): boolean => {
  const { runtime, limits } = stream.options
  const others = runtime.account(account).sessions.filter(session => session.resource !== resource)
  return others.length < limits.resourcesPerUser()
}

/** The session begins. */
export const startSession = (stream: ClientStream, account: AccountId, resource: Resource): void => {
  const { connection, options } = stream
  stream.dispatch(account, { _tag: 'SessionBound', at: options.clock.now(), resource, connection: connection.id })
  stream.bound(account, resource)
}
