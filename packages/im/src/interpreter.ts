/** Instant messaging: what is done with stanzas (RFC 6121), once stream management has counted them. */
import { bareOf, type Stanza } from '@smacks/codec'
import type { Instant, StanzaFacts } from '@smacks/core'
import type { AccountId, Application } from '@smacks/runtime'
import { createContext } from './context.js'
import { mayStoreLeft } from './offline-room.js'
import { handle, perform } from './perform.js'
import type { InstantMessagingOptions } from './ports.js'
import { recoveryOf } from './recovery.js'
import { keyOf } from './remote/link-key.js'
import { receive } from './remote/receive.js'
import { resyncAfterLoss, resyncOver } from './remote/resync.js'
import type { UnreachableReason } from './remote/unreachable.js'
import { forgetAccount } from './removed-account.js'

/** The application, with what accounts and links need of it besides. */
export interface InstantMessaging extends Required<Application<Stanza>> {
  /** The account is removed: its contacts are told that it is over. After its sessions have ended. */
  readonly leaveContacts: (account: AccountId) => void
  /** Forgets all that is kept of a removed account, in this turn. Its changes before this one have to be durable. */
  readonly forget: (account: AccountId) => void
  /**
   * A stanza came from another server. Its `from` is of the domain that the link authenticated, its `to` of the one that
   * is served here and that the link is for; anything else is dropped.
   */
  readonly receive: (stanza: Stanza) => void
  /** A stanza that was given to `Remotes` did not get there: its sender is told, with this condition. */
  readonly returnFromLink: (stanza: Stanza, facts: StanzaFacts, condition: UnreachableReason) => void
  /** The link between the two domains stands, and takes stanzas from here. */
  readonly linkEstablished: (here: string, there: string) => void
  /**
   * A link between the two domains, in either direction, is gone, and what was on its way may be lost. What we lost comes
   * back (`returnFromLink`), but where it `isBlind`, without stream management, nobody knows what it was.
   */
  readonly linkLost: (here: string, there: string, isBlind: boolean) => void
  /** It did not, and is routed again as configured (`s2sResend`). */
  readonly sendAgain: (stanza: Stanza, facts: StanzaFacts, submittedAt: Instant) => void
}

export const createInstantMessaging = (options: InstantMessagingOptions): InstantMessaging => {
  const context = createContext(options, { handle, perform })
  return {
    recovery: recoveryOf(context),
    leaveContacts: account => void handle(context, account, { _tag: 'AccountRemoved' }),
    forget: account => forgetAccount(context, account),
    receive: stanza => receive(context, stanza),
    returnFromLink: (stanza, facts, condition) =>
      void handle(context, senderOf(facts), { _tag: 'LinkReturned', stanza: { stanza, facts }, condition }),
    linkEstablished: (here, there) => resyncOver(context, keyOf(here, there)),
    linkLost: (here, there, isBlind) => resyncAfterLoss(context, keyOf(here, there), isBlind),
    sendAgain: (stanza, facts, submittedAt) =>
      void handle(context, senderOf(facts), { _tag: 'LinkGaveUp', stanza: { stanza, facts }, submittedAt }),
    deliver: (account, resource, stanza) => void handle(context, account, { _tag: 'StanzaSent', resource, stanza }),
    returnToSender: (account, resource, stanza, facts) =>
      void handle(context, account, { _tag: 'StanzaReturned', resource, stanza, facts }),
    redeliver: (account, _resource, stanza, facts, submittedAt) =>
      void handle(context, account, { _tag: 'StanzaLeft', stanza, facts, submittedAt }),
    mayStoreOffline: (account, stanza, facts) => mayStoreLeft(context, account, { stanza, facts }),
    changeRefused: account => options.rosters.forget(account),
    // When the process stops all sessions do, and nobody is left to be told.
    sessionEnded: (account, resource, reason) =>
      void handle(context, account, { _tag: 'SessionEnded', resource, isStopped: reason === 'stopped' }),
  }
}

/** The account here whose stanza it was. */
const senderOf = ({ from = '' }: StanzaFacts): AccountId => bareOf(from)
