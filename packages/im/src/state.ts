/** What instant messaging knows of one account. Plain data; nothing in it refers to another account. */
import type { AccountId } from '@smacks/runtime'
import type { ImEffect } from './effect.js'
import type { SessionPresence } from './presence/session-presence.js'
import type { StaleContacts } from './remote/stale-contacts.js'
import type { Roster, RosterChange } from './roster/roster.js'

export interface ImAccount {
  /** Its bare JID, normalised. */
  readonly jid: AccountId
  /** Contacts, requests that wait, and the block list. */
  readonly roster: Roster
  /** The sessions of which something is known beyond stream management. */
  readonly sessions: ReadonlyArray<SessionPresence>
  /** The contacts on other servers who may not know the state of the account. */
  readonly stale: StaleContacts
  /** Stored messages are being delivered: new ones go behind these, so that none overtakes another. */
  readonly isDeliveringStored: boolean
}

/** The account after an event, and what is to be done, in this order. */
export interface ImStep {
  readonly account: ImAccount
  readonly effects: ReadonlyArray<ImEffect>
}

/** A part of a step. */
export type Transition = (account: ImAccount) => ImStep

/** Nothing changes, and this is to be done. */
export const unchanged = (account: ImAccount, effects: ReadonlyArray<ImEffect> = []): ImStep => ({ account, effects })

/** A part that only asks for effects. */
export const effects =
  (...asked: ReadonlyArray<ImEffect>): Transition =>
  account => ({ account, effects: asked })

/** A part that does nothing. */
export const nothing: Transition = account => ({ account, effects: [] })

/** One part after the other, each with the account as the one before left it. */
export const sequence = (account: ImAccount, ...parts: ReadonlyArray<Transition>): ImStep => {
  const asked: Array<ImEffect> = []
  let current = account
  for (const part of parts) {
    const { account: after, effects: more } = part(current)
    current = after
    for (const effect of more) asked.push(effect)
  }
  return { account: current, effects: asked }
}

/** A part that changes the roster. */
export const changeRoster =
  (change: (roster: Roster) => RosterChange): Transition =>
  account => {
    const { roster, records } = change(account.roster)
    return { account: roster === account.roster ? account : { ...account, roster }, effects: records }
  }
