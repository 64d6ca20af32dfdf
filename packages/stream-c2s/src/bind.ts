/** Resource binding (RFC 6120 §7). */

import { element as build, type Element, stanzaError, toXml } from '@smacks/codec'
import type { Resource } from '@smacks/core'
import { brief, ns, type Reply, reply } from '@smacks/stream'
import type { AuthenticatedStream } from './facts.js'
import { isShortEnough, longestFullJid, normalResource } from './resource.js'
import type { Bind } from './step.js'

/** What an iq that holds `<bind/>` means. */
export const bindSteps = (stream: AuthenticatedStream, iq: Element, bind: Element): ReadonlyArray<Bind | Reply> => {
  const { account, side } = stream
  const wanted = bind.getChildText('resource')?.trim() ?? ''
  const resource = wanted === '' ? side.freshId() : normalResource(account, wanted)
  if (resource === undefined)
    return [error(iq, 'modify', 'bad-request', `The resource '${brief(wanted)}' is not a valid resourcepart.`)]
  if (!isShortEnough(account, resource)) {
    const bytes = Buffer.byteLength(`${account}/${resource}`)
    const text = `The full JID has ${bytes} bytes, and ${longestFullJid} are allowed; choose a shorter resource.`
    return [error(iq, 'modify', 'not-acceptable', text)]
  }
  if (!hasRoom(stream, resource)) {
    const text = `The account has ${stream.resourcesPerUser} sessions already; no more are allowed.`
    return [error(iq, 'wait', 'resource-constraint', text)]
  }
  const jid = build('jid', {}, `${account}/${resource}`)
  const result = build('iq', { type: 'result', id: iq.attrs.id }, build('bind', { xmlns: ns.bind }, jid))
  return [reply(toXml(result)), bindStep(stream, resource)]
}

/** A session of the same resource gives way, so it does not count. */
export const hasRoom = ({ resources, resourcesPerUser }: AuthenticatedStream, resource: Resource): boolean =>
  resources.filter(other => other !== resource).length < resourcesPerUser

export const bindStep = ({ origin }: AuthenticatedStream, resource: Resource): Bind => ({
  _tag: 'Bind',
  event: { _tag: 'SessionBound', ...origin(resource) },
})

const error = (
  iq: Element,
  type: 'modify' | 'wait',
  condition: 'bad-request' | 'not-acceptable' | 'resource-constraint',
  text: string,
): Reply => reply(toXml(stanzaError(iq, type, condition, { text })))
