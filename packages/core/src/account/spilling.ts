/**
 * Unacked stanzas in storage. A connected session has at most its share of them in memory, a hibernating one none: the
 * rest is *spilled* to storage, by position, and only counted here. So nothing has to be dropped, and memory stays bounded.
 */
import type { Config } from '../config.js'
import type { Effect } from '../effect.js'
import { slice, unloadOldest } from '../queue.js'
import { firstPosition, positionsOf, positionsWithout } from '../session/layout.js'
import { bytesOfNewest, newestWithin } from '../session/sizes.js'
import { type Account, type Counting, type Outbound, type Positions, type Session, sessionOf } from '../state.js'
import type { AccountStep } from './account-step.js'

/** Where in storage the spilled stanzas of a session lie, in their order. */
export const spilledPositions = (outbound: Outbound<unknown>): ReadonlyArray<Positions> =>
  positionsOf(outbound, 0, outbound.spilled)

/** The step, with what it means for storage: what is acked or settled is forgotten, what is too much is spilled. */
export const settleSpilled = <A>(
  config: Config,
  before: Account<A>,
  [after, effects]: AccountStep<A>,
): AccountStep<A> => {
  // Most steps touch nothing that is spilled, and this is done for each of them.
  if (after === before || !(before.sessions.some(hasSpilled) || hasBeyondShare(config, after))) return [after, effects]
  const stored: Array<Effect<A>> = []
  for (const session of before.sessions) forget(session, leftOf(session, before, after), stored)
  const sessions = after.sessions.map(session => spillBeyondShare(config, session, stored))
  return stored.length === 0 ? [after, effects] : [{ ...after, sessions }, [...effects, ...stored]]
}

const hasSpilled = <A>(session: Session<A>): boolean => 'outbound' in session && session.outbound.spilled > 0

/** The session after the step; one that ended in it stays until it is settled. */
const leftOf = <A>({ resource }: Session<A>, before: Account<A>, after: Account<A>): Session<A> | undefined =>
  (after.settlements ?? [])
    .slice(before.settlements?.length ?? 0)
    .flatMap(({ ended }) => ended)
    .find(({ session }) => session.resource === resource)?.session ?? sessionOf(after, resource)

/** Of a session that is over, or counts no more, nothing stays in storage. */
const forget = <A>(before: Session<A>, after: Session<A> | undefined, stored: Array<Effect<A>>): void => {
  if (!('outbound' in before) || before.outbound.spilled === 0) return
  const { outbound, resource } = before
  const left = after !== undefined && 'outbound' in after ? after.outbound : undefined
  if (left?.spilled === outbound.spilled) return
  const leftPositions = left === undefined ? [] : spilledPositions(left)
  for (const { from, count } of positionsWithout(firstPosition(outbound), spilledPositions(outbound), leftPositions))
    stored.push({ _tag: 'ForgetKept', resource, from, count })
}

const spillBeyondShare = <A>(config: Config, session: Session<A>, stored: Array<Effect<A>>): Session<A> => {
  if (session._tag === 'Unmanaged') return session
  const { resource, outbound } = session
  const { spilled, unacked } = outbound
  if (!isBeyondShare(config, session)) return session
  // Of a connected session a good deal at a time: its peer may be about to ack.
  const all = unacked.length - halfOfShare(config, session)
  let index = spilled
  for (const { from, count } of positionsOf(outbound, spilled, all - spilled)) {
    stored.push({ _tag: 'KeepUnacked', resource, from, unacked: slice(unacked, index, index + count) })
    index += count
  }
  return { ...session, outbound: { ...outbound, spilled: all, unacked: unloadOldest(unacked, all) } }
}

/** How many unacked stanzas a session may have in memory: none while nobody may be there to take them for long. */
const shareOf = <A>(config: Config, { _tag }: Session<A>): number => {
  if (!config.queueStorage) return Number.POSITIVE_INFINITY
  return _tag === 'Hibernating' || _tag === 'Resuming' ? 0 : config.maxQueueSize
}

const hasBeyondShare = <A>(config: Config, { sessions }: Account<A>): boolean => {
  for (const session of sessions) if (session._tag !== 'Unmanaged' && isBeyondShare(config, session)) return true
  return false
}

const isBeyondShare = <A>(config: Config, session: Counting<A>): boolean => {
  const { spilled, sizes, unacked } = session.outbound
  const here = unacked.length - spilled
  if (here > shareOf(config, session)) return true
  const bytes = config.queueStorage ? config.maxQueueBytesInMemory : Number.POSITIVE_INFINITY
  return sizes !== undefined && sizes.total > bytes && bytesOfNewest(sizes, here) > bytes
}

/** How many of the newest stanzas stay in memory when it is too much. */
const halfOfShare = <A>(config: Config, session: Counting<A>): number => {
  const { sizes } = session.outbound
  const count = Math.floor(shareOf(config, session) / 2)
  return sizes === undefined ? count : Math.min(count, newestWithin(sizes, config.maxQueueBytesInMemory / 2))
}
