/** Timers of a session: armed and disarmed together with the deadline in the state that makes a firing valid. */

import type { Effect } from '../effect.js'
import type { Instant, Resource } from '../ids.js'
import type { ActiveDeadlines, Deadlines, TimerName } from '../state.js'

/** The timers of a session that is connected. */
export type ActiveTimer = Exclude<TimerName, 'hibernation'>

/** Seconds as milliseconds. */
export const milliseconds = (seconds: number): number => seconds * 1000

export const arm = (resource: Resource, timer: TimerName, due: Instant): Effect<never> => ({
  _tag: 'ArmTimer',
  resource,
  timer,
  due,
})

/** The deadlines with one of them set, or taken away. One shape for all, since this is done for every stanza. */
export const withDeadline = (
  deadlines: ActiveDeadlines,
  timer: ActiveTimer,
  due: Instant | undefined,
): ActiveDeadlines => ({
  ackDelay: timer === 'ackDelay' ? due : deadlines.ackDelay,
  ackHold: timer === 'ackHold' ? due : deadlines.ackHold,
  readProbe: timer === 'readProbe' ? due : deadlines.readProbe,
})

/** The effects that disarm whatever is armed of these timers. */
export const disarm = (
  resource: Resource,
  deadlines: Deadlines,
  timers: ReadonlyArray<TimerName>,
): ReadonlyArray<Effect<never>> => {
  const effects: Array<Effect<never>> = []
  for (const timer of timers) if (deadlines[timer] !== undefined) effects.push({ _tag: 'DisarmTimer', resource, timer })
  return effects
}

/** All timers of a session. */
export const allTimers: ReadonlyArray<TimerName> = ['ackDelay', 'ackHold', 'hibernation', 'readProbe']

/** Nothing is armed. */
export const noDeadlines: ActiveDeadlines = {
  ackDelay: undefined,
  ackHold: undefined,
  readProbe: undefined,
}
