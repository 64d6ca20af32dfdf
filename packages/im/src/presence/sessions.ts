import type { Resource } from '@smacks/core'
import type { ImAccount, Transition } from '../state.js'
import { encodePresence, presenceRecords } from './record.js'
import type { AvailableSession, SessionPresence } from './session-presence.js'

type Sessions = Pick<ImAccount, 'sessions'>

/** A session that was just bound. */
export const initial = (resource: Resource): SessionPresence => ({
  resource,
  directed: [],
  interested: false,
  interestedInBlocks: false,
})

/** What is known of one session. */
export const presenceOf = ({ sessions }: Sessions, resource: Resource): SessionPresence => {
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
  (resource: Resource): Transition =>
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
