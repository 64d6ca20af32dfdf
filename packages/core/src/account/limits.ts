/**
 * The limits of an account: how many sessions may hibernate, how many stanzas and bytes may wait in one, how many bytes in all
 * of them, how many old sessions are kept. They hold after every event, whatever it was: what is beyond them ends as it would
 * have at any other time.
 */

import type { Config } from '../config.js'
import type { Effect } from '../effect.js'
import type { Instant } from '../ids.js'
import { isAboveCeiling, tooMuchUnacked } from '../session/ceiling.js'
import { closeStream } from '../session/closing.js'
import { continues, type Ended, ends, type Outcome } from '../session/outcome.js'
import { unackedBytes } from '../session/sizes.js'
import { type Account, type Counting, connectionOf, type Hibernating, type Session, sessionOf } from '../state.js'
import type { AccountStep } from './account-step.js'
import { concludeAll } from './conclude-all.js'
import { endSession } from './end.js'

/** The step, and what ends because it left the account beyond a limit. */
export const enforceLimits = <A>(config: Config, at: Instant, made: AccountStep<A>): AccountStep<A> => {
  const [account, effects] = made
  if (isWithinLimits(config, account)) return made
  const [withoutLong, refused] = endAboveCeiling(config, account, at)
  const [within, evicted] = evict(config, withoutLong, beyondLimit(config, withoutLong), at)
  const [small, lightened] = endBeyondBytes(config, within, at)
  const [trimmed, forgotten] = trimOldSessions(config, small)
  return [trimmed, [...unlessOver(within, small, effects), ...refused, ...evicted, ...lightened, ...forgotten]]
}

/** True if nothing of the account is beyond a limit: looked at after each step, so without a list or a function for each session. */
const isWithinLimits = <A>(config: Config, { sessions, oldSessions }: Account<A>): boolean => {
  if (oldSessions.length > config.maxOldSessions) return false
  let [hibernating, bytes] = [0, 0]
  for (const session of sessions) {
    if (session._tag === 'Unmanaged') continue
    if (isAboveCeiling(config, session.outbound)) return false
    if (session._tag === 'Hibernating') hibernating += 1
    bytes += unackedBytes(session.outbound)
  }
  return hibernating <= config.maxHibernatingSessions && bytes <= config.maxAccountQueueBytes
}

/**
 * Without what was to be sent in sessions that are over now, and what was to be told of it: that has its disposition, with all else
 * in their queues.
 */
const unlessOver = <A>(
  before: Account<A>,
  after: Account<A>,
  effects: ReadonlyArray<Effect<A>>,
): ReadonlyArray<Effect<A>> => {
  if (after === before) return effects
  const over = before.sessions.filter(({ resource }) => sessionOf(after, resource) === undefined)
  return effects.filter(effect => {
    switch (effect._tag) {
      case 'SendStanza':
        return over.every(session => connectionOf(session) !== effect.connection)
      case 'SendNonza':
        return effect.nonza._tag !== 'Request' || over.every(session => connectionOf(session) !== effect.connection)
      case 'Notify':
        return (
          effect.notice._tag !== 'HibernationStanzaQueued' || over.every(({ resource }) => resource !== effect.resource)
        )
      default:
        return true
    }
  })
}

/** One hibernating session too many ends the one that hibernates longest. So reducer 1 had it. */
export const evictOne = <A>(config: Config, at: Instant, [account, effects]: AccountStep<A>): AccountStep<A> => {
  const [evicted, evicting] = evict(config, account, beyondLimit(config, account).slice(0, 1), at)
  return [evicted, [...effects, ...evicting]]
}

/** Bytes of all that is unacked in the sessions of an account, as far as they were told. */
export const queuedBytes = <A>({ sessions }: Pick<Account<A>, 'sessions'>): number => {
  let bytes = 0
  for (const session of sessions) bytes += bytesIn(session)
  return bytes
}

const bytesIn = <A>(session: Session<A>): number => ('outbound' in session ? unackedBytes(session.outbound) : 0)

const endAboveCeiling = <A>(config: Config, account: Account<A>, at: Instant): AccountStep<A> =>
  account.sessions.some(session => 'outbound' in session && isAboveCeiling(config, session.outbound))
    ? concludeAll(config, account, at, session => withinCeiling(config, session))
    : [account, []]

const withinCeiling = <A>(config: Config, session: Session<A>): Outcome<A> => {
  return 'outbound' in session && isAboveCeiling(config, session.outbound)
    ? tooMuch(config, session)
    : continues(session)
}

const tooMuch = <A>(config: Config, session: Counting<A>): Ended<A> =>
  connectionOf(session) === undefined
    ? ends(session, 'evicted')
    : ends(session, 'refused', closeStream(session, tooMuchUnacked(config, session.outbound)))

/** The sessions that end, so that those that stay have no more bytes than an account may: as few as that takes, in this order. */
const endBeyondBytes = <A>(config: Config, account: Account<A>, at: Instant): AccountStep<A> => {
  let excess = queuedBytes(account) - config.maxAccountQueueBytes
  if (excess <= 0) return [account, []]
  const ending = new Map<Session<A>, Ended<A>>()
  for (const session of byDispensability(account)) {
    if (excess <= 0) break
    ending.set(session, tooMuch(config, session))
    excess -= bytesIn(session)
  }
  const [only, second] = ending.values()
  if (only !== undefined && second === undefined)
    return endSession(config, account, only.session, only.reason, at, only.effects)
  return concludeAll(config, account, at, session => ending.get(session) ?? continues(session))
}

/** Who waits longest is least likely to come back; of those who are connected, who has most acks least. */
const byDispensability = <A>({ sessions }: Account<A>): ReadonlyArray<Counting<A>> => {
  const queueing = sessions.filter(
    (session): session is Counting<A> => session._tag !== 'Unmanaged' && bytesIn(session) > 0,
  )
  const hibernating = queueing.filter((session): session is Hibernating<A> => session._tag === 'Hibernating')
  const others = queueing.filter(session => session._tag !== 'Hibernating')
  return [
    ...hibernating.sort((one, other) => one.since - other.since),
    ...others.sort((one, other) => bytesIn(other) - bytesIn(one)),
  ]
}

/** Those that hibernate longest, as many as there are too many. */
const beyondLimit = <A>(config: Config, { sessions }: Account<A>): ReadonlyArray<Hibernating<A>> => {
  const hibernating = sessions.filter((session): session is Hibernating<A> => session._tag === 'Hibernating')
  const excess = hibernating.length - config.maxHibernatingSessions
  return excess <= 0 ? [] : hibernating.sort((one, other) => one.since - other.since).slice(0, excess)
}

/** Those that are evicted together end together: none of them is there for what another leaves. */
const evict = <A>(
  config: Config,
  account: Account<A>,
  evicted: ReadonlyArray<Hibernating<A>>,
  at: Instant,
): AccountStep<A> => {
  const [first, second] = evicted
  if (first === undefined) return [account, []]
  if (second === undefined) return endSession(config, account, first, 'evicted', at, [])
  const isEvicted = new Set<Session<A>>(evicted)
  return concludeAll(config, account, at, session =>
    isEvicted.has(session) ? ends(session, 'evicted') : continues(session),
  )
}

/** Newest first, so the oldest go. */
const trimOldSessions = <A>(config: Config, account: Account<A>): AccountStep<A> => {
  const { maxOldSessions } = config
  const { oldSessions } = account
  if (oldSessions.length <= maxOldSessions) return [account, []]
  const forgotten = oldSessions.slice(maxOldSessions)
  return [
    { ...account, oldSessions: oldSessions.slice(0, maxOldSessions) },
    forgotten.map(({ smId }): Effect<A> => ({ _tag: 'ForgetOldSession', smId })),
  ]
}
