/**
 * What a step needs of stanzas that are spilled to storage. Most steps need only their number; what is sent again after a
 * resumption, and what is settled of a session that ended, is needed a page at a time. The loop loads that first (`loadFor`),
 * and unloads it after the step.
 */

import type { Config } from '../config.js'
import { advance, type Counter, distance } from '../counter.js'
import type { Event, QueueSettled, ResumedReceived, ResumeReceived } from '../event.js'
import type { Instant, Resource } from '../ids.js'
import { loadOldest, loadPage, slice, unloadOldest, unloadPage } from '../queue.js'
import { firstPosition, positionsOf } from '../session/layout.js'
import { acknowledge, unsentCount } from '../session/outbound.js'
import { pageLength } from '../session/resend.js'
import {
  type Account,
  type Counting,
  type EndedSession,
  type Outbound,
  type Session,
  sessionOf,
  type Unacked,
} from '../state.js'
import { resumable } from './resume.js'
import { spilledPositions } from './spilling.js'

/** Reads what is spilled: `count` stanzas, the first of them at the position `from`. */
export type ReadSpilled<A> = (resource: Resource, from: Counter, count: number) => ReadonlyArray<Unacked<A>>

/** The account with whatever the step of this event needs of what is spilled, for that step. */
export const loadFor = <A>(config: Config, account: Account<A>, event: Event<A>, read: ReadSpilled<A>): Account<A> => {
  if (event._tag === 'QueueSettled') return withSettled(account, event, read)
  if (needsWhole(config, account, event)) return load(account, read)
  const page = pageFor(config, account, event)
  return page === undefined ? account : withPage(account, page, read)
}

// A page

/** What the step of an event sends again: so many unacked stanzas, the first of them at this index. */
export interface Page<A> {
  readonly resource: Resource
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
  read: ReadSpilled<A>,
): Generator<Unacked<A>, void, undefined> {
  const { spilled, unacked } = outbound
  const ofStorage = Math.min(count, Math.max(0, spilled - index))
  for (const { from, count: most } of positionsOf(outbound, index, ofStorage))
    for (let offset = 0; offset < most; offset += 1) yield* read(resource, advance(from, offset), 1)
  yield* slice(unacked, index + ofStorage, index + count)
}

const withPage = <A>(account: Account<A>, { resource, index, count }: Page<A>, read: ReadSpilled<A>): Account<A> =>
  withOutbounds(account, session => {
    const { outbound } = session
    return session.resource === resource ? withLoadedPage(outbound, resource, index, count, read) : outbound
  })

/** With so many stanzas from an index on, as far as they are unloaded. */
const withLoadedPage = <A>(
  outbound: Outbound<A>,
  resource: Resource,
  index: number,
  count: number,
  read: ReadSpilled<A>,
): Outbound<A> => {
  const missing = Math.min(count, outbound.unacked.unloaded - index)
  if (missing <= 0) return outbound
  const values = positionsOf(outbound, index, missing).flatMap(one => read(resource, one.from, one.count))
  return { ...outbound, unacked: loadPage(outbound.unacked, { index, values }) }
}

// What is settled

/** Stanzas of an ended session that are not settled yet, one after the other. */
interface Queue<A> {
  readonly resource: Resource
  readonly rest: Iterator<Unacked<A>, void>
  next: Unacked<A> | undefined
  taken: number
  /** No stanza comes before one that its session had before. */
  notBefore: Instant
}

/**
 * The next page of what is to be settled, if anything is: of the sessions that ended first, their stanzas in the order in
 * which they were submitted. `hasRoom` is asked for each of them in turn; the first is always taken. Where several sessions
 * are to be settled, what came in one millisecond is not parted, so that what several of them have is found.
 */
export const nextToSettle = <A>(
  account: Account<A>,
  at: Instant,
  hasRoom: (unacked: Unacked<A>) => boolean,
  read: ReadSpilled<A>,
): QueueSettled | undefined => {
  const queues = (account.settlements?.[0]?.ended ?? []).flatMap(ended => queueOf(ended, read))
  if (queues.length === 0) return undefined
  let last: Instant | undefined
  for (let queue = earliest(queues); queue?.next !== undefined; queue = earliest(queues)) {
    const isRoom = hasRoom(queue.next)
    const isParted = queues.length === 1 || queue.notBefore !== last
    if (last !== undefined && !isRoom && isParted) break
    last = queue.notBefore
    queue.taken += 1
    advanceQueue(queue)
  }
  const taken = queues.filter(queue => queue.taken > 0)
  return { _tag: 'QueueSettled', at, queues: taken.map(({ resource, taken: count }) => ({ resource, count })) }
}

const queueOf = <A>({ session, settled }: EndedSession<A>, read: ReadSpilled<A>): ReadonlyArray<Queue<A>> => {
  if (session._tag === 'Unmanaged') return []
  const { resource, outbound } = session
  const rest = readPage({ resource, outbound, index: settled, count: outbound.unacked.length - settled }, read)
  const queue: Queue<A> = { resource, rest, next: undefined, taken: 0, notBefore: Number.NEGATIVE_INFINITY }
  advanceQueue(queue)
  return queue.next === undefined ? [] : [queue]
}

const advanceQueue = <A>(queue: Queue<A>): void => {
  queue.next = queue.rest.next().value ?? undefined
  if (queue.next !== undefined) queue.notBefore = Math.max(queue.notBefore, queue.next.at)
}

const earliest = <A>(queues: ReadonlyArray<Queue<A>>): Queue<A> | undefined =>
  queues.reduce<Queue<A> | undefined>(
    (first, queue) =>
      queue.next === undefined || (first !== undefined && first.notBefore <= queue.notBefore) ? first : queue,
    undefined,
  )

const withSettled = <A>(account: Account<A>, { queues }: QueueSettled, read: ReadSpilled<A>): Account<A> => {
  const [settlement, ...later] = account.settlements ?? []
  if (settlement === undefined) return account
  const ended = settlement.ended.map(one => {
    const count = queues.find(({ resource }) => resource === one.session.resource)?.count ?? 0
    return withOutbound(one, outbound => withLoadedPage(outbound, one.session.resource, one.settled, count, read))
  })
  return { ...account, settlements: [{ ...settlement, ended }, ...later] }
}

// All

/** True if the step needs the contents of all that is spilled, and not only their number or a page of them. */
export const needsWhole = <A>(_: Config, account: Account<A>, event: Event<A>): boolean => {
  switch (event._tag) {
    // What waited for a first connection is sent.
    case 'EnableRequested':
      return !event.hold && waitsInStorage(account, event.resource)
    case 'EnabledReceived':
    case 'FailedReceived':
      return sessionOf(account, event.resource)?._tag === 'Negotiating' && waitsInStorage(account, event.resource)
    case 'SessionBound':
      return waitsInStorage(account, event.resource)
    case 'ConfigChanged':
      return (
        !event.config.queueStorage &&
        account.sessions.some(session => session._tag !== 'Unmanaged' && session.outbound.spilled > 0)
      )
    default:
      return false
  }
}

/** What waits for a connection to carry it lies in storage, some of it at least. */
const waitsInStorage = <A>(account: Account<A>, resource: Resource): boolean => {
  const session = sessionOf(account, resource)
  return (session?._tag === 'Connecting' || session?._tag === 'Negotiating') && session.outbound.spilled > 0
}

/** The account with all that its sessions spilled in memory, for one step. */
export const load = <A>(account: Account<A>, read: ReadSpilled<A>): Account<A> =>
  withOutbounds(account, ({ outbound, resource }) =>
    outbound.unacked.unloaded === 0
      ? outbound
      : { ...outbound, unacked: loadOldest(outbound.unacked, readAll(resource, outbound, read)) },
  )

const readAll = <A>(resource: Resource, outbound: Outbound<A>, read: ReadSpilled<A>): ReadonlyArray<Unacked<A>> =>
  spilledPositions(outbound).flatMap(({ from, count }) => read(resource, from, count))

/** The account with all that is spilled out of memory again. */
export const unload = <A>(account: Account<A>): Account<A> =>
  unloadEnded(
    account.sessions.some(isLoaded)
      ? withOutbounds(account, ({ outbound }) => ({
          ...outbound,
          unacked: unloadOldest(unloadPage(outbound.unacked), outbound.spilled),
        }))
      : account,
  )

const unloadEnded = <A>(account: Account<A>): Account<A> => {
  const { settlements } = account
  if (settlements === undefined || !settlements.some(({ ended }) => ended.some(({ session }) => isLoaded(session))))
    return account
  const releasedOf = (one: EndedSession<A>): EndedSession<A> =>
    withOutbound(one, outbound => ({ ...outbound, unacked: unloadPage(outbound.unacked) }))
  return {
    ...account,
    settlements: settlements.map(({ isLast, ended }) => ({ isLast, ended: ended.map(releasedOf) })),
  }
}

const withOutbound = <A>(ended: EndedSession<A>, change: (outbound: Outbound<A>) => Outbound<A>): EndedSession<A> =>
  ended.session._tag === 'Unmanaged'
    ? ended
    : { ...ended, session: { ...ended.session, outbound: change(ended.session.outbound) } }

/**
 * The account with as many stanzas out of memory as are spilled, where nobody wrote down how many that are. `count` tells how
 * many are in storage: those from the position `from` on, without a gap, `most` of them at most. Reducer 1, which did not
 * write it down, left no gaps.
 */
export const recount = <A>(
  account: Account<A>,
  count: (resource: Resource, from: Counter, most: number) => number,
): Account<A> =>
  withOutbounds(account, ({ outbound, resource }) => {
    const { unacked } = outbound
    const spilled = Math.max(unacked.unloaded, count(resource, firstPosition(outbound), unacked.length))
    return spilled === outbound.spilled ? outbound : { ...outbound, spilled, unacked: unloadOldest(unacked, spilled) }
  })

const isLoaded = <A>(session: Session<A>): boolean =>
  'outbound' in session &&
  (session.outbound.unacked.unloaded !== session.outbound.spilled || session.outbound.unacked.page !== undefined)

const withOutbounds = <A>(account: Account<A>, change: (session: Counting<A>) => Outbound<A>): Account<A> => {
  const sessions = account.sessions.map(session => {
    if (session._tag === 'Unmanaged') return session
    const outbound = change(session)
    return outbound === session.outbound ? session : { ...session, outbound }
  })
  return sessions.every((session, index) => session === account.sessions[index]) ? account : { ...account, sessions }
}
