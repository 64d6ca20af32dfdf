/**
 * What a step may ask about the world around the account, as that is when the event comes. Read only. What it can be asked is
 * asked of the view itself (`view.hasSession(resource)`), never taken off it.
 */
import type { Jid } from '@smacks/codec'
import type { Instant, Resource } from '@smacks/core'
import type { LinkState } from './link-state.js'
import type { Outgoing, Refusal } from './outgoing.js'

export interface View {
  readonly now: Instant
  /** The served domains. */
  readonly domains: Pick<ReadonlySet<string>, 'has'>
  /** Other servers can be reached. */
  readonly isFederated: boolean
  /** Messages are stored for those who are not there (XEP-0160). */
  readonly storesOffline: boolean
  /** More is stored than an operator wants: nothing that is not stored yet may be. */
  readonly isDataFull: boolean
  /** The server's version, as `jabber:iq:version` tells it (XEP-0092). */
  readonly version: string
  /** Bytes for the contacts of one user. */
  readonly contactBytes: number
  /** Whether there is such an account; asked with normalised bare JIDs of served domains. */
  readonly accountExists: (jid: string) => boolean
  /** True while this account has a session of this resource, in whatever phase. */
  readonly hasSession: (resource: Resource) => boolean
  /** What an address states, normalised; nothing if it is none. */
  readonly addressIn: (text: string) => Jid | undefined
  /** How the link to the server of this contact stands. */
  readonly linkTo: (contact: string) => LinkState | undefined
  /** Why a message cannot be stored for this account; nothing if there is room. */
  readonly refusalToStore: (message: Outgoing) => Refusal | undefined
  /** Whether an address on the contact's server that is nobody's contact can be remembered to be stale. */
  readonly hasRoomForStranger: (contact: string) => boolean
}
