import type { Refusal } from '../outgoing.js'

export type UnreachableReason =
  /** There was a link, and it died before it was known that the stanza had arrived (XEP-0198 §4). */
  | 'recipient-unavailable'
  /** No server of that name can be found. */
  | 'remote-server-not-found'
  /** There may be one, and no link to it came about in time. */
  | 'remote-server-timeout'
  /** Too much waits for that link already. */
  | 'resource-constraint'

/** What all but one of them have in common: it may be better later. */
export const unreachable = (condition: UnreachableReason): Refusal => ({
  type: condition === 'remote-server-not-found' ? 'cancel' : 'wait',
  condition,
})
