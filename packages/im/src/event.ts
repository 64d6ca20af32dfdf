/** What happens to an account, as past facts. */
import type { Element, Jid, Stanza } from '@smacks/codec'
import type { Instant, Resource, StanzaFacts } from '@smacks/core'
import type { AccountId, OfflineMessage } from '@smacks/runtime'
import type { Deliver, DeliverState, SendToRemote, ShowPresence } from './delivery.js'
import type { Outgoing, Refusal } from './outgoing.js'
import type { Stale, StaleChange } from './remote/stale-contacts.js'
import type { UnreachableReason } from './remote/unreachable.js'

/** A session of the account sent a stanza, and stream management has counted it. */
export interface StanzaSent {
  readonly _tag: 'StanzaSent'
  readonly resource: Resource
  readonly stanza: Stanza
}

/** A message came for the account or one of its sessions. */
export interface MessageArrived {
  readonly _tag: 'MessageArrived'
  readonly to: Jid
  readonly message: Outgoing
  /** When it was first submitted. */
  readonly at: Instant
}

/** A presence of any type came for the account or one of its sessions, from here or elsewhere. */
export interface PresenceArrived {
  readonly _tag: 'PresenceArrived'
  /** A JID, normalised. */
  readonly from: string
  /** A JID, normalised. */
  readonly to: string
  readonly presence: Outgoing
  /** What its sender is told the fate of: what came over a link, or what a user here sent. Nobody is told otherwise. */
  readonly original?: Element
}

/** A well-formed iq came for the account, one of its sessions, or a domain. */
export interface IqArrived {
  readonly _tag: 'IqArrived'
  /** The bare JID of who asks, and the resource, which may be empty. */
  readonly from: Asker
  readonly to: Jid
  readonly iq: Outgoing
}

/** Who sent an iq. */
export interface Asker {
  readonly account: AccountId
  readonly resource: Resource
}

/** Somebody here, or this account itself, announces its presence. */
export type PresenceShown = Omit<ShowPresence, '_tag'> & { readonly _tag: 'PresenceShown' }

/** A session here that has just become available wants to know the presence of this account. */
export interface PresenceAsked {
  readonly _tag: 'PresenceAsked'
  readonly viewer: string
}

/** An answer came for this session. */
export interface AnswerArrived {
  readonly _tag: 'AnswerArrived'
  readonly resource: Resource
  readonly reply: Element
}

/** What was to be delivered was taken, and that was asked for. */
export interface DeliveryTaken {
  readonly _tag: 'DeliveryTaken'
  readonly delivery: Deliver
  readonly resource: Resource
}

/** The link does not take it; without a `refusal` it was not even tried, since the state is to be told later. */
export interface DeliveryRefused {
  readonly _tag: 'DeliveryRefused'
  readonly delivery: Deliver | DeliverState | SendToRemote
  readonly refusal?: Refusal
}

/** A session is over; `stopped`: as all sessions are, and nobody is left to be told. */
export interface SessionEnded {
  readonly _tag: 'SessionEnded'
  readonly resource: Resource
  readonly isStopped: boolean
}

/** A session did not take a stanza, and its sender is to be told; for a stanza that was to be stored the resource is empty. */
export interface StanzaReturned {
  readonly _tag: 'StanzaReturned'
  readonly resource: Resource
  readonly stanza: Stanza
  readonly facts: StanzaFacts
}

/** A session did not take a stanza, and it goes where it goes without that session. */
export interface StanzaLeft {
  readonly _tag: 'StanzaLeft'
  readonly stanza: Stanza
  readonly facts: StanzaFacts
  readonly submittedAt: Instant
}

/** The next page of the stored messages, which is empty if there are none. */
export interface StoredRead {
  readonly _tag: 'StoredRead'
  readonly page: ReadonlyArray<OfflineMessage<Stanza>>
  /** No other message is on its way to the store. */
  readonly isAll: boolean
}

/** A link gave up a stanza of this account, and its sender is told. */
export interface LinkReturned {
  readonly _tag: 'LinkReturned'
  readonly stanza: Outgoing
  readonly condition: UnreachableReason
}

/** A link gave up a stanza of this account, and it is routed once more. */
export interface LinkGaveUp {
  readonly _tag: 'LinkGaveUp'
  readonly stanza: Outgoing
  readonly submittedAt: Instant
}

/** The contact may not know this of the account; it is told anew. */
export interface StateLost {
  readonly _tag: 'StateLost'
  readonly contact: string
  readonly change: StaleChange
}

/** The link to the contact's server stands: it can be told the state anew. */
export interface LinkEstablished {
  readonly _tag: 'LinkEstablished'
  readonly contact: string
}

/** The link did not take all of the state. */
export interface StateRefused {
  readonly _tag: 'StateRefused'
  readonly stale: Stale
}

/** The user took the contact out of the roster, and it was told so. */
export interface ContactRemoved {
  readonly _tag: 'ContactRemoved'
  readonly contact: string
}

/** The account is removed: its contacts are to know that it is over. */
export interface AccountRemoved {
  readonly _tag: 'AccountRemoved'
}

export type ImEvent =
  | AccountRemoved
  | AnswerArrived
  | ContactRemoved
  | DeliveryRefused
  | DeliveryTaken
  | IqArrived
  | LinkEstablished
  | LinkGaveUp
  | LinkReturned
  | MessageArrived
  | PresenceArrived
  | PresenceAsked
  | PresenceShown
  | SessionEnded
  | StanzaLeft
  | StanzaReturned
  | StanzaSent
  | StateLost
  | StateRefused
  | StoredRead
