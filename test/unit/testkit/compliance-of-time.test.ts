/** The suites can fail: each mock here breaks one promise of its port, and the sentence that says so fails. */
import {
  type Clock,
  type Entropy,
  type MonotonicInstant,
  monotonicInstant,
  type Timers,
  type Turns,
} from '@smacks/runtime'
import {
  clockCompliance,
  createVirtualHost,
  entropyCompliance,
  seededEntropy,
  timersCompliance,
  turnsCompliance,
  type VirtualHost,
} from '@smacks/testkit'
import { describe, expect, it } from 'vitest'
import { breaks, brokenBy } from './trial.js'

describe('timersCompliance catches', () => {
  const trial = (broken: (timers: Timers, now: () => MonotonicInstant, host: VirtualHost) => Partial<Timers>) => () =>
    brokenBy(runner =>
      timersCompliance({
        ...runner,
        longest: Number.POSITIVE_INFINITY,
        canSetWall: true,
        create: () => {
          const host = createVirtualHost(1_700_000_000_000)
          return {
            timers: { ...host.timers, ...broken(host.timers, host.clock.monotonic, host) },
            now: host.clock.monotonic,
            elapse: host.advance,
            setWall: host.setWall,
          }
        },
      }),
    )

  it('nothing in timers that are right', async () => {
    expect(await trial(() => ({}))()).toEqual([])
  })
  breaks(
    'fires early',
    trial(timers => ({ arm: (key, due, fire) => timers.arm(key, monotonicInstant(due - 1), fire) })),
    /never fires early/,
  )
  breaks(
    'never fires',
    trial(() => ({ arm: () => undefined })),
    /fires once when it is due/,
  )
  breaks(
    'fires inside arm',
    trial((timers, now) => ({
      arm: (key, due, fire) => (due <= now() ? fire() : timers.arm(key, due, fire)),
    })),
    /never fires inside arm/,
  )
  breaks(
    'fires again and again',
    trial((timers, now) => {
      const arm: Timers['arm'] = (key, due, fire) =>
        timers.arm(key, due, () => {
          fire()
          arm(key, monotonicInstant(now() + 10), fire)
        })
      return { arm }
    }),
    /fires once/,
  )
  breaks(
    'does not replace',
    trial(timers => {
      let armings = 0
      return {
        arm: (key, due, fire) => {
          armings += 1
          timers.arm(`${key} ${armings}`, due, fire)
        },
      }
    }),
    /replaces what was armed .* later/,
  )
  breaks(
    'keeps the first',
    trial(timers => {
      const armed = new Set<string>()
      return {
        arm: (key, due, fire) => {
          if (!armed.has(key)) timers.arm(key, due, fire)
          armed.add(key)
        },
      }
    }),
    /replaces what was armed .* earlier/,
  )
  breaks(
    'cannot disarm',
    trial(() => ({ disarm: () => undefined })),
    /does not fire what was disarmed/,
  )
  breaks(
    'disarms everything',
    trial(timers => ({ disarm: timers.stop })),
    /leaves the others armed/,
  )
  breaks(
    'cannot stop',
    trial(() => ({ stop: () => undefined })),
    /forgets all keys/,
  )
  breaks(
    'wraps long delays as setTimeout does',
    trial((timers, now) => ({
      arm: (key, due, fire) => timers.arm(key, due - now() > 2 ** 31 - 1 ? monotonicInstant(now() + 1) : due, fire),
    })),
    /beyond 2\^31 ms and does not fire at once/,
  )
  breaks(
    'gives up on long delays',
    trial((timers, now) => ({
      arm: (key, due, fire) => timers.arm(key, monotonicInstant(Math.min(due, now() + 2 ** 31)), fire),
    })),
    /after a delay beyond 2\^31 ms/,
  )
  breaks(
    'goes by the wall clock',
    trial((timers, _, { clock }) => {
      const armed = new Map<string, readonly [number, () => void]>()
      return {
        arm: (key, due, fire) => {
          const wall = clock.now() + due - clock.monotonic()
          armed.set(key, [wall, fire])
          const look = () => {
            const one = armed.get(key)
            if (one === undefined) return
            if (clock.now() < one[0]) return timers.arm(key, monotonicInstant(clock.monotonic() + 1), look)
            armed.delete(key)
            fire()
          }
          timers.arm(key, monotonicInstant(clock.monotonic() + Math.min(1, due - clock.monotonic())), look)
        },
        disarm: key => void armed.delete(key),
        stop: () => armed.clear(),
      }
    }),
    /wall clock is set/,
  )
})

describe('clockCompliance catches', () => {
  const trial = (broken: (clock: Clock) => Clock) => () =>
    brokenBy(runner =>
      clockCompliance({
        ...runner,
        canSetWall: true,
        create: () => {
          const host = createVirtualHost(1_700_000_000_000)
          return { clock: broken(host.clock), elapse: host.advance, setWall: host.setWall }
        },
      }),
    )

  it('nothing in a clock that is right', async () => {
    expect(await trial(clock => clock)()).toEqual([])
  })
  breaks(
    'stands still',
    trial(() => ({ now: () => 0, monotonic: () => monotonicInstant(0) })),
    /counts milliseconds/,
  )
  breaks(
    'counts seconds',
    trial(clock => ({ ...clock, now: () => clock.now() / 1000 })),
    /counts milliseconds/,
  )
  breaks(
    'is no number',
    trial(() => ({ now: () => Number.NaN, monotonic: () => monotonicInstant(0) })),
    /arithmetic/,
  )
  breaks(
    'runs by being asked',
    trial(clock => {
      let asked = 0
      return {
        monotonic: clock.monotonic,
        now: () => {
          asked += 100
          return clock.now() + asked
        },
      }
    }),
    /by being asked/,
  )
  breaks(
    'takes the wall clock for both',
    trial(({ now }) => ({ now, monotonic: () => monotonicInstant(now()) })),
    /while the wall clock is set/,
  )
  breaks(
    'measures in seconds',
    trial(clock => ({ ...clock, monotonic: () => monotonicInstant(clock.monotonic() / 1000) })),
    /measures durations/,
  )
  breaks(
    'runs backwards',
    trial(clock => ({ ...clock, monotonic: () => monotonicInstant(-clock.monotonic()) })),
    /below zero/,
  )
})

describe('turnsCompliance catches', () => {
  const trial = (broken: (turns: Turns) => Turns) => () =>
    brokenBy(runner =>
      turnsCompliance({
        ...runner,
        create: () => {
          const host = createVirtualHost()
          return { turns: broken(host.turns), settle: host.settle }
        },
      }),
    )

  it('nothing in turns that are right', async () => {
    expect(await trial(turns => turns)()).toEqual([])
  })
  breaks(
    'calls back at once',
    trial(() => ({ atEnd: callback => callback() })),
    /never inside atEnd/,
  )
  breaks(
    'never calls back',
    trial(() => ({ atEnd: () => undefined })),
    /calls back once/,
  )
  breaks(
    'calls back twice',
    trial(turns => ({
      atEnd: callback => {
        turns.atEnd(callback)
        turns.atEnd(callback)
      },
    })),
    /calls back once/,
  )
  breaks(
    'forgets what is asked inside a callback',
    trial(turns => {
      let inside = false
      return {
        atEnd: callback => {
          if (inside) return
          turns.atEnd(() => {
            inside = true
            callback()
            inside = false
          })
        },
      }
    }),
    /asked again inside a callback/,
  )
})

describe('entropyCompliance catches', () => {
  const trial = (entropy: Entropy) => () =>
    brokenBy(runner => entropyCompliance({ ...runner, create: () => ({ entropy }) }))
  const good = seededEntropy(1)
  let count = 0

  it('nothing in entropy that is right', async () => {
    expect(await trial(good)()).toEqual([])
  })
  breaks('repeats itself', trial({ freshId: () => 'always-the-same-always-the-same' }), /same SM-ID twice/)
  breaks(
    'counts',
    trial({
      freshId: () => {
        count += 1
        return `prefix-of-many-characters-${count}`
      },
    }),
    /128 bits/,
  )
  breaks('needs escaping', trial({ freshId: () => `${good.freshId()}&'` }), /need not escape/)
  breaks('is too long', trial({ freshId: () => good.freshId().padEnd(4001, 'x') }), /4000 bytes/)
})
