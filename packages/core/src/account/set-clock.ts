/**
 * The wall clock was set (`ClockStepped`). No time has passed by that: every deadline moves with the clock, and so does the
 * moment since which a session waits, which decides who waits longest. Stamps of stanzas stay what they were.
 */

import type { Effect } from '../effect.js'
import type { ClockStepped } from '../event.js'
import type { Instant } from '../ids.js'
import { allTimers, arm } from '../session/deadlines.js'
import type { Account, Active, ActiveDeadlines, Session } from '../state.js'
import type { AccountStep } from './account-step.js'

export const setClock = <A>(account: Account<A>, { by }: ClockStepped): AccountStep<A> => {
  const sessions = account.sessions.map(session => moved(session, by))
  return sessions.every((session, index) => session === account.sessions[index])
    ? [account, []]
    : [{ ...account, sessions }, sessions.flatMap(rearmed)]
}

const moved = <A>(session: Session<A>, by: number): Session<A> => {
  switch (session._tag) {
    case 'Active':
      return movedActive(session, by)
    case 'Connecting':
    case 'Negotiating':
      return { ...session, since: session.since + by }
    case 'Hibernating':
    case 'Resuming':
      return { ...session, since: session.since + by, deadlines: { hibernation: session.deadlines.hibernation + by } }
    case 'Enabling':
    case 'Unmanaged':
      return session
  }
}

const movedActive = <A>(session: Active<A>, by: number): Active<A> => ({
  ...session,
  request: { ...session.request, heldUntil: session.request.heldUntil + by },
  deadlines: movedDeadlines(session.deadlines, by),
})

const movedDeadlines = ({ ackDelay, ackHold, readProbe }: ActiveDeadlines, by: number): ActiveDeadlines => ({
  ackDelay: movedInstant(ackDelay, by),
  ackHold: movedInstant(ackHold, by),
  readProbe: movedInstant(readProbe, by),
})

const movedInstant = (instant: Instant | undefined, by: number): Instant | undefined =>
  instant === undefined ? undefined : instant + by

/** A firing names what it was armed for, so each timer is armed anew for what its deadline is called now. */
const rearmed = <A>(session: Session<A>): ReadonlyArray<Effect<A>> => {
  if (!('deadlines' in session)) return []
  const { resource, deadlines } = session
  return allTimers.flatMap(timer => {
    const due = deadlines[timer]
    return due === undefined ? [] : [arm(resource, timer, due)]
  })
}
