/** Ports that do nothing, for programs that look at the loop and its journal only. */
import { monotonicInstant, type Ports } from '@smacks/runtime'

const nothing = (): void => {}

/** `now`: where both clocks stand. */
export const idlePorts = (now: number): Omit<Ports<unknown>, 'journal' | 'turns'> => ({
  transport: {
    sendStanza: nothing,
    sendNonza: nothing,
    close: nothing,
    awaitDrain: nothing,
    drop: nothing,
    adopt: nothing,
    flush: nothing,
  },
  timers: { arm: nothing, disarm: nothing, stop: nothing },
  bus: { publish: nothing },
  clock: { now: () => now, monotonic: () => monotonicInstant(now) },
})
