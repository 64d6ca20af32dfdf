/** What ended sessions leave in storage is settled page by page, and each page is durable before the next is read. */
import { advance, type Event, type Unacked } from '@smacks/core'
import type { Change, Journalled, SessionJournal } from '@smacks/runtime'
import { expect, it } from 'vitest'
import { createWorld, events, type World, type WorldOptions } from './world.js'

const romeo = 'romeo@example.org'
const juliet = 'juliet@example.org'
const old = events('orchard', 'c1')
const fresh = events('orchard', 'c2')
const other = events('balcony', 'c3')

/** A world with a storage, and pages of two stanzas. */
const withStorage = (options: Partial<WorldOptions> = {}, journalled: ReadonlyArray<Journalled<string>> = []) => {
  const rows = new Map<string, Unacked<string>>()
  const reads: Array<string> = []
  const keyOf = (resource: string, position: number): string => `${resource} ${position}`
  const sessions: SessionJournal<string> = {
    recover: () => journalled,
    kept: (_, resource, from, count) =>
      Array.from({ length: count }, (_, index) => {
        const key = keyOf(resource, advance(from, index))
        const row = rows.get(key)
        if (row === undefined) throw new Error(`nothing lies at ${key}`)
        reads.push(row.stanza)
        return row
      }),
    countKept: () => 0,
    wanted: () => [],
  }
  const onDurable = (batch: ReadonlyArray<Change<string>>): void => {
    for (const change of batch) {
      if (change._tag === 'KeepUnacked')
        change.unacked.forEach((one, index) => {
          rows.set(keyOf(change.resource, advance(change.from, index)), one)
        })
      if (change._tag === 'ForgetKept')
        for (let index = 0; index < change.count; index += 1)
          rows.delete(keyOf(change.resource, advance(change.from, index)))
    }
  }
  const world = createWorld({
    journal: 'at once',
    settlementPage: { stanzas: 2, size: 1_000 },
    sessions,
    onDurable,
    ...options,
  })
  return { ...world, rows, reads }
}

const expiry = ({ runtime }: Pick<World, 'runtime'>, resource = 'orchard'): Event<string> => {
  const session = runtime.account(romeo).sessions.find(one => one.resource === resource)
  const due = session?._tag === 'Hibernating' ? session.deadlines.hibernation : undefined
  if (due === undefined) throw new Error('it does not hibernate')
  return { _tag: 'TimerFired', at: due, resource, timer: 'hibernation', due }
}

/** A world in which so many stanzas wait for a client that is away. */
const away = (count: number, options: Partial<WorldOptions> = {}) => {
  const world = withStorage(options)
  const stanzas = Array.from({ length: count }, (_, index) => `m${index + 1}`)
  for (const event of [old.bound(), old.enable(), old.lost(), ...stanzas.map(stanza => old.submitted(stanza))])
    world.runtime.dispatch(romeo, event)
  world.endTurn()
  return world
}

/** Whatever is under way becomes durable, and nothing after it. */
const settle = async ({ commits, endTurn }: Pick<World, 'commits' | 'endTurn'>): Promise<void> => {
  commits.splice(0).forEach(({ done }) => {
    done()
  })
  await new Promise<void>(resolve => setImmediate(resolve))
  endTurn()
}

const storedIn = (batch: ReadonlyArray<Change<string>>): ReadonlyArray<string> =>
  batch.flatMap(change => (change._tag === 'PutOffline' ? [change.stanza] : []))

it('in the batch of what ended the session as far as it is one page', () => {
  const world = away(2)
  world.log.length = 0
  world.runtime.dispatch(romeo, expiry(world))
  world.endTurn()
  expect(world.log.filter(line => line.startsWith('commit'))).toEqual([
    'commit EventLogged PutOldSession EventLogged PutOffline PutOffline ForgetKept',
  ])
  expect(world.rows.size).toBe(0)
})

it('at once and in order where commits are done at once, and what can be seen comes when all is durable', () => {
  const world = away(5)
  world.log.length = 0
  world.runtime.dispatch(romeo, expiry(world))
  world.endTurn()
  expect(world.log).toEqual([
    'orchard ended expired',
    'commit EventLogged PutOldSession EventLogged PutOffline PutOffline ForgetKept',
    'commit EventLogged PutOffline PutOffline ForgetKept',
    'commit EventLogged PutOffline ForgetKept',
    'bus HibernationEnded',
    'flush',
  ])
  expect(world.reads).toEqual(['m1', 'm2', 'm3', 'm3', 'm4', 'm5', 'm5'])
  expect([...world.runtime.accounts()]).toEqual([])
  expect(world.faults).toEqual([])
})

it('no larger than a page, but one in any case', () => {
  const journalled: Array<Event<string>> = []
  const world = away(3, {
    settlementPage: { stanzas: 9, size: 3 },
    sizeOf: stanza => (stanza === 'm2' ? 9 : 1),
    observe: ({ event }) => void journalled.push(event),
  })
  world.runtime.dispatch(romeo, expiry(world))
  const pages = journalled.flatMap(event => (event._tag === 'QueueSettled' ? event.queues : []))
  expect(pages.map(({ count }) => count)).toEqual([1, 1, 1])
})

it('one after the other is durable where commits take a while, whatever else is committed meanwhile', async () => {
  const world = away(5, { journal: 'when told' })
  await settle(world)
  const batches: Array<ReadonlyArray<string>> = []
  world.runtime.dispatch(romeo, expiry(world))
  world.endTurn()
  while (world.commits.length > 0) {
    expect(world.commits.length).toBe(1)
    batches.push(storedIn(world.commits.flatMap(({ batch }) => batch)))
    world.runtime.dispatch(juliet, other.bound())
    world.endTurn()
    await settle(world)
  }
  expect(batches.filter(batch => batch.length > 0)).toEqual([['m1', 'm2'], ['m3', 'm4'], ['m5']])
  expect(world.runtime.account(romeo).settlements).toBeUndefined()
})

it('before whoever asks knows that all is durable', async () => {
  const world = away(5)
  world.runtime.dispatch(romeo, expiry(world))
  await world.runtime.committed()
  expect(world.rows.size).toBe(0)
})

it('all at once before a new session is bound, or a message is stored behind it', async () => {
  const world = away(5, { journal: 'when told' })
  await settle(world)
  const stored: Array<string> = []
  world.runtime.dispatch(romeo, expiry(world))
  world.runtime.change({
    _tag: 'PutOffline',
    account: romeo,
    stanza: 'later',
    facts: { name: 'message', type: 'chat' },
    at: 5_000,
  })
  expect(world.runtime.account(romeo).settlements).toBeUndefined()
  world.endTurn()
  while (world.commits.length > 0) {
    stored.push(...storedIn(world.commits.flatMap(({ batch }) => batch)))
    await settle(world)
  }
  expect(stored).toEqual(['m1', 'm2', 'm3', 'm4', 'm5', 'later'])

  const bound = away(5, { journal: 'when told' })
  await settle(bound)
  bound.runtime.dispatch(romeo, expiry(bound))
  expect(bound.runtime.account(romeo).settlements).toBeDefined()
  bound.runtime.dispatch(romeo, fresh.bound())
  expect(bound.runtime.account(romeo)).toMatchObject({ sessions: [{ _tag: 'Unmanaged' }] })
  expect(bound.runtime.account(romeo).settlements).toBeUndefined()
})

it('with what the application makes of each page in the same batch', () => {
  const world = away(3, {
    config: { offlineStorage: false },
    application: runtime => ({
      returnToSender: (_, __, stanza) =>
        runtime.change({ _tag: 'PutRecord', kind: 'k', account: juliet, name: stanza, text: '' }),
    }),
  })
  world.log.length = 0
  world.runtime.dispatch(romeo, expiry(world))
  world.endTurn()
  expect(world.log.filter(line => line.startsWith('commit'))).toEqual([
    'commit EventLogged PutOldSession EventLogged PutRecord PutRecord ForgetKept',
    'commit EventLogged PutRecord ForgetKept',
  ])
})

it('and an account that cannot be read is set aside by its name, while all others go on', () => {
  const world = away(5)
  world.rows.delete('orchard 4')
  world.runtime.dispatch(romeo, expiry(world))
  expect(world.faults).toEqual([`reading the unacked stanzas of ${romeo}`])
  world.log.length = 0
  world.runtime.dispatch(romeo, fresh.bound())
  world.runtime.dispatch(juliet, other.bound())
  world.endTurn()
  expect(world.log).toContain('c2 closed internal-server-error')
  expect(world.runtime.account(juliet).sessions).toHaveLength(1)
})

it('on after a crash between two pages, from where it was', async () => {
  const journalled: Array<Journalled<string>> = []
  const crashed = away(5, { journal: 'when told' })
  /** Makes durable what is under way, and no more. */
  const commit = async (): Promise<void> => {
    for (const { batch, done } of crashed.commits.splice(0)) {
      for (const change of batch)
        if (change._tag === 'EventLogged' || change._tag === 'Baseline') journalled.push(change)
      done()
    }
    await new Promise<void>(resolve => setImmediate(resolve))
  }
  await commit()
  crashed.runtime.dispatch(romeo, expiry(crashed))
  await commit()
  expect([...crashed.rows.values()].map(({ stanza }) => stanza)).toEqual(['m3', 'm4', 'm5'])

  const stored: Array<string> = []
  const again = withStorage({ observe: ({ effects }) => stored.push(...storesOf(effects)) }, journalled)
  for (const [key, row] of crashed.rows) again.rows.set(key, row)
  again.runtime.recover()
  again.endTurn()
  expect(stored).toEqual(['m3', 'm4', 'm5'])
  expect(again.rows.size).toBe(0)
  expect([...again.runtime.accounts()]).toEqual([])
})

const storesOf = (effects: ReadonlyArray<{ readonly _tag: string; readonly stanza?: string }>): ReadonlyArray<string> =>
  effects.flatMap(({ _tag, stanza }) => (_tag === 'StoreOffline' && stanza !== undefined ? [stanza] : []))

it('of an account that is removed, too: all of it goes back to its senders', () => {
  const world = away(5)
  world.log.length = 0
  world.runtime.endAccount(romeo)
  world.endTurn()
  expect(world.log.filter(line => line.startsWith('returned'))).toHaveLength(5)
  expect(world.rows.size).toBe(0)
})
