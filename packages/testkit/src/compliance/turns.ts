/** What every end of a turn must do. */
import type { Turns } from '@smacks/runtime'
import { type Ending, onBench, type TestRunner } from './runner.js'

export interface TurnsBench extends Ending {
  readonly turns: Turns
  /** Lets the turn end, and those that follow from it. */
  readonly settle: () => Promise<void> | void
}

export interface TurnsCompliance extends TestRunner {
  readonly create: () => TurnsBench | Promise<TurnsBench>
}

export const turnsCompliance = (options: TurnsCompliance): void => {
  const { describe, expect } = options
  const it = onBench(options, options.create)

  describe('the port Turns', () => {
    it('calls back after the turn, never inside atEnd', async ({ turns, settle }) => {
      const told: Array<string> = []
      turns.atEnd(() => told.push('end of turn'))
      told.push('in the turn')
      await settle()
      expect(told).toEqual(['in the turn', 'end of turn'])
    })

    it('calls back once', async ({ turns, settle }) => {
      let calls = 0
      turns.atEnd(() => {
        calls += 1
      })
      await settle()
      await settle()
      expect(calls).toEqual(1)
    })

    it('calls back in the order it was asked', async ({ turns, settle }) => {
      const told: Array<number> = []
      for (const number of [1, 2, 3]) turns.atEnd(() => told.push(number))
      await settle()
      expect(told).toEqual([1, 2, 3])
    })

    it('may be asked again inside a callback, for the turn after', async ({ turns, settle }) => {
      const told: Array<string> = []
      turns.atEnd(() => {
        turns.atEnd(() => told.push('next turn'))
        told.push('this turn')
      })
      await settle()
      expect(told).toEqual(['this turn', 'next turn'])
    })
  })
}
