/**
 * Unacked stanzas in storage. A connected session has at most its share of them in memory, a hibernating one none: the
 * rest is *kept* in storage, under the numbers that the stanzas have on the wire, and only counted here. So nothing has to
 * be dropped, and memory stays bounded.
 *
 * Most steps need only the counts. For the others (`needsWhole`) the loop brings the stanzas back first (`recall`) and
 * lets them go afterwards (`release`).
 */
import type { Config } from '../config.js'
import { advance, type Counter } from '../counter.js'
import type { Effect } from '../effect.js'
import type { Event } from '../event.js'
import { bringBack, putAway, toArray } from '../queue.js'
import { acknowledge } from '../session/outbound.js'
import { type Account, type Outbound, type Session, sessionOf, type Unacked } from '../state.js'
import type { AccountStep } from './end.js'
import { exceeds } from './limits.js'
import { resumable } from './resume.js'

/** Reads what is kept: `count` stanzas, the first of them with the number `from`. */
export type ReadKept<A> = (resource: string, from: Counter, count: number) => ReadonlyArray<Unacked<A>>

// In a step

/** The step, with what it means for storage: what is acked or settled is forgotten, what is too much is kept. */
export const settleKept = <A>(config: Config, before: Account<A>, [after, effects]: AccountStep<A>): AccountStep<A> => {
  // Most steps touch nothing that is kept, and this is done for each of them.
  if (after === before || !(before.sessions.some(keepsSome) || hasBeyondShare(config, after))) return [after, effects]
  const stored: Array<Effect<A>> = []
  for (const session of before.sessions) forget(session, sessionOf(after, session.resource), stored)
  const sessions = after.sessions.map(session => keepBeyondShare(config, session, stored))
  return stored.length === 0 ? [after, effects] : [{ ...after, sessions }, [...effects, ...stored]]
}

/** Of a session that is over, or counts no more, nothing is kept. */
const forget = <A>(before: Session<A>, after: Session<A> | undefined, stored: Array<Effect<A>>): void => {
  if (!('outbound' in before) || before.outbound.kept === 0) return
  const { acked, kept } = before.outbound
  const left = after !== undefined && 'outbound' in after ? after.outbound.kept : 0
  if (left === kept) return
  stored.push({ _tag: 'ForgetKept', resource: before.resource, from: advance(acked, 1), count: kept - left })
}

const keepBeyondShare = <A>(config: Config, session: Session<A>, stored: Array<Effect<A>>): Session<A> => {
  if (session._tag === 'Unmanaged') return session
  const { resource, outbound } = session
  const { acked, kept, unacked } = outbound
  const share = shareOf(config, session)
  if (unacked.length - kept <= share) return session
  // Of a connected session a good deal at a time: its peer may be about to ack.
  const all = unacked.length - Math.floor(share / 2)
  const values = toArray(unacked).slice(kept - unacked.away, all - unacked.away)
  stored.push({ _tag: 'KeepUnacked', resource, from: advance(acked, kept + 1), unacked: values })
  return { ...session, outbound: { ...outbound, kept: all, unacked: putAway(unacked, all) } }
}

/** How many unacked stanzas a session may have in memory: none while nobody may be there to take them for long. */
const shareOf = <A>(config: Config, { _tag }: Session<A>): number => {
  if (!config.queueStorage) return Number.POSITIVE_INFINITY
  return _tag === 'Active' || _tag === 'Connecting' || _tag === 'Enabling' ? config.maxQueueSize : 0
}

const hasBeyondShare = <A>(config: Config, { sessions }: Account<A>): boolean => {
  for (const session of sessions) {
    if (session._tag === 'Unmanaged') continue
    const { kept, unacked } = session.outbound
    if (unacked.length - kept > shareOf(config, session)) return true
  }
  return false
}

// Around a step

/** True if the step may depend on the contents of what is kept, and not only on their number. */
export const needsWhole = <A>(config: Config, account: Account<A>, event: Event<A>): boolean => {
  switch (event._tag) {
    case 'ArchiveQueried':
    case 'ClientActive':
    case 'ClientInactive':
    case 'ClockStepped':
    case 'ConnectionDrained':
    case 'ConnectionWanted':
    case 'EnableReceived':
    case 'EnabledReceived':
    case 'IqAnswered':
    case 'RequestReceived':
    case 'ResumeRequested':
    case 'StanzaReceived':
      return false
    case 'EnableRequested':
      return keptBy(sessionOf(account, event.resource)) !== undefined
    case 'StanzaSubmitted':
      return isFull(config, keptBy(sessionOf(account, event.resource)))
    case 'MessageSubmitted':
      return event.recipients.some(({ resource }) => isFull(config, keptBy(sessionOf(account, resource))))
    case 'AckReceived': {
      const outbound = keptBy(sessionOf(account, event.resource))
      return outbound !== undefined && acknowledge(outbound, event.h)._tag !== 'Accepted'
    }
    case 'ResumeReceived':
      return keptBy(resumable(account, event.previd)?.[0]) !== undefined
    // What hibernates goes on hibernating, unless there are too many then.
    case 'ServerRestarted': {
      const mayEnd = exceeds(config, account, account.sessions.length)
      return account.sessions.some(session => (mayEnd || !outlives(session)) && keptBy(session) !== undefined)
    }
    case 'ConfigChanged': {
      const hibernating = account.sessions.filter(({ _tag }) => _tag === 'Hibernating').length
      return (
        (!event.config.queueStorage || exceeds(event.config, account, hibernating)) && account.sessions.some(keepsSome)
      )
    }
    default:
      return account.sessions.some(session => keptBy(session) !== undefined)
  }
}

/** One stanza more ends the session. */
const isFull = <A>(config: Config, outbound: Outbound<A> | undefined): boolean =>
  outbound !== undefined && outbound.unacked.length >= config.queueCeiling

/** True if a restart changes nothing about what waits in it. */
const outlives = <A>({ _tag }: Session<A>): boolean =>
  _tag === 'Connecting' || _tag === 'Hibernating' || _tag === 'Resuming'

const keepsSome = <A>(session: Session<A>): boolean => 'outbound' in session && session.outbound.kept > 0

const keptBy = <A>(session: Session<A> | undefined): Outbound<A> | undefined =>
  session !== undefined && 'outbound' in session && session.outbound.kept > 0 ? session.outbound : undefined

/** The account with all that is kept back in memory, for one step. */
export const recall = <A>(account: Account<A>, read: ReadKept<A>): Account<A> =>
  withOutbounds(account, (resource, outbound) => {
    const { acked, unacked } = outbound
    if (unacked.away === 0) return outbound
    return { ...outbound, unacked: bringBack(unacked, read(resource, advance(acked, 1), unacked.away)) }
  })

/** The account with all that is kept out of memory again. */
export const release = <A>(account: Account<A>): Account<A> =>
  account.sessions.some(isRecalled)
    ? withOutbounds(account, (_, outbound) => ({ ...outbound, unacked: putAway(outbound.unacked, outbound.kept) }))
    : account

/**
 * The account with as many stanzas out of memory as are kept, where nobody wrote down how many that are. `count` tells how
 * many are in storage: those from the number `from` on, without a gap, `most` of them at most.
 */
export const recount = <A>(
  account: Account<A>,
  count: (resource: string, from: Counter, most: number) => number,
): Account<A> =>
  withOutbounds(account, (resource, outbound) => {
    const { acked, unacked } = outbound
    const kept = Math.max(unacked.away, count(resource, advance(acked, 1), unacked.length))
    return kept === outbound.kept ? outbound : { acked, kept, unacked: putAway(unacked, kept) }
  })

const isRecalled = <A>(session: Session<A>): boolean =>
  'outbound' in session && session.outbound.unacked.away !== session.outbound.kept

const withOutbounds = <A>(
  account: Account<A>,
  change: (resource: string, outbound: Outbound<A>) => Outbound<A>,
): Account<A> => {
  const sessions = account.sessions.map(session => {
    if (!('outbound' in session)) return session
    const outbound = change(session.resource, session.outbound)
    return outbound === session.outbound ? session : { ...session, outbound }
  })
  return sessions.every((session, index) => session === account.sessions[index]) ? account : { ...account, sessions }
}
