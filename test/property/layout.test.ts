/** Positions in storage: each stanza keeps its own, whatever is acked before it and superseded around it. */
import { indexOf, type Outbound, positionAt, spilledPositions, toArray } from '@smacks/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { deepFreeze, drive, enabled, withCounts } from '../spec/driver.js'
import { runs } from './runs.js'

const moves = fc.array(
  fc.oneof(
    { weight: 1, arbitrary: fc.record({ does: fc.constant('ack' as const), count: fc.nat(4) }) },
    { weight: 6, arbitrary: fc.record({ does: fc.constant('come' as const), from: fc.nat(5) }) },
  ),
  { maxLength: 80, size: 'max' },
)

test('a stanza has the position with which it came until it is acked or superseded, and no two have the same', () => {
  fc.assert(
    fc.property(fc.constantFrom(0, 2 ** 32 - 5), moves, (start, program) => {
      let names = 0
      const known = new Map<string, number>()
      const client = drive({}, withCounts(enabled(), 0, start))
      client.lose()
      for (const move of program) {
        if (move.does === 'come') {
          names += 1
          // From 3 on they are messages, which nothing supersedes.
          const isState = move.from < 3
          const facts = isState
            ? ({ name: 'presence', type: 'available', state: true, from: `romeo@example.net/${move.from}` } as const)
            : {}
          client.submitAs(facts, `m${names}`)
        } else {
          const { outbound } = client.session() as { readonly outbound: Outbound<string> }
          client.resume(outbound.acked)
          client.ack((outbound.acked + Math.min(move.count, outbound.unacked.length)) % 2 ** 32)
          client.lose()
        }
        const { outbound } = client.session() as { readonly outbound: Outbound<string> }
        const queue = toArray(outbound.unacked).map(({ stanza }) => stanza)
        const positions = queue.map((_, index) => positionAt(outbound, index))
        expect(new Set(positions).size).toBe(queue.length)
        for (const [index, stanza] of queue.entries()) {
          const position = positions[index] ?? 0
          expect(known.get(stanza) ?? position).toBe(position)
          known.set(stanza, position)
          expect(indexOf(outbound, position)).toBe(index)
        }
        // Laid out as ranges they are the same.
        const all = spilledPositions(deepFreeze({ ...outbound, spilled: queue.length }))
        expect(
          all.flatMap(({ from, count }) => Array.from({ length: count }, (_, index) => (from + index) % 2 ** 32)),
        ).toEqual(positions)
        expect(all.length).toBeLessThanOrEqual(outbound.layout.gaps.length + 1)
      }
    }),
    runs(300),
  )
})

test('nothing is superseded beyond a thousand, neither senders nor gaps', () => {
  const client = enabled()
  client.lose()
  const come = (sender: number) =>
    client.submitAs({ name: 'presence', type: 'available', state: true, from: `romeo@example.net/${sender}` }, 'p')
  for (let sender = 0; sender < 1_001; sender += 1) come(sender)
  come(0)
  come(1_000)
  const { unacked, unsent } = (client.session() as { readonly outbound: Outbound<string> }).outbound
  expect([unacked.length, unsent.count, unsent.presences.length]).toEqual([1_002, 1_002, 1_000])
  const crowd = enabled()
  crowd.lose()
  for (let round = 0; round < 1_002; round += 1) {
    crowd.submit(`m${round}`)
    crowd.submitAs({ name: 'presence', type: 'available', state: true }, `p${round}`)
  }
  const { layout, unacked: left } = (crowd.session() as { readonly outbound: Outbound<string> }).outbound
  expect([layout.gaps.length, left.length]).toEqual([1_000, 1_002 + 2])
})
