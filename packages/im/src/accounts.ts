/** The states of all accounts of which something is known, and who of their contacts is stale over which link. */
import type { AccountId } from '@smacks/runtime'
import type { SessionPresence } from './presence/session-presence.js'
import { withPresence } from './presence/sessions.js'
import { type LinkKey, linkKey } from './remote/link-key.js'
import { withStale } from './remote/stale.js'
import { noStaleContacts, type Stale } from './remote/stale-contacts.js'
import type { RosterStore } from './roster/store.js'
import type { ImAccount } from './state.js'

export interface StaleContact {
  readonly account: AccountId
  readonly contact: string
}

export interface Accounts {
  readonly read: (account: AccountId) => ImAccount
  /**
   * The account is as a step left it. The result is to be called when what the step writes is part of the batch; until that is
   * durable its roster stays in memory.
   */
  readonly replace: (before: ImAccount, after: ImAccount) => () => void
  /** The same without its roster, which costs nothing to know. */
  readonly peek: (account: AccountId) => Held
  /** The accounts of which sessions are known. */
  readonly withSessions: () => ReadonlyArray<AccountId>
  /** Stored messages are about to be delivered; false if they are already. */
  readonly beginDelivery: (account: AccountId) => boolean
  /** What was written down of a session, after a restart. */
  readonly recoverPresence: (account: AccountId, presence: SessionPresence) => void
  /** What was written down of a contact, after a restart. */
  readonly recoverStale: (account: AccountId, stale: Stale) => void
  /** Nothing is known of the account any more. */
  readonly forget: (account: AccountId) => void
  /** By link, in the order in which they were found to be stale. */
  readonly staleOver: ReadonlyMap<LinkKey, ReadonlyMap<string, StaleContact>>
  /** The contact's server is known not to know something. */
  readonly noteStale: (stale: StaleContact) => void
  readonly noteTold: (stale: StaleContact) => void
}

/** What is in memory of an account for as long as there is something to know. */
export type Held = Pick<ImAccount, 'isDeliveringStored' | 'sessions' | 'stale'>

const nothingWritten = (): void => {}

const nothingHeld: Held = { sessions: [], stale: noStaleContacts, isDeliveringStored: false }

export const createAccounts = (rosters: RosterStore): Accounts => {
  const held = new Map<AccountId, Held>()
  const staleOver = new Map<LinkKey, Map<string, StaleContact>>()

  const peek = (account: AccountId): Held => held.get(account) ?? nothingHeld

  const hold = (account: AccountId, { sessions, stale, isDeliveringStored }: Held): void => {
    if (sessions.length === 0 && stale.byContact.size === 0 && !isDeliveringStored) held.delete(account)
    else held.set(account, { sessions, stale, isDeliveringStored })
  }

  const noteStale = (stale: StaleContact): void => {
    const key = linkKey(stale.account, stale.contact)
    const contacts = staleOver.get(key) ?? new Map<string, StaleContact>()
    staleOver.set(key, contacts.set(nameOf(stale), stale))
  }

  const noteTold = (stale: StaleContact): void => {
    const key = linkKey(stale.account, stale.contact)
    const contacts = staleOver.get(key)
    contacts?.delete(nameOf(stale))
    if (contacts?.size === 0) staleOver.delete(key)
  }

  return {
    read: jid => {
      const { sessions, stale, isDeliveringStored } = peek(jid)
      return { jid, roster: rosters.read(jid), sessions, stale, isDeliveringStored }
    },
    replace: (before, after) => {
      // Most steps change nothing.
      if (after === before) return nothingWritten
      hold(after.jid, after)
      return after.roster === before.roster ? nothingWritten : rosters.replace(after.jid, after.roster)
    },
    peek,
    withSessions: () => [...held].flatMap(([account, { sessions }]) => (sessions.length > 0 ? [account] : [])),
    beginDelivery: account => {
      const before = peek(account)
      hold(account, { ...before, isDeliveringStored: true })
      return !before.isDeliveringStored
    },
    recoverPresence: (account, presence) => {
      const before = peek(account)
      hold(account, { ...before, sessions: withPresence(before.sessions, presence) })
    },
    recoverStale: (account, stale) => {
      const before = peek(account)
      hold(account, { ...before, stale: withStale(before.stale, stale) })
      noteStale({ account, contact: stale.contact })
    },
    forget: account => {
      for (const contact of peek(account).stale.byContact.keys()) noteTold({ account, contact })
      held.delete(account)
      rosters.forget(account)
    },
    staleOver,
    noteStale,
    noteTold,
  }
}

const nameOf = ({ account, contact }: StaleContact): string => `${account}\n${contact}`
