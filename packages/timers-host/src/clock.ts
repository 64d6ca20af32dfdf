import { type Clock, monotonicInstant } from '@smacks/runtime'

/** `Date.now` for the wall, `performance.now` for durations. */
export const hostClock: Clock = {
  now: () => Date.now(),
  monotonic: () => monotonicInstant(performance.now()),
}
