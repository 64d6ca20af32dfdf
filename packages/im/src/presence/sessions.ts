/**
 * What is known of each session beyond stream management: its presence, whom it told, what it asked for.
 *
 * Plain data, so that it can be stored and come back with the session. A session of which nothing is known
 * (`initial`) has no entry, so an entry never outlives its session.
 */
import type { Instant, StanzaFacts } from '@smacks/core'
import type { ImAccount, Transition } from '../state.js'
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

/** A session of which something is known, and its presence. */
export interface AvailableSession extends SessionPresence {
  readonly available: Available
}

type Sessions = Pick<ImAccount, 'sessions'>

/** A session that was just bound. */
export const initial = (resource: string): SessionPresence => ({
  resource,
  directed: [],
  interested: false,
  interestedInBlocks: false,
})

/** What is known of one session. */
export const presenceOf = ({ sessions }: Sessions, resource: string): SessionPresence => {
  for (const one of sessions) if (one.resource === resource) return one
  return initial(resource)
}

/** Sets what is known of one session. What is written down already is not written again. */
export const setPresence =
  (presence: SessionPresence): Transition =>
  account => {
    const { resource: name } = presence
    const before = account.sessions.find(({ resource }) => resource === name)
    const text = encodePresence(presence)
    return {
      account: { ...account, sessions: withPresence(account.sessions, presence) },
      effects:
        before !== undefined && encodePresence(before) === text
          ? []
          : [{ _tag: 'PutRecord', kind: presenceRecords, name, text }],
    }
  }

/** The sessions with this one as it is now. */
export const withPresence = (
  sessions: ReadonlyArray<SessionPresence>,
  presence: SessionPresence,
): ReadonlyArray<SessionPresence> =>
  sessions.some(other => other.resource === presence.resource)
    ? sessions.map(other => (other.resource === presence.resource ? presence : other))
    : [...sessions, presence]

/** Forgets a session. */
export const forgetPresence =
  (resource: string): Transition =>
  account => {
    const others = account.sessions.filter(other => other.resource !== resource)
    return others.length === account.sessions.length
      ? { account, effects: [] }
      : {
          account: { ...account, sessions: others },
          effects: [{ _tag: 'DropRecord', kind: presenceRecords, name: resource }],
        }
  }

const isAvailable = (one: SessionPresence): one is AvailableSession => one.available !== undefined

/** The available sessions of an account, whatever their priority. */
export const availableOf = ({ sessions }: Sessions): ReadonlyArray<AvailableSession> => sessions.filter(isAvailable)

/** The sessions that learn what becomes of subscriptions (RFC 6121 §3): available ones, and those that asked for the roster. */
export const interestedOf = ({ sessions }: Sessions): ReadonlyArray<SessionPresence> =>
  sessions.filter(one => one.interested || one.available !== undefined)

/** The available sessions that take messages to the bare JID (RFC 6121 §8.5.2.1): of a priority that is not negative. */
export const nonNegativePriority = (account: Sessions): ReadonlyArray<AvailableSession> =>
  availableOf(account).filter(({ available }) => available.priority >= 0)

/** Of these, the ones with the highest priority. */
export const highestPriority = (sessions: ReadonlyArray<AvailableSession>): ReadonlyArray<AvailableSession> => {
  if (sessions.length < 2) return sessions
  const highest = Math.max(...sessions.map(({ available }) => available.priority))
  return sessions.filter(({ available }) => available.priority === highest)
}
