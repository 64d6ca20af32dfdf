import { after, type Timers } from '@smacks/runtime'
import { createTimers } from '@smacks/timers-host'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type VirtualHost, virtualHost } from './virtual-host.js'

/** The dumb model: a list of what is armed. */
interface Model {
  armed: Array<{ readonly key: string; readonly due: number; readonly mark: number }>
}

interface Real {
  readonly host: VirtualHost
  readonly timers: Timers
  fired: Array<{ readonly mark: number; readonly at: number }>
  marks: number
}

class Arm implements fc.Command<Model, Real> {
  constructor(
    readonly key: string,
    readonly delay: number,
  ) {}
  check = () => true
  run = (model: Model, real: Real) => {
    const due = after(real.host, this.delay)
    real.marks += 1
    const mark = real.marks
    model.armed = [...model.armed.filter(({ key }) => key !== this.key), { key: this.key, due, mark }]
    real.timers.arm(this.key, due, () => real.fired.push({ mark, at: real.host.monotonic() }))
    expect(real.fired).toEqual([])
  }
  toString = () => `arm ${this.key} +${this.delay}`
}

class Disarm implements fc.Command<Model, Real> {
  constructor(readonly key: string) {}
  check = () => true
  run = (model: Model, real: Real) => {
    model.armed = model.armed.filter(({ key }) => key !== this.key)
    real.timers.disarm(this.key)
  }
  toString = () => `disarm ${this.key}`
}

class DisarmMany implements fc.Command<Model, Real> {
  constructor(readonly count: number) {}
  check = () => true
  run = (_: Model, real: Real) => {
    for (let index = 0; index < this.count; index += 1) {
      real.timers.arm(`many ${index}`, after(real.host, index), () => real.fired.push({ mark: -1, at: 0 }))
      real.timers.disarm(`many ${index}`)
    }
  }
  toString = () => `arm and disarm ${this.count} others`
}

class Pass implements fc.Command<Model, Real> {
  constructor(readonly milliseconds: number) {}
  check = () => true
  run = (model: Model, real: Real) => {
    const start = real.host.monotonic()
    real.host.pass(this.milliseconds)
    const end = real.host.monotonic()
    const expected = model.armed
      .filter(({ due }) => due <= end)
      .sort((left, right) => left.due - right.due || left.mark - right.mark)
    expect(real.fired.map(({ mark }) => mark)).toEqual(expected.map(({ mark }) => mark))
    expect(real.fired.map(({ at }) => at)).toEqual(expected.map(({ due }) => Math.max(due, start)))
    model.armed = model.armed.filter(({ due }) => due > end)
    real.fired = []
  }
  toString = () => `pass ${this.milliseconds}`
}

class Stop implements fc.Command<Model, Real> {
  check = () => true
  run = (model: Model, real: Real) => {
    model.armed = []
    real.timers.stop()
    expect(real.host.pending()).toBe(0)
  }
  toString = () => 'stop'
}

const key = fc.constantFrom('a', 'b', 'c', 'd', 'e')
const delay = fc.oneof(fc.integer({ min: -5, max: 50 }), fc.integer({ min: 2 ** 31 - 3, max: 2 ** 31 + 3 }))
const commands = fc.commands(
  [
    fc.tuple(key, delay).map(([name, milliseconds]) => new Arm(name, milliseconds)),
    key.map(name => new Disarm(name)),
    fc.integer({ min: 1, max: 100 }).map(count => new DisarmMany(count)),
    fc.oneof(fc.integer({ min: 0, max: 60 }), fc.constant(2 ** 31)).map(milliseconds => new Pass(milliseconds)),
    fc.constant(new Stop()),
  ],
  { maxCommands: 60, size: 'max' },
)

test('timers do what a plain list of keys and times would do', () => {
  fc.assert(
    fc.property(commands, fc.constantFrom(0, 2), (steps, early) => {
      const host = virtualHost(early)
      const setup = (): { model: Model; real: Real } => ({
        model: { armed: [] },
        real: { host, timers: createTimers(host), fired: [], marks: 0 },
      })
      fc.modelRun(setup, [...steps, new Pass(2 ** 32)])
      expect(host.pending()).toBe(0)
    }),
    { numRuns: 500 },
  )
})
