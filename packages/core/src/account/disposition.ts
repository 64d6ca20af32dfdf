/**
 * What becomes of the stanzas that a session leaves unacked (XEP-0198 §4): stored, returned, routed anew, or
 * given up because nobody waits for them. Each stanza gets exactly one of these.
 */

import type { Config } from '../config.js'
import type { DiscardReason, Effect } from '../effect.js'
import type { EndReason } from '../end-reason.js'
import type { Resource } from '../ids.js'
import type { UnreachableCondition } from '../nonza.js'
import { toArray } from '../queue.js'
import { isAnswered } from '../session/answered.js'
import type { StanzaFacts } from '../stanza.js'
import type { Session, Unacked } from '../state.js'
import { type Ending, elsewhere } from './deliveries.js'

/** What the decision depends on beside the stanza. */
export interface Leaving<A> {
  readonly resource: Resource
  readonly session: Session<A>
  readonly reason: EndReason
  /** The sessions that end with it. */
  readonly ending: Ending<A>
  /** No other session of the account is left. */
  readonly isLast: boolean
  readonly initiating: boolean
  /** No connection took anything of it yet. */
  readonly neverConnected: boolean
  readonly usesArchive: boolean
}

/** A session that ends, as far as it decides about what it leaves. */
export const leavingOf = <A>(
  session: Session<A>,
  reason: EndReason,
  ending: Ending<A>,
  isLast: boolean,
): Leaving<A> => ({
  resource: session.resource,
  session,
  reason,
  ending,
  isLast,
  initiating: isInitiating(session),
  neverConnected: session._tag === 'Connecting' || session._tag === 'Negotiating',
  usesArchive: (session._tag === 'Active' || session._tag === 'Hibernating') && session.usesArchive,
})

const isInitiating = <A>(session: Session<A>): boolean =>
  session._tag === 'Connecting' ||
  session._tag === 'Enabling' ||
  session._tag === 'Negotiating' ||
  session._tag === 'Resuming' ||
  ('role' in session && session.role === 'initiating')

/** The unacked stanzas of a session, oldest first. */
export const unackedOf = <A>(session: Session<A>): ReadonlyArray<Unacked<A>> =>
  session._tag === 'Unmanaged' ? [] : toArray(session.outbound.unacked)

/** The one effect that settles a stanza. */
export const dispositionOf = <A>(config: Config, leaving: Leaving<A>, unacked: Unacked<A>): Effect<A> => {
  const { resource } = leaving
  const { stanza, facts, at: submittedAt } = unacked
  const taken = takenBy(leaving, unacked)
  if (taken !== undefined) return { _tag: 'Discard', resource, stanza, facts, reason: facts.copy ? 'copy' : taken }
  if (leaving.initiating) return dispositionOfOwn(config, leaving, unacked)
  const reason = discardReason(leaving, unacked)
  if (reason !== undefined) return { _tag: 'Discard', resource, stanza, facts, reason }
  // Of a message that nobody else has, even the copy counts.
  if (facts.copy) return { _tag: 'Redeliver', resource, stanza, facts, submittedAt }
  if (isStorable(facts)) {
    if (config.offlineStorage && leaving.isLast) return { _tag: 'StoreOffline', resource, stanza, facts, submittedAt }
    if (leaving.reason === 'lost' && !leaving.isLast && isAddressedToResource(facts))
      return { _tag: 'Redeliver', resource, stanza, facts, submittedAt }
  }
  return facts.neverReturned
    ? { _tag: 'Discard', resource, stanza, facts, reason: 'transient' }
    : { _tag: 'ReturnToSender', resource, stanza, facts, submittedAt }
}

/**
 * What this side wanted to send to its peer is routed again if that is configured: only once, lest it goes in circles, and
 * only where another connection may do better. What never had one would wait for the same again, and when the process
 * stops nothing is left that could wait.
 */
const dispositionOfOwn = <A>(config: Config, leaving: Leaving<A>, unacked: Unacked<A>): Effect<A> => {
  const { resource, reason, neverConnected } = leaving
  const { stanza, facts, at } = unacked
  const settled = { resource, stanza, facts, submittedAt: at }
  if (isAnsweredIn(leaving, unacked)) return { _tag: 'Discard', resource, stanza, facts, reason: 'answered' }
  if (facts.transient) return { _tag: 'Discard', resource, stanza, facts, reason: 'transient' }
  const canResend = config.s2sResend && !neverConnected && reason !== 'stopped' && facts.again === undefined
  if (canResend && !isUnreachable(reason)) return { _tag: 'Redeliver', ...settled }
  if (facts.neverReturned) return { _tag: 'Discard', resource, stanza, facts, reason: 'transient' }
  return isUnreachable(reason)
    ? { _tag: 'ReturnToSender', ...settled, condition: reason }
    : { _tag: 'ReturnToSender', ...settled }
}

const isUnreachable = (reason: EndReason): reason is UnreachableCondition =>
  reason === 'remote-server-not-found' || reason === 'remote-server-timeout'

/**
 * Errors, answers and presences are never answered (RFC 6120 §8.3.1), and an iq only once (§8.2.3). A copy that was given to
 * this session alone has its original in another account.
 */
const discardReason = <A>(leaving: Leaving<A>, unacked: Unacked<A>): DiscardReason | undefined => {
  const { facts, others } = unacked
  if (facts.type === 'error') return 'error'
  if (facts.name === 'presence') return 'presence'
  if (facts.name === 'iq') {
    if (facts.type === 'result') return 'answer'
    return isAnsweredIn(leaving, unacked) ? 'answered' : undefined
  }
  if (facts.transient) return 'transient'
  if (facts.copy && others === undefined) return 'copy'
  return facts.archived && leaving.usesArchive ? 'archived' : undefined
}

/** Another session that was given the same message has it, or may yet get it. */
const takenBy = <A>({ ending, session }: Leaving<A>, unacked: Unacked<A>): 'delivered' | 'held' | undefined => {
  if (unacked.others === undefined) return undefined
  const found = elsewhere(ending, session, unacked.others, unacked.facts)
  return found === 'nobody' ? undefined : found
}

const isAnsweredIn = <A>({ session }: Leaving<A>, unacked: Unacked<A>): boolean =>
  session._tag !== 'Unmanaged' && isAnswered(session.outbound, unacked)

/** What XEP-0160 stores. */
const isStorable = (facts: StanzaFacts): boolean =>
  facts.name === 'message' && (facts.type === 'chat' || facts.type === 'normal')

/** Only then did no other session of the account get it already. */
const isAddressedToResource = (facts: StanzaFacts): boolean => facts.to?.includes('/') === true
