/**
 * What becomes of the stanzas that a session leaves unacked (XEP-0198 §4): stored, returned, routed anew, or
 * given up because nobody waits for them. Each stanza gets exactly one of these.
 */
import type { Config } from '../config.js'
import type { DiscardReason, Effect, EndReason } from '../effect.js'
import type { UnreachableCondition } from '../nonza.js'
import { toArray } from '../queue.js'
import type { StanzaFacts } from '../stanza.js'
import type { Session, Unacked } from '../state.js'

/** What the decision depends on beside the stanza. */
export interface Leaving {
  readonly resource: string
  readonly reason: EndReason
  /** No other session of the account is left. */
  readonly isLast: boolean
  readonly initiating: boolean
  /** It had no connection yet, so that nothing of it was sent. */
  readonly neverConnected: boolean
  readonly usesArchive: boolean
}

/** The unacked stanzas of a session, oldest first. */
export const unackedOf = <A>(session: Session<A>): ReadonlyArray<Unacked<A>> =>
  session._tag === 'Unmanaged' ? [] : toArray(session.outbound.unacked)

/** The one effect that settles a stanza. */
export const fateOf = <A>(config: Config, leaving: Leaving, unacked: Unacked<A>): Effect<A> => {
  const { resource } = leaving
  const { stanza, facts, at: submittedAt } = unacked
  if (leaving.initiating) return fateOfOwn(config, leaving, unacked)
  const reason = discardReason(leaving, facts)
  if (reason !== undefined) return { _tag: 'Discard', resource, stanza, facts, reason }
  if (isStorable(facts)) {
    if (config.offlineStorage && leaving.isLast) return { _tag: 'StoreOffline', resource, stanza, facts, submittedAt }
    if (leaving.reason === 'lost' && !leaving.isLast && isAddressedToResource(facts))
      return { _tag: 'Redeliver', resource, stanza, facts, submittedAt }
  }
  return { _tag: 'ReturnToSender', resource, stanza, facts, submittedAt }
}

/**
 * What this side wanted to send to its peer is routed again if that is configured: only once, lest it goes in circles, and
 * only where another connection may do better. What never had one would wait for the same again, and when the process
 * stops nothing is left that could wait.
 */
const fateOfOwn = <A>(config: Config, leaving: Leaving, { stanza, facts, at }: Unacked<A>): Effect<A> => {
  const { resource, reason, neverConnected } = leaving
  const settled = { resource, stanza, facts, submittedAt: at }
  if (isUnreachable(reason)) return { _tag: 'ReturnToSender', ...settled, condition: reason }
  return config.s2sResend && !neverConnected && reason !== 'stopped' && facts.again === undefined
    ? { _tag: 'Redeliver', ...settled }
    : { _tag: 'ReturnToSender', ...settled }
}

const isUnreachable = (reason: EndReason): reason is UnreachableCondition =>
  reason === 'remote-server-not-found' || reason === 'remote-server-timeout'

/** Errors, answers and presences are never answered (RFC 6120 §8.3.1); copies have an original elsewhere. */
const discardReason = (leaving: Leaving, facts: StanzaFacts): DiscardReason | undefined => {
  if (facts.type === 'error') return 'error'
  if (facts.name === 'presence') return 'presence'
  if (facts.name === 'iq' && facts.type === 'result') return 'answer'
  if (facts.copy) return 'copy'
  if (facts.archived && leaving.usesArchive) return 'archived'
  return undefined
}

/** What XEP-0160 stores. */
const isStorable = (facts: StanzaFacts): boolean =>
  facts.name === 'message' && (facts.type === 'chat' || facts.type === 'normal')

/** Only then did no other session of the account get it already. */
const isAddressedToResource = (facts: StanzaFacts): boolean => facts.to?.includes('/') === true
