import { type Account, defaultConfig, emptyAccount, step } from '@smacks/core'
import { describe, expect, it } from 'vitest'
import { sizeOfChange } from '../../../packages/runtime/src/change-size.js'
import { createWorld, events } from './world.js'

const romeo = 'romeo@example.org'
const juliet = 'juliet@example.org'
const c1 = events('orchard', 'c1')
const c2 = events('balcony', 'c2')

const limit = 10_000
const large = 'x'.repeat(limit)

const settle = () => new Promise<void>(resolve => setImmediate(resolve))

const offline = (account: string, stanza: string) => ({
  _tag: 'PutOffline' as const,
  account,
  stanza,
  facts: { name: 'message' as const, type: 'chat' },
  at: 1_000,
})

const world = (options: Parameters<typeof createWorld>[0] = {}) =>
  createWorld({ sizeOf: stanza => stanza.length, batchLimit: limit, ...options })

const texts = (batch: ReadonlyArray<object>) =>
  batch.map(change => ('stanza' in change && typeof change.stanza === 'string' ? change.stanza.slice(0, 3) : '?'))

describe('a turn that has much to store', () => {
  it('ends when whoever dispatched is done, before the host ends it', async () => {
    const { runtime, log } = world()
    runtime.change(offline(romeo, large))
    runtime.change(offline(juliet, 'short'))
    expect(log).toEqual([])
    await settle()
    expect(log).toEqual(['commit PutOffline PutOffline', 'flush'])
  })

  it('ends with all that the application dispatched in answer to one event', async () => {
    const { runtime, log, endTurn } = world({
      application: made => ({
        deliver: (_, __, stanza) => {
          made.change(offline(juliet, large))
          made.dispatch(romeo, c2.bound())
          made.change(offline(juliet, stanza))
        },
      }),
    })
    runtime.dispatch(romeo, c1.bound())
    endTurn()
    log.length = 0
    runtime.dispatch(romeo, c1.received('all of it'))
    await settle()
    expect(log).toEqual(['commit PutOffline PutOffline', 'flush'])
    expect(runtime.account(romeo).sessions).toHaveLength(2)
  })

  it('goes on as long as the host wants if it is small', async () => {
    const { runtime, log } = world()
    runtime.change(offline(romeo, 'short'))
    await settle()
    expect(log).toEqual([])
  })
})

describe('turns that wait for a commit', () => {
  it('share the next one only as far as it may be so large', async () => {
    const { runtime, commits, endTurn } = world({ journal: 'when told' })
    for (const stanza of ['m1', 'm2', 'm3', large, 'm5', 'm6']) {
      runtime.change(offline(romeo, stanza))
      endTurn()
    }
    for (const expected of [['m1'], ['m2', 'm3'], ['xxx'], ['m5', 'm6']]) {
      const next = commits.shift()
      expect(texts(next?.batch ?? [])).toEqual(expected)
      expect(commits).toEqual([])
      next?.done()
      await settle()
    }
  })

  it('are concluded in order, and what is committed meanwhile comes after them', async () => {
    const order: Array<string> = []
    const { runtime, commits, endTurn } = world({ journal: 'when told' })
    runtime.change(offline(romeo, 'm1'))
    runtime.whenSettled(romeo, () => {
      order.push('first')
      endTurn()
    })
    endTurn()
    runtime.change(offline(juliet, 'm2'))
    runtime.whenSettled(juliet, () => order.push('second'))
    commits.shift()?.done()
    await settle()
    commits.shift()?.done()
    await settle()
    expect(order).toEqual(['first', 'second'])
  })
})

describe('a snapshot', () => {
  const sizeOf = (stanza: string) => stanza.length
  const snapshot = (state: Account<string>) =>
    sizeOfChange({ _tag: 'PutSnapshot', account: romeo, state, config: defaultConfig }, sizeOf)
  const [bound] = [c1.bound(), c1.enable(), c1.submitted(large)].reduce<Account<string>>(
    (account, event) => step(defaultConfig)(account, event)[0],
    emptyAccount,
  ).sessions
  if (bound === undefined) throw new Error('there is no session')

  it('is as large as what waits in its sessions', () => {
    expect(snapshot(emptyAccount)).toBeLessThan(limit)
    expect(snapshot({ ...emptyAccount, sessions: [bound] })).toBeGreaterThan(limit)
  })

  it('is as large with what sessions left that ended and are not settled', () => {
    const ended = [{ session: bound, reason: 'closed' as const, settled: 0 }]
    const state = { ...emptyAccount, settlements: [{ isLast: true, ended }] }
    expect(snapshot(state)).toBe(snapshot({ ...emptyAccount, sessions: [bound] }))
  })
})

describe('a change of a store that a package registered', () => {
  it('is as large as it says', () => {
    const change = (size: number) =>
      sizeOfChange({ _tag: 'StoreChange', kind: 'notes', account: romeo, data: 'a note', size }, () => 0)
    expect(change(1_000) - change(0)).toBe(1_000)
  })

  it('is waited for like a record', async () => {
    const { runtime, endTurn } = world()
    let isDurable = false
    runtime.change({ _tag: 'StoreChange', kind: 'notes', account: romeo, data: 'a note', size: 6 })
    runtime.whenRecorded(romeo, () => {
      isDurable = true
    })
    expect(isDurable).toBe(false)
    endTurn()
    expect(isDurable).toBe(true)
  })
})
