/** What becomes of a stanza that a session leaves unacked, from the documents and not from the code. */
import type { Config, Effect, EndReason, StanzaFacts } from '@smacks/core'
import type { Side } from '@smacks/testkit'

/** One of these, and once. */
export type Disposition = 'discarded' | 'rerouted' | 'returned' | 'stored'

export interface Ending {
  readonly side: Side
  readonly reason: EndReason
  /** No other session of the account is left. */
  readonly isLast: boolean
  /** The client queried its archive in this session. */
  readonly usesArchive: boolean
}

/** The disposition that an effect is, if it is one. */
export const dispositionOf = (effect: Effect<unknown>): Disposition | undefined => {
  switch (effect._tag) {
    case 'Discard':
      return 'discarded'
    case 'Redeliver':
      return 'rerouted'
    case 'ReturnToSender':
      return 'returned'
    case 'StoreOffline':
      return 'stored'
    default:
      return undefined
  }
}

/**
 * A client's stanzas come back to it. A server never answers errors, answers and presences, nor copies of what lives
 * elsewhere; the last session's messages are stored, if they can be, and all else is returned.
 */
export const dueDisposition = (config: Config, ending: Ending, facts: StanzaFacts): Disposition => {
  if (ending.side === 'client') return 'returned'
  const { name, type } = facts
  if (name === 'presence' || type === 'error' || (name === 'iq' && type === 'result') || facts.copy) return 'discarded'
  if (facts.archived && ending.usesArchive) return 'discarded'
  const isStorable = name === 'message' && (type === 'chat' || type === 'normal')
  if (isStorable && config.offlineStorage && (ending.isLast || ending.reason === 'stopped')) return 'stored'
  // Without resumption another session of the user may have it now (RFC 6121 §8.5.3.2.1).
  if (isStorable && ending.reason === 'lost' && !ending.isLast && facts.to?.includes('/')) return 'rerouted'
  return 'returned'
}
