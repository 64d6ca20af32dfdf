/** What is delivered to another account, here or at another server: the effects that events tell the outcome of. */
import type { Element, Jid } from '@smacks/codec'
import type { Instant } from '@smacks/core'
import type { Outgoing } from './outgoing.js'
import type { Audience, Reached } from './presence/reach.js'
import type { Announcement } from './presence/session-presence.js'

/**
 * Deliver a stanza to this address. What comes back is `DeliveryRefused` if a link does not take it, and `DeliveryTaken` if
 * that is asked for: the link took it, or the account here did and has not refused it.
 */
export interface Deliver {
  readonly _tag: 'Deliver'
  readonly to: Jid
  readonly stanza: Outgoing
  /** A message: when it was first submitted. */
  readonly at?: Instant
  /** `DeliveryTaken` is wanted, for this session. */
  readonly reportTo?: string
  /** Whether its sender is told if no link takes it. */
  readonly ifRefused: 'answer' | 'ignore'
}

/** Give a stanza to the link to the server of its `to`, once more or for the last time. */
export interface SendToRemote {
  readonly _tag: 'SendToRemote'
  readonly stanza: Outgoing
  /** When it was first submitted; absent: now. */
  readonly at?: Instant
  /** What is done if the link does not take it. */
  readonly ifRefused: 'ignore' | 'return'
}

/**
 * Show an announcement to a contact, whoever of them is available and in the `audience`, and has it not already; if `to` is a
 * full JID, to that session. Of what does not leave at once the contact's server is told later.
 */
export interface ShowPresence {
  readonly _tag: 'ShowPresence'
  readonly to: string
  readonly presence: Announcement
  readonly audience?: Audience
  readonly reached?: Reached
}

/**
 * Deliver a presence of which the server keeps the state: a probe, an answer to one, or a subscription. What does not leave at
 * once is not kept: its state is told anew when the link stands (`DeliveryRefused`).
 */
export interface DeliverState {
  readonly _tag: 'DeliverState'
  readonly stanza: Outgoing
  /** What the user sent, where they are told that it goes nowhere. */
  readonly original?: Element
}
