import { monotonicInstant } from '@smacks/runtime'
import type { TimerHost } from '@smacks/timers-host'

/** A host whose time passes only when told to, and that counts what is asked of it. */
export interface VirtualHost extends TimerHost {
  /** Lets time pass; host timers are run in their order. */
  readonly pass: (milliseconds: number) => void
  /** Host timers set at this moment. */
  readonly pending: () => number
  /** Host timers ever set, and the greatest delay among them. */
  readonly asked: () => { readonly count: number; readonly longest: number }
}

/** `early`: host timers run so many milliseconds too soon, as those of some hosts do. */
export const virtualHost = (early = 0): VirtualHost => {
  let monotonic = 1_000
  let serial = 0
  let longest = 0
  const timers = new Map<number, { readonly at: number; readonly callback: () => void }>()

  const earliest = () => {
    let found: readonly [number, number] | undefined
    for (const [id, { at }] of timers) if (found === undefined || at < found[1]) found = [id, at]
    return found
  }

  return {
    monotonic: () => monotonicInstant(monotonic),
    after: (milliseconds, callback) => {
      serial += 1
      const id = serial
      longest = Math.max(longest, milliseconds)
      if (milliseconds < 0 || milliseconds > 2 ** 31 - 1) throw new RangeError(`host delay of ${milliseconds} ms`)
      timers.set(id, { at: monotonic + Math.max(milliseconds - early, milliseconds > 0 ? 1 : 0), callback })
      return () => void timers.delete(id)
    },
    pass: milliseconds => {
      const until = monotonic + milliseconds
      for (let next = earliest(); next !== undefined && next[1] <= until; next = earliest()) {
        const timer = timers.get(next[0])
        timers.delete(next[0])
        monotonic = Math.max(monotonic, next[1])
        timer?.callback()
      }
      monotonic = until
    },
    pending: () => timers.size,
    asked: () => ({ count: serial, longest }),
  }
}
