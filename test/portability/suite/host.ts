/** What the runtime itself has to give: the clock, timers, turns and randomness of `@smacks/timers-host`. */
import { monotonicInstant } from '@smacks/runtime'
import { createEntropy, createTimers, createTurns, hostClock } from '@smacks/timers-host'

export const host = async () => ({
  turns: await turns(),
  timers: await timers(),
  entropy: entropy(),
})

const turns = async () => {
  const told: Array<string> = []
  const { atEnd } = createTurns()
  await new Promise<void>(resolve => {
    atEnd(() => {
      told.push('the turn ended')
      atEnd(() => {
        told.push('the next turn ended')
        resolve()
      })
    })
    void Promise.resolve().then(() => told.push('what was at hand was done'))
    told.push('the caller went on')
  })
  return told
}

/** Due so many milliseconds from now, in the order in which they are armed. */
const dues = { third: 40, first: 5, never: 10, second: 20 }

const timers = async () => {
  const told: Array<string> = []
  const { arm, disarm, stop } = createTimers()
  const start = hostClock.monotonic()
  await new Promise<void>(resolve => {
    for (const [key, delay] of Object.entries(dues))
      arm(key, monotonicInstant(start + delay), () => {
        told.push(`${key}${hostClock.monotonic() < start + delay ? ', too early' : ''}`)
        if (key === 'third') resolve()
      })
    disarm('never')
    // Beyond what a host's timer can wait.
    arm('far away', monotonicInstant(start + 2 ** 40), () => told.push('far away'))
    told.push('armed')
  })
  stop()
  return told
}

const entropy = () => {
  const { freshId } = createEntropy()
  const ids = Array.from({ length: 1_000 }, freshId)
  return { fresh: new Set(ids).size, odd: ids.filter(id => !/^[\w-]{24}$/.test(id)).length }
}
