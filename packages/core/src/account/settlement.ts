/**
 * What ended sessions leave in storage is settled a page at a time, so that nobody's memory has to hold all of it. The
 * session is over at once; each page is a step of its own (`QueueSettled`), and so survives a crash between two of them.
 *
 * All is decided as it would have been in one piece: by the session as it was, by why it ended and what ended with it.
 */

import type { Config } from '../config.js'
import { advance, type Counter } from '../counter.js'
import type { Effect } from '../effect.js'
import type { EndReason } from '../end-reason.js'
import type { Event, QueueSettled } from '../event.js'
import type { Resource } from '../ids.js'
import { slice } from '../queue.js'
import { positionAt, positionsOf } from '../session/layout.js'
import { type Account, type EndedSession, type Session, type Settlement, sessionOf, type Unacked } from '../state.js'
import type { AccountStep } from './account-step.js'
import { type Ending, forgetLastAcks } from './deliveries.js'
import { dispositionOf, leavingOf } from './disposition.js'
import { ignore } from './ignoring.js'
import { inOrderOfTime, withoutDoubles } from './storing.js'

interface Ended<A> {
  readonly session: Session<A>
  readonly reason: EndReason
}

/**
 * The account with a settlement more, if what these sessions leave can only be settled later: some of it is not in memory,
 * or what ended before them is not settled itself, which comes first.
 */
export const deferred = <A>(
  account: Account<A>,
  ended: ReadonlyArray<Ended<A>>,
  isLast: boolean,
): readonly [Account<A>, boolean] => {
  const { settlements = [] } = account
  const leavesAny = ended.some(({ session }) => lengthOf(session) > 0)
  if (!leavesAny || !(settlements.length > 0 || ended.some(({ session }) => isSpilled(session))))
    return [account, false]
  const settlement: Settlement<A> = {
    isLast,
    ended: ended.map(({ session, reason }) => ({ session, reason, settled: 0 })),
  }
  return [{ ...account, settlements: [...settlements, settlement] }, true]
}

const lengthOf = <A>(session: Session<A>): number =>
  session._tag === 'Unmanaged' ? 0 : session.outbound.unacked.length

const isSpilled = <A>(session: Session<A>): boolean =>
  session._tag !== 'Unmanaged' && session.outbound.unacked.unloaded > 0

/** Settles one page more of what ended first. */
export const settle = <A>(config: Config, account: Account<A>, event: QueueSettled): AccountStep<A> => {
  const [settlement, ...later] = account.settlements ?? []
  if (settlement === undefined) return ignore(account, event, undefined, 'nothing-to-do')
  const counts = new Map(event.queues.map(({ resource, count }) => [resource, count]))
  const pages = settlement.ended.map(ended => pageOf(ended, counts.get(ended.session.resource) ?? 0))
  if (pages.every(({ count }) => count === 0)) return ignore(account, event, undefined, 'nothing-to-do')
  const ending = endingOf(account, settlement)
  const dispositions = pages.flatMap(({ ended: { session, reason }, unacked }) => {
    const leaving = leavingOf(session, reason, ending, settlement.isLast)
    return unacked.map(one => dispositionOf(config, leaving, one))
  })
  const left = { ...settlement, ended: pages.map(({ after }) => after) }
  const settlements = left.ended.every(isSettled) ? later : [left, ...later]
  return [
    forgetLastAcks(withSettlements(account, settlements)),
    [...inOrderOfTime(withoutDoubles(dispositions)), ...pages.flatMap(forgotten)],
  ]
}

interface Page<A> {
  readonly ended: EndedSession<A>
  readonly after: EndedSession<A>
  readonly count: number
  /** As far as they are loaded: a fold of what is journalled needs none of them. */
  readonly unacked: ReadonlyArray<Unacked<A>>
}

const pageOf = <A>(ended: EndedSession<A>, most: number): Page<A> => {
  const { session, settled } = ended
  const count = Math.min(most, lengthOf(session) - settled)
  const unacked = session._tag === 'Unmanaged' ? [] : slice(session.outbound.unacked, settled, settled + count)
  return { ended, after: count === 0 ? ended : { ...ended, settled: settled + count }, count, unacked }
}

/** The sessions as they all were, so that who settles what several were given does not depend on the pages. */
const endingOf = <A>(account: Account<A>, { ended }: Settlement<A>): Ending<A> => ({
  account: { ...account, sessions: [...account.sessions, ...ended.map(({ session }) => session)] },
  reasons: new Map(ended.map(({ session, reason }) => [session.resource, reason])),
  isDeferred: false,
})

const isSettled = <A>({ session, settled }: EndedSession<A>): boolean => settled === lengthOf(session)

const withSettlements = <A>(account: Account<A>, settlements: ReadonlyArray<Settlement<A>>): Account<A> => {
  if (settlements.length > 0) return { ...account, settlements }
  const { settlements: _, ...rest } = account
  return rest
}

const forgotten = <A>({ ended: { session, settled }, count }: Page<A>): ReadonlyArray<Effect<A>> => {
  if (session._tag === 'Unmanaged') return []
  const { resource, outbound } = session
  const spilled = Math.min(count, Math.max(0, outbound.spilled - settled))
  return positionsOf(outbound, settled, spilled).map(
    ({ from, count: length }): Effect<A> => ({ _tag: 'ForgetKept', resource, from, count: length }),
  )
}

/** Where the stanzas of a new session of this resource may lie in storage, behind those of one that is not settled yet. */
export const positionsTaken = <A>(account: Account<A>, resource: Resource): Counter => {
  const sessions = (account.settlements ?? []).flatMap(({ ended }) => ended.map(({ session }) => session))
  const last = sessions.filter(session => session.resource === resource).at(-1)
  if (last === undefined || last._tag === 'Unmanaged') return 0
  return advance(positionAt(last.outbound, last.outbound.unacked.length), -1)
}

/**
 * True if all that is to be settled has to be before this event, since it would come in between: it is for a session that
 * is not there any more, or begins one that finds stored what is settled only later.
 */
export const isBehindSettlements = <A>(account: Account<A>, event: Event<A>): boolean => {
  const { settlements = [] } = account
  const isSettling = (resource: Resource): boolean =>
    settlements.some(({ ended }) => ended.some(({ session }) => session.resource === resource))
  const isGone = (resource: Resource): boolean => isSettling(resource) && sessionOf(account, resource) === undefined
  switch (event._tag) {
    case 'SessionBound':
      return settlements.length > 0
    case 'EnableReceived':
    case 'EnableRequested':
      return isSettling(event.resource)
    case 'StanzaSubmitted':
      return isGone(event.resource)
    case 'MessageSubmitted':
      return event.recipients.some(({ resource }) => isGone(resource))
    default:
      return false
  }
}
