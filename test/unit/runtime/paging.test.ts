/** What is sent again after a resumption leaves page by page, and no more of it is read than a page. */
import type { Event, Unacked } from '@smacks/core'
import type { SessionJournal } from '@smacks/runtime'
import { expect, it } from 'vitest'
import { createWorld, events, type WorldOptions } from './world.js'

const romeo = 'romeo@example.org'
const old = events('orchard', 'c1')
const fresh = events('orchard', 'c2')
const drained: Event<string> = { _tag: 'ConnectionDrained', at: 5_000, resource: 'orchard', connection: 'c2' }

/** A world whose client was away while these came. */
const away = (stanzas: ReadonlyArray<string>, options: Partial<WorldOptions>) => {
  const world = createWorld({ journal: 'at once', ...options })
  const come = (...happened: ReadonlyArray<Event<string>>): void => {
    for (const event of happened) world.runtime.dispatch(romeo, event)
    world.endTurn()
  }
  come(old.bound(), old.enable(), old.lost(), ...stanzas.map(stanza => old.submitted(stanza)))
  world.log.length = 0
  const sent = () => world.log.filter(line => line.startsWith('c2 <') || line.startsWith('c2 is'))
  return { ...world, come, sent }
}

it('as many as a page has at most', () => {
  const world = away(['m1', 'm2', 'm3', 'm4', 'm5'], { page: { stanzas: 2, size: 100 } })
  world.come(fresh.resume())
  const asked = 'c2 is to say when it is drained'
  expect(world.sent()).toEqual(['c2 < Resumed', 'c2 < m1 again', 'c2 < m2 again', asked, 'c2 < Request'])
  world.come(drained)
  expect(world.sent().slice(5)).toEqual(['c2 < m3 again', 'c2 < m4 again', asked])
  world.come(drained)
  expect(world.sent().slice(8)).toEqual(['c2 < m5 again'])
})

it('as large as a page is at most, but one in any case', () => {
  const stanzas = ['xx', 'xxx', 'x', 'x'.repeat(9), 'xx', 'xx']
  const world = away(stanzas, { page: { stanzas: 9, size: 5 }, sizeOf: stanza => stanza.length })
  world.come(fresh.resume())
  const pages = [world.sent()]
  while (pages.at(-1)?.at(-1) !== 'c2 < xx again') {
    world.log.length = 0
    world.come(drained)
    pages.push(world.sent())
  }
  const sizes = pages.map(page => page.filter(line => line.endsWith('again')).map(line => line.length - 11))
  expect(sizes).toEqual([[2, 3], [1], [9], [2, 2]])
})

it('and the journal says how many there was room for, so that it comes to the same when it is read again', () => {
  const journalled: Array<Event<string>> = []
  const world = away(['m1', 'm2', 'm3'], {
    page: { stanzas: 2, size: 100 },
    observe: ({ event }) => void journalled.push(event),
  })
  world.come(fresh.resume(), drained)
  expect(journalled.slice(-2)).toEqual([{ ...fresh.resume(), room: 2 }, drained])
})

it('read from storage one page at a time', () => {
  const rows = new Map<number, Unacked<string>>()
  const reads: Array<number> = []
  const sessions: SessionJournal<string> = {
    recover: () => [],
    kept: (_, __, from) => {
      reads.push(from)
      const row = rows.get(from)
      if (row === undefined) throw new Error(`nothing lies at ${from}`)
      return [row]
    },
    countKept: () => 0,
    wanted: () => [],
  }
  const world = away(['m1', 'm2', 'm3', 'm4', 'm5'], { sessions, page: { stanzas: 2, size: 100 } })
  for (const [index, stanza] of ['m1', 'm2', 'm3', 'm4', 'm5'].entries())
    rows.set(index + 1, { stanza, facts: { name: 'message', type: 'chat' }, at: 2_000 })
  world.come(fresh.resume())
  expect(reads).toEqual([1, 2])
  world.come(drained)
  expect(reads).toEqual([1, 2, 3, 4])
  expect(world.sent().filter(line => line.endsWith('again'))).toEqual(
    ['m1', 'm2', 'm3', 'm4'].map(stanza => `c2 < ${stanza} again`),
  )
  expect(world.faults).toEqual([])
})
