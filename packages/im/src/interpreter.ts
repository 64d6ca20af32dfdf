/** The domain: what is done with stanzas (RFC 6121), once stream management has counted them. */
import type { Stanza } from '@smacks/codec'
import type { Instant, StanzaFacts } from '@smacks/core'
import type { AccountId, Application } from '@smacks/runtime'
import { type Context, type DomainOptions, newContext } from './context.js'
import { mayStoreLeft } from './offline.js'
import { endPresence } from './presence/presence.js'
import { forgetPresence } from './presence/state.js'
import { goOn, recall } from './recovery.js'
import { receive } from './remote/receive.js'
import { resyncAfterLoss, resyncOver } from './remote/resync.js'
import { returnFromLink, sendAgain } from './remote/returned.js'
import { keyOf } from './remote/stale.js'
import type { UnreachableReason } from './remote/unreachable.js'
import { forgetAccount, leaveContacts } from './removed-account.js'
import { redeliver, returnToSender } from './returned.js'
import { route } from './route.js'

/** The application, and what it does about a restart. */
export interface Domain extends Required<Application<Stanza>> {
  /** Before the runtime recovers. */
  readonly recall: () => void
  /** After it did. */
  readonly goOn: () => void
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

export const createDomain = (options: DomainOptions): Domain => {
  const context: Context = newContext(options)
  return {
    recall: () => recall(context),
    goOn: () => goOn(context),
    leaveContacts: account => leaveContacts(context, account),
    forget: account => forgetAccount(context, account),
    receive: stanza => receive(context, stanza),
    returnFromLink: (stanza, facts, condition) => returnFromLink(context, stanza, facts, condition),
    linkEstablished: (here, there) => resyncOver(context, keyOf(here, there)),
    linkLost: (here, there, isBlind) => resyncAfterLoss(context, keyOf(here, there), isBlind),
    sendAgain: (stanza, facts, submittedAt) => sendAgain(context, stanza, facts, submittedAt),
    deliver: (account, resource, stanza) => route(context, account, resource, stanza),
    returnToSender: (account, resource, stanza, facts) => returnToSender(context, account, resource, stanza, facts),
    redeliver: (account, _resource, stanza, facts, submittedAt) =>
      redeliver(context, account, stanza, facts, submittedAt),
    mayStoreOffline: (account, stanza, facts) => mayStoreLeft(context, account, { stanza, facts }),
    changeRefused: account => context.rosters.forget(account),
    sessionEnded: (account, resource, reason) => {
      // When the process stops all sessions do, and nobody is left to be told.
      if (reason === 'stopped') forgetPresence(context.presences, account, resource)
      else endPresence(context, account, resource)
    },
  }
}
