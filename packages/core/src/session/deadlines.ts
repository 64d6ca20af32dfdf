/** Timers of a session: armed and disarmed together with the deadline in the state that makes a firing valid. */
import type { Effect } from '../effect.js'
import type { Deadlines, Instant, TimerName } from '../state.js'

/** Seconds as milliseconds. */
export const milliseconds = (seconds: number): number => seconds * 1000

export const arm = (resource: string, timer: TimerName, due: Instant): Effect<never> => ({
  _tag: 'ArmTimer',
  resource,
  timer,
  due,
})

/** The effects that disarm whatever is armed of these timers. */
export const disarm = (
  resource: string,
  deadlines: Deadlines,
  timers: ReadonlyArray<TimerName>,
): ReadonlyArray<Effect<never>> =>
  timers.filter(timer => deadlines[timer] !== undefined).map(timer => ({ _tag: 'DisarmTimer', resource, timer }))

/** All timers of a session. */
export const allTimers: ReadonlyArray<TimerName> = ['ackDelay', 'ackHold', 'hibernation', 'readProbe']

/** Nothing is armed. */
export const noDeadlines: Deadlines = {}
