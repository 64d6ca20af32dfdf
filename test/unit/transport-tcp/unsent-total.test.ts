/** What waits for all peers together: those with the most give way. */
import { Stanza } from '@smacks/codec'
import { createUnsentTotal } from '@smacks/transport-tcp'
import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { header, startHouse, turn, until } from './harness.js'

const silent = { info: () => {}, warn: () => {} }

/** A connection that is given up, of so many bytes. */
const holding = (bytes: number) => {
  const connection = {
    bytes,
    unsent: () => connection.bytes,
    giveUp: vi.fn(() => {
      connection.bytes = 0
    }),
  }
  return connection
}

describe('the total', () => {
  test('is kept by those with the most, until a quarter is free', () => {
    const log = { info: () => {}, warn: vi.fn() }
    const total = createUnsentTotal(1000, log)
    const all = [100, 400, 300, 150].map(holding)
    for (const connection of all) total.changed(connection)
    expect(all.map(({ giveUp }) => giveUp.mock.calls.length)).toEqual([0, 0, 0, 0])
    const last = holding(51)
    total.changed(last)
    expect([...all, last].map(({ giveUp }) => giveUp.mock.calls.length)).toEqual([0, 1, 0, 0, 0])
    expect(all[1]?.giveUp).toHaveBeenCalledWith(
      '1001 bytes wait for all peers, allowed: 1000; 400 of them for this one',
    )
    expect(log.warn.mock.calls).toEqual([
      [
        '1001 bytes waited for peers that do not read, and max_unsent_size allows 1000: the connection with the most was ended.',
      ],
    ])
  })

  test('does not count what has left, nor who has', () => {
    const total = createUnsentTotal(1000, silent)
    const [one, other, third] = [holding(900), holding(900), holding(900)]
    total.changed(one)
    one.bytes = 100
    total.changed(other)
    total.forget(other)
    total.changed(third)
    expect([one, other, third].map(({ giveUp }) => giveUp.mock.calls.length)).toEqual([0, 0, 0])
  })

  test('is never above the limit after a write, whoever reads and leaves', () => {
    const step = fc.record({ who: fc.nat(9), bytes: fc.nat(700), leaves: fc.boolean() })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100 }), steps => {
        const total = createUnsentTotal(1000, silent)
        const all = Array.from({ length: 10 }, () => holding(0))
        for (const { who, bytes, leaves } of steps) {
          const connection = all[who]
          if (connection === undefined) continue
          connection.bytes = leaves ? 0 : connection.bytes + bytes
          if (leaves) total.forget(connection)
          else total.changed(connection)
          expect(all.reduce((sum, each) => sum + each.bytes, 0)).toBeLessThanOrEqual(1000)
        }
      }),
    )
  })
})

test('of peers that do not read, on two transports, those with the most are lost, and others go on', async () => {
  const unsent = createUnsentTotal(10_000_000, silent)
  const houses = [await startHouse({ unsent }), await startHouse({ unsent })]
  const all = houses.flatMap(house => [house, house, house])
  const reader = await houses[0]?.connect()
  const peers = []
  for (const house of all) {
    const peer = await house.connect()
    peer.socket.pause()
    peers.push({ house, id: house.recorder().connection.id })
  }
  const waiting = () =>
    houses.flatMap(({ recorders, transport }) => recorders.map(it => transport.unsent(it.connection.id)))
  const stanza = Stanza.fromXml(`<message>${'x'.repeat(100_000)}</message>`)
  for (let count = 0; count < 70; count += 1) {
    for (const { house, id } of peers) {
      house.transport.sendStanza(id, stanza, { name: 'message', type: 'chat' })
      house.transport.flush()
      expect(waiting().reduce((sum, bytes) => sum + bytes, 0)).toBeLessThanOrEqual(10_000_000)
    }
    await turn()
  }
  const lost = houses.flatMap(({ recorders }) => recorders.filter(({ told }) => told.length > 0))
  expect(lost.length).toBeGreaterThanOrEqual(2)
  for (const { told } of lost) expect(told).toEqual([expect.stringMatching(/^lost: \d+ bytes wait for all peers/)])
  reader?.send(header)
  await until('who reads is heard', () => houses[0]?.recorders[0]?.told[0] === 'opened localhost')
})
