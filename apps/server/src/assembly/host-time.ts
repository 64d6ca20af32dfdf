/** Clock and timers of this machine. */
import { after, type Clock, type Timers } from '@smacks/runtime'
import { createTimers, hostClock } from '@smacks/timers-host'

export interface HostTime {
  readonly clock: Clock
  readonly timers: Timers
  /** Calls back after so many milliseconds. */
  readonly later: (milliseconds: number, callback: () => void) => void
}

export const createHostTime = (): HostTime => {
  const clock = hostClock
  const timers = createTimers()
  let serial = 0
  return {
    clock,
    timers,
    later: (milliseconds, callback) => {
      serial += 1
      timers.arm(`later\n${serial}`, after(clock, milliseconds), callback)
    },
  }
}
