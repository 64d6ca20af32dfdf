/**
 * What is known of each session beyond stream management: its presence, whom it told, what it asked for.
 *
 * Plain data, so that it can be stored and come back with the session. A session of which nothing is known
 * (`quiet`) has no entry, so an entry never outlives its session.
 */
import type { Instant, StanzaFacts } from '@smacks/core'
import type { AccountId, RecordChange } from '@smacks/runtime'
import { encodePresence, presenceRecords } from './record.js'

/** A presence stanza without `to`, to be addressed to many. */
export interface Announcement {
  /** The stanza's text; its first tag is `presence`. */
  readonly xml: string
  readonly facts: StanzaFacts
}

/** The presence that an available session broadcast last (RFC 6121 §4.2). */
export interface Available extends Announcement {
  /** From -128 to 127 (RFC 6121 §4.7.2.3). */
  readonly priority: number
}

export interface SessionPresence {
  readonly resource: string
  /** Absent before initial presence and after unavailable presence. */
  readonly available?: Available
  /** Who got directed presence from it, as normalised JIDs (RFC 6121 §4.6). */
  readonly directed: ReadonlyArray<string>
  /** It asked for the roster, so it gets roster pushes (RFC 6121 §2.1.6). */
  readonly interested: boolean
  /** It asked for the block list, so it gets block list pushes (XEP-0191 §3.3). */
  readonly interestedInBlocks: boolean
  /** When it enabled carbons, if they are enabled (XEP-0280 §4). */
  readonly carbonsSince?: Instant
}

/** All of them, by account, and where they are kept for a restart: with the batch of the turn. */
export interface Presences {
  readonly byAccount: Map<AccountId, ReadonlyArray<SessionPresence>>
  readonly keep: (change: RecordChange) => void
}

const nobody: ReadonlyArray<SessionPresence> = []

/** A session that was just bound. */
export const quiet = (resource: string): SessionPresence => ({
  resource,
  directed: [],
  interested: false,
  interestedInBlocks: false,
})

/** The sessions of an account of which something is known. */
export const presencesOf = (presences: Presences, account: AccountId): ReadonlyArray<SessionPresence> =>
  presences.byAccount.get(account) ?? nobody

/** What is known of one session. */
export const presenceOf = (presences: Presences, account: AccountId, resource: string): SessionPresence => {
  for (const one of presencesOf(presences, account)) if (one.resource === resource) return one
  return quiet(resource)
}

/** Sets what is known of one session. What is written down already is not written again. */
export const setPresence = (presences: Presences, account: AccountId, presence: SessionPresence): void => {
  const { resource: name } = presence
  const before = presencesOf(presences, account).find(({ resource }) => resource === name)
  recallPresence(presences, account, presence)
  const text = encodePresence(presence)
  if (before !== undefined && encodePresence(before) === text) return
  presences.keep({ _tag: 'PutRecord', kind: presenceRecords, account, name, text })
}

/** Takes back what was kept of a session. */
export const recallPresence = (presences: Presences, account: AccountId, presence: SessionPresence): void => {
  const others = presencesOf(presences, account)
  const known = others.some(other => other.resource === presence.resource)
  presences.byAccount.set(
    account,
    !known ? [...others, presence] : others.map(other => (other.resource === presence.resource ? presence : other)),
  )
}

/** Forgets a session. */
export const forgetPresence = (presences: Presences, account: AccountId, resource: string): void => {
  const all = presencesOf(presences, account)
  const others = all.filter(other => other.resource !== resource)
  if (others.length === all.length) return
  if (others.length === 0) presences.byAccount.delete(account)
  else presences.byAccount.set(account, others)
  presences.keep({ _tag: 'DropRecord', kind: presenceRecords, account, name: resource })
}

/** The available sessions of an account, whatever their priority. */
export const availableOf = (presences: Presences, account: AccountId): ReadonlyArray<SessionPresence> =>
  presencesOf(presences, account).filter(one => one.available !== undefined)

/** The sessions that learn what becomes of subscriptions (RFC 6121 §3): available ones, and those that asked for the roster. */
export const attentiveOf = (presences: Presences, account: AccountId): ReadonlyArray<SessionPresence> =>
  presencesOf(presences, account).filter(one => one.interested || one.available !== undefined)

/** The available sessions that take messages to the bare JID (RFC 6121 §8.5.2.1): of a priority that is not negative. */
export const receptiveOf = (presences: Presences, account: AccountId): ReadonlyArray<SessionPresence> =>
  presencesOf(presences, account).filter(one => one.available !== undefined && one.available.priority >= 0)

/** Of these, the ones with the highest priority. */
export const mostAvailable = (receptive: ReadonlyArray<SessionPresence>): ReadonlyArray<SessionPresence> => {
  if (receptive.length < 2) return receptive
  let highest = -1
  for (const { available } of receptive) highest = Math.max(highest, available?.priority ?? -1)
  return receptive.filter(({ available }) => available?.priority === highest)
}
