/**
 * What a step needs of stanzas that are kept in storage. Most steps need only their number, a resumption needs a page of
 * what is sent again, the end of a session needs all. The loop loads that first (`loadFor`), and unloads it after the step.
 */
import type { Config } from '../config.js'
import { advance, type Counter, distance } from '../counter.js'
import type { Event, Recipient, ResumedReceived, ResumeReceived } from '../event.js'
import { bringBack, lend, putAway, slice, takeBack } from '../queue.js'
import { firstPosition, positionsOf } from '../session/layout.js'
import { acknowledge, unsentCount } from '../session/outbound.js'
import { pageLength } from '../session/resend.js'
import { unackedBytes } from '../session/sizes.js'
import { supersede } from '../session/superseding.js'
import {
  type Account,
  type Outbound,
  type Resuming,
  type Session,
  sessionOf,
  type Unacked,
  type Unmanaged,
} from '../state.js'
import { keptPositions } from './keeping.js'
import { exceeds, queuedBytes } from './limits.js'
import { resumable } from './resume.js'

/** Reads what is kept: `count` stanzas, the first of them at the position `from`. */
export type ReadKept<A> = (resource: string, from: Counter, count: number) => ReadonlyArray<Unacked<A>>

/** The account with whatever the step of this event needs of what is kept, for that step. */
export const loadFor = <A>(config: Config, account: Account<A>, event: Event<A>, read: ReadKept<A>): Account<A> => {
  if (needsWhole(config, account, event)) return recall(account, read)
  const page = pageFor(config, account, event)
  return page === undefined ? account : withPage(account, page, read)
}

// A page

/** What the step of an event sends again: so many unacked stanzas, the first of them at this index. */
export interface Page<A> {
  readonly resource: string
  readonly outbound: Outbound<A>
  readonly index: number
  readonly count: number
}

/** The page that the event's step writes, with as many stanzas as the event says that there is room for. */
export const pageFor = <A>(config: Config, account: Account<A>, event: Event<A>): Page<A> | undefined => {
  switch (event._tag) {
    case 'ResumeReceived':
      return firstPage(config, resumable(account, event.previd)?.[0], event)
    case 'ResumedReceived': {
      const session = sessionOf(account, event.resource)
      return session?._tag === 'Resuming' ? firstPage(config, session, event) : undefined
    }
    case 'ConnectionDrained': {
      const session = sessionOf(account, event.resource)
      if (session?._tag !== 'Active' || session.connection !== event.connection || session.unwritten === 0)
        return undefined
      const { outbound, resource, unwritten } = session
      return {
        resource,
        outbound,
        index: outbound.unacked.length - unwritten,
        count: pageLength(unwritten, event.room),
      }
    }
    default:
      return undefined
  }
}

const firstPage = <A>(
  config: Config,
  session: Session<A> | undefined,
  { h, room }: ResumedReceived | ResumeReceived,
): Page<A> | undefined => {
  if (session === undefined || session._tag === 'Unmanaged') return undefined
  const { outbound, resource } = session
  const judgement = acknowledge(outbound, h, unsentCount(config, outbound))
  if (judgement._tag !== 'Accepted') return undefined
  const { length } = judgement.outbound.unacked
  return length === 0 || (session._tag !== 'Resuming' && length > config.maxQueueSize)
    ? undefined
    : { resource, outbound, index: distance(outbound.acked, h), count: pageLength(length, room) }
}

/** The stanzas of a page, one after the other, each read as it is asked for. */
export function* readPage<A>(
  { resource, outbound, index, count }: Page<A>,
  read: ReadKept<A>,
): Generator<Unacked<A>, void, undefined> {
  const { kept, unacked } = outbound
  const ofStorage = Math.min(count, Math.max(0, kept - index))
  for (const { from, count: most } of positionsOf(outbound, index, ofStorage))
    for (let offset = 0; offset < most; offset += 1) yield* read(resource, advance(from, offset), 1)
  yield* slice(unacked, index + ofStorage, index + count)
}

const withPage = <A>(account: Account<A>, { resource, index, count }: Page<A>, read: ReadKept<A>): Account<A> =>
  withOutbounds(account, session => {
    const { outbound } = session
    const missing = Math.min(count, outbound.unacked.away - index)
    if (session.resource !== resource || missing <= 0) return outbound
    const values = positionsOf(outbound, index, missing).flatMap(one => read(resource, one.from, one.count))
    return { ...outbound, unacked: lend(outbound.unacked, { index, values }) }
  })

// All

/** True if the step may depend on the contents of all that is kept, and not only on their number or on those of a page. */
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
    case 'ResumeReceived':
    case 'ResumeRequested':
    case 'StanzaReceived':
      return false
    case 'EnableRequested':
      return keptBy(sessionOf(account, event.resource)) !== undefined
    case 'StanzaSubmitted':
      return mayEnd(config, account, [event])
    case 'MessageSubmitted':
      return mayEnd(config, account, event.recipients)
    case 'AckReceived': {
      const session = sessionOf(account, event.resource)
      const outbound = keptBy(session)
      const unwritten = session?._tag === 'Active' ? session.unwritten : 0
      return outbound !== undefined && acknowledge(outbound, event.h, unwritten)._tag !== 'Accepted'
    }
    // What answers nonsense is given up.
    case 'ResumedReceived': {
      const session = sessionOf(account, event.resource)
      return session?._tag === 'Resuming' && keptBy(session) !== undefined && !answersRightly(config, session, event)
    }
    // What hibernates goes on hibernating, unless there are too many then.
    case 'ServerRestarted': {
      const mayEnd = exceeds(config, account, account.sessions.length)
      return account.sessions.some(session => (mayEnd || !outlives(session)) && keptBy(session) !== undefined)
    }
    case 'ConfigChanged': {
      const hibernating = account.sessions.filter(({ _tag }) => _tag === 'Hibernating').length
      return (
        (!event.config.queueStorage || exceeds(event.config, account, hibernating)) &&
        account.sessions.some(session => keptBy(session) !== undefined)
      )
    }
    default:
      return account.sessions.some(session => keptBy(session) !== undefined)
  }
}

const answersRightly = <A>(config: Config, { outbound, resumption }: Resuming<A>, event: ResumedReceived): boolean =>
  event.previd === resumption.smId && acknowledge(outbound, event.h, unsentCount(config, outbound))._tag === 'Accepted'

/** With these stanzas more, of which each session gets one at most, some session ends. */
const mayEnd = <A>(config: Config, account: Account<A>, submitted: ReadonlyArray<Submission<A>>): boolean => {
  if (account.sessions.every(session => keptBy(session) === undefined)) return false
  let bytes = queuedBytes(account)
  for (const submission of submitted) {
    const outbound = queueFor(sessionOf(account, submission.resource), submission)
    if (outbound === undefined) continue
    const { size = 0 } = submission
    if (outbound.unacked.length >= config.queueCeiling || unackedBytes(outbound) + size > config.maxQueueBytes)
      return true
    bytes += size
  }
  return bytes > config.maxAccountQueueBytes
}

type Submission<A> = Pick<Recipient<A>, 'facts' | 'resource' | 'size'>

/** The queue that a stanza is put behind. Where it waits for a client, it takes the place of what it supersedes. */
const queueFor = <A>(session: Session<A> | undefined, { facts }: Submission<A>): Outbound<A> | undefined => {
  if (session === undefined || session._tag === 'Unmanaged') return undefined
  const waits = session._tag === 'Hibernating' || (session._tag === 'Active' && session.unwritten > 0)
  return waits && session.role === 'receiving' ? supersede(session.outbound, facts) : session.outbound
}

/** True if a restart changes nothing about what waits in it. */
const outlives = <A>({ _tag }: Session<A>): boolean =>
  _tag === 'Connecting' || _tag === 'Hibernating' || _tag === 'Resuming'

const keptBy = <A>(session: Session<A> | undefined): Outbound<A> | undefined =>
  session !== undefined && 'outbound' in session && session.outbound.kept > 0 ? session.outbound : undefined

/** The account with all that is kept back in memory, for one step. */
export const recall = <A>(account: Account<A>, read: ReadKept<A>): Account<A> =>
  withOutbounds(account, ({ outbound, resource }) =>
    outbound.unacked.away === 0
      ? outbound
      : { ...outbound, unacked: bringBack(outbound.unacked, readAll(resource, outbound, read)) },
  )

const readAll = <A>(resource: string, outbound: Outbound<A>, read: ReadKept<A>): ReadonlyArray<Unacked<A>> =>
  keptPositions(outbound).flatMap(({ from, count }) => read(resource, from, count))

/** The account with all that is kept out of memory again. */
export const release = <A>(account: Account<A>): Account<A> =>
  account.sessions.some(isLoaded)
    ? withOutbounds(account, ({ outbound }) => ({
        ...outbound,
        unacked: putAway(takeBack(outbound.unacked), outbound.kept),
      }))
    : account

/**
 * The account with as many stanzas out of memory as are kept, where nobody wrote down how many that are. `count` tells how
 * many are in storage: those from the position `from` on, without a gap, `most` of them at most. Reducer 1, which did not
 * write it down, left no gaps.
 */
export const recount = <A>(
  account: Account<A>,
  count: (resource: string, from: Counter, most: number) => number,
): Account<A> =>
  withOutbounds(account, ({ outbound, resource }) => {
    const { unacked } = outbound
    const kept = Math.max(unacked.away, count(resource, firstPosition(outbound), unacked.length))
    return kept === outbound.kept ? outbound : { ...outbound, kept, unacked: putAway(unacked, kept) }
  })

const isLoaded = <A>(session: Session<A>): boolean =>
  'outbound' in session &&
  (session.outbound.unacked.away !== session.outbound.kept || session.outbound.unacked.lent !== undefined)

type Counting<A> = Exclude<Session<A>, Unmanaged>

const withOutbounds = <A>(account: Account<A>, change: (session: Counting<A>) => Outbound<A>): Account<A> => {
  const sessions = account.sessions.map(session => {
    if (session._tag === 'Unmanaged') return session
    const outbound = change(session)
    return outbound === session.outbound ? session : { ...session, outbound }
  })
  return sessions.every((session, index) => session === account.sessions[index]) ? account : { ...account, sessions }
}
