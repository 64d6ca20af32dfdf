/** Stanzas that come together, or that are submitted one behind the other: they are stepped as one, and nobody can tell. */
import type { Run } from '@smacks/core'
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { Accounts } from '../../../packages/runtime/src/accounts.js'
import { createWorld, events, type World } from './world.js'

const juliet = 'juliet@example.org'
const romeo = 'romeo@example.org'
const writer = events('balcony', 'c1')
const reader = events('orchard', 'c2')

type Ends = 'bound' | 'hibernating' | 'managed'

/** Juliet's client writes to Romeo's; `isObserved`: each step is made for itself, since somebody looks. */
const open = (ends: Ends, isObserved: boolean | 'of others', limits: { readonly queueCeiling?: number } = {}) => {
  const sessions = { recover: () => [], kept: () => [], countKept: () => 0, wanted: () => [] }
  const world: World = createWorld({
    sessions,
    config: { maxUnackedStanzas: 2, ...limits },
    ...(isObserved !== false && { observe: () => {}, observes: () => isObserved === true }),
    application: (runtime, log) => ({
      deliver: (account, resource, stanza) => {
        log.push(`${resource} said ${stanza}`)
        if (account === juliet) runtime.dispatch(romeo, { ...reader.submitted(stanza), at: world.at.now })
      },
    }),
  })
  const { runtime, endTurn, log } = world
  runtime.dispatch(juliet, writer.bound())
  runtime.dispatch(juliet, writer.enable('sm-1'))
  runtime.dispatch(romeo, reader.bound())
  if (ends !== 'bound') runtime.dispatch(romeo, reader.enable('sm-2'))
  if (ends === 'hibernating') runtime.dispatch(romeo, reader.lost())
  endTurn()
  log.length = 0
  const says = (texts: ReadonlyArray<string>): void =>
    runtime.dispatchAll(juliet, texts.map(text => ({ ...writer.received(text), at: world.at.now })) as Run<string>)
  return { ...world, says }
}

const texts = (count: number): ReadonlyArray<string> => Array.from({ length: count }, (_, index) => `m${index}`)

describe('a run', () => {
  it('is journalled, handed over and shown as its events are one by one', () => {
    const ends = fc.constantFrom<Ends>('bound', 'hibernating', 'managed')
    const ceiling = fc.constantFrom(3, 7, 100)
    fc.assert(
      fc.property(ends, ceiling, fc.array(fc.nat(9), { maxLength: 6 }), (how, queueCeiling, counts) => {
        const [one, other] = [false, true].map(isObserved => {
          const { says, endTurn, log, runtime, faults } = open(how, isObserved, { queueCeiling })
          for (const count of counts) says(texts(count))
          endTurn()
          return { log: [...log], faults, accounts: [juliet, romeo].map(id => runtime.account(id)) }
        })
        expect(one).toEqual(other)
      }),
      { numRuns: 200 },
    )
  })

  it.each([false, 'of others'] as const)(
    'is stepped at once, on both sides of the application: observed %s',
    observed => {
      const { says, log } = open('managed', observed)
      const put = vi.spyOn(Accounts.prototype, 'put')
      says(texts(5))
      expect(put.mock.calls.map(([account]) => account)).toEqual([juliet, romeo])
      expect(log).toEqual(texts(5).map(text => `balcony said ${text}`))
      put.mockRestore()
    },
  )

  it('is stepped behind what is being done when it comes in the middle of a step', () => {
    const said: Array<string> = []
    const world: World = createWorld({
      application: runtime => ({
        deliver: (_, resource, stanza) => {
          said.push(stanza)
          if (stanza !== 'first') return
          runtime.dispatchAll(romeo, [reader.received('second'), reader.received('third')] as Run<string>)
          said.push(`${resource} is done`)
        },
      }),
    })
    world.runtime.dispatch(romeo, reader.bound())
    world.runtime.dispatch(romeo, reader.received('first'))
    expect(said).toEqual(['first', 'orchard is done', 'second', 'third'])
  })

  it('that is empty is nothing', () => {
    const { runtime, log, endTurn } = open('managed', false)
    runtime.dispatchAll(juliet, [])
    endTurn()
    expect(log).toEqual([])
  })
})
