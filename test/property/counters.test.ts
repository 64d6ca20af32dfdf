import { advance, counterModulus, distance, fromArray, isBehind, isCounter, sentCount } from '@smacks/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { closed, drive, enabled, handledBy, initiated, unacked, withCounts } from '../spec/driver.js'
import { runs } from './runs.js'

/** Around the wrap, around the sign bit, around the start, and anywhere. */
const counter = fc.oneof(
  fc.integer({ min: counterModulus - 20, max: counterModulus - 1 }),
  fc.integer({ min: counterModulus / 2 - 20, max: counterModulus / 2 + 20 }),
  fc.integer({ min: 0, max: 20 }),
  fc.integer({ min: 0, max: counterModulus - 1 }),
)
const names = (count: number, prefix = 'm') => Array.from({ length: count }, (_, index) => `${prefix}${index}`)
const modulo = (value: number) => Number(BigInt.asUintN(32, BigInt(value)))

test('advancing is addition modulo 2^32, and always gives a counter', () => {
  fc.assert(
    fc.property(counter, fc.integer({ min: 1 - counterModulus, max: 2 * counterModulus }), (from, steps) => {
      expect(advance(from, steps)).toBe(modulo(from + steps))
      expect(isCounter(advance(from, steps))).toBe(true)
    }),
    runs(1_000),
  )
})

test('the distance leads from one counter to the other', () => {
  fc.assert(
    fc.property(counter, counter, (from, to) => {
      expect(distance(from, to)).toBe(modulo(to - from))
      expect(advance(from, distance(from, to))).toBe(to)
    }),
    runs(1_000),
  )
})

test('of two counters less than 2^31 apart, one is behind the other and not the reverse', () => {
  fc.assert(
    fc.property(counter, fc.integer({ min: 1, max: 2 ** 31 - 1 }), (from, steps) => {
      const later = advance(from, steps)
      expect(isBehind(from, later)).toBe(true)
      expect(isBehind(later, from)).toBe(false)
      expect(isBehind(from, from)).toBe(false)
    }),
    runs(1_000),
  )
})

test('what is 2^31 away is not later, from either side: it is judged as behind', () => {
  fc.assert(
    fc.property(counter, from => {
      const opposite = advance(from, 2 ** 31)
      expect(isBehind(opposite, from)).toBe(true)
      expect(isBehind(from, opposite)).toBe(true)
    }),
    runs(200),
  )
})

test.each([-1, 1.5, counterModulus, Number.NaN, Number.POSITIVE_INFINITY])('%s is no counter', value => {
  expect(isCounter(value)).toBe(false)
})

test('sent is what was acked and what is not, modulo 2^32', () => {
  fc.assert(
    fc.property(counter, fc.nat(50), (acked, length) => {
      const unacked = fromArray(
        Array.from({ length }, () => ({ stanza: 'm', facts: { name: 'iq', type: 'get' }, at: 0 }) as const),
      )
      expect(sentCount({ acked, unacked })).toBe(modulo(acked + length))
    }),
    runs(300),
  )
})

/** Every way that an `h` can be wrong or right, said as a distance from what was acked last. */
test('each h is judged right, wherever the counter stands and in both roles', () => {
  const side = fc.constantFrom(enabled, initiated)
  fc.assert(
    fc.property(side, counter, fc.nat(12), fc.integer({ min: -20, max: 30 }), (start, acked, sent, steps) => {
      const peer = drive({ maxUnackedStanzas: 100 }, withCounts(start(), 0, acked))
      peer.submit(...names(sent))
      const h = advance(acked, steps)
      const error = closed(peer.ack(h))[0]?.error
      if (steps >= 0 && steps <= sent) {
        expect(error).toBeUndefined()
        expect(unacked(peer)).toEqual(names(sent).slice(steps))
      } else if (steps > sent) {
        expect(error?.tooHigh).toMatchObject({ h, sendCount: advance(acked, sent) })
      } else {
        expect(error?.text).toContain('h never decreases')
      }
    }),
    runs(1_000),
  )
})

test('what is received counts up across the wrap', () => {
  fc.assert(
    fc.property(counter, fc.nat(40), (handled, count) => {
      const peer = drive({}, withCounts(enabled(), handled, 0))
      peer.receive(...names(count))
      expect(handledBy(peer)).toBe(advance(handled, count))
    }),
    runs(300),
  )
})

test('a resume sends again exactly what h does not cover, wherever the counter stands', () => {
  fc.assert(
    fc.property(counter, fc.nat(12), fc.nat(12), (acked, sent, steps) => {
      fc.pre(steps <= sent)
      const peer = drive({}, withCounts(enabled(), 0, acked))
      peer.submit(...names(sent))
      peer.lose()
      const again = peer
        .resume(advance(acked, steps))
        .flatMap(effect => (effect._tag === 'SendStanza' ? [effect.stanza] : []))
      expect(again).toEqual(names(sent).slice(steps))
    }),
    runs(500),
  )
})
