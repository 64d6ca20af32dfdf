/**
 * The application: what is done with stanzas. The loop hands it the core's *handed* effects, in order, inside
 * the turn; whatever it dispatches or stores in response is committed in the same batch.
 */
import type { EndReason, Instant, Resource, StanzaFacts, UnreachableCondition } from '@smacks/core'
import type { AccountId } from './account-id.js'

/**
 * What an application does about a restart. `Runtime.recover` calls each part once, in this order, so nobody else has to
 * know it. An `Error` that one of them throws ends the recovery.
 */
export interface RecoverySteps {
  /**
   * No session is back yet. What was written of them is read now, since some end as soon as they are back: whom to tell of
   * that (`sessionEnded`) is in there.
   */
  readonly restore: () => void
  /**
   * The sessions of these accounts are back. Returns the accounts whose sessions are to end, since they are nobody's any
   * more; they have ended before anything is delivered to them.
   */
  readonly abandoned: (accounts: Iterable<AccountId>) => Iterable<AccountId>
  /** All sessions are back that stay. What the restart interrupted goes on: stored messages, links, what others are told. */
  readonly resume: () => void
}

/** What the host does with stanzas. Called inside the turn; what it throws is reported to `onFault`, and the loop goes on. */
export interface Application<A> {
  /** A counted stanza of this session: route it, answer it. */
  readonly deliver: (account: AccountId, resource: Resource, stanza: A) => void
  /**
   * Return the stanza to its sender, with `condition` if there is one and with `recipient-unavailable` otherwise; it was
   * meant for this account and resource, or for the account alone (`''`) where it was to be stored.
   */
  readonly returnToSender: (
    account: AccountId,
    resource: Resource,
    stanza: A,
    facts: StanzaFacts,
    condition?: UnreachableCondition,
  ) => void
  /** Route the stanza as if it came now for a resource that is not there; it was first submitted at `submittedAt`. */
  readonly redeliver: (
    account: AccountId,
    resource: Resource,
    stanza: A,
    facts: StanzaFacts,
    submittedAt: Instant,
  ) => void
  /**
   * True if a message that a session left is to be stored. Where there is no room for it, the application tells its sender
   * and says false; then it is given up. Without this all of them are stored.
   */
  readonly mayStoreOffline?: (account: AccountId, stanza: A, facts: StanzaFacts) => boolean
  /** The session is over: tell contacts. */
  readonly sessionEnded: (account: AccountId, resource: Resource, reason: EndReason) => void
  /**
   * A change of the account can never be stored: what the application remembers of it may be ahead of what is stored, and is
   * to be read again.
   */
  readonly changeRefused?: (account: AccountId) => void
  /** What it does about a restart; nothing unless told. */
  readonly recovery?: RecoverySteps
}
