import { monotonicInstant } from '@smacks/runtime'
import { describe, expect, test } from 'vitest'
import { createLoginThrottle, newAddressFactor } from '../../../../packages/sasl/src/throttle/login-throttle.js'

const home = '192.0.2.1'
const romeo = 'romeo@example.org'
const juliet = 'juliet@example.org'

/** A throttle and its clock, in seconds. */
const open = (
  options: { readonly perAddress?: number; readonly perAccount?: number; readonly capacity?: number } = {},
) => {
  let now = 0
  const throttle = createLoginThrottle({
    clock: { monotonic: () => monotonicInstant(now) },
    perAddress: 3,
    perAccount: 5,
    longestSeconds: 300,
    forgetSeconds: 3_600,
    ...options,
  })
  const fail = (times: number, address: (n: number) => string, account: (n: number) => string): void => {
    for (let n = 0; n < times; n += 1) throttle.tried(address(n), account(n), 'wrong')
  }
  const pass = (seconds: number): void => {
    now += seconds * 1_000
  }
  return { throttle, fail, pass }
}
const at =
  (address: string): ((n: number) => string) =>
  () =>
    address
const stranger = (n: number): string => `198.51.100.${n}`

describe('an address', () => {
  test('has to wait once it failed too often, at whatever accounts, and others do not', () => {
    const { throttle, fail, pass } = open()
    fail(3, at(home), n => `user${n}@example.org`)
    expect(throttle.waitFor(home, juliet)).toBe(0)
    fail(1, at(home), at(romeo))
    expect(throttle.waitFor(home, juliet)).toBe(1_000)
    expect(throttle.waitFor(stranger(1), juliet)).toBe(0)
    pass(1)
    expect(throttle.waitFor(home, juliet)).toBe(0)
    fail(1, at(home), at(juliet))
    expect(throttle.waitFor(home, juliet)).toBe(2_000)
  })

  test('of IPv6 is all of its /64', () => {
    const { throttle, fail } = open()
    fail(4, n => `2001:db8::${n}`, at(romeo))
    expect(throttle.waitFor('2001:db8:0:0:ffff::1', juliet)).toBe(1_000)
    expect(throttle.waitFor('2001:db8:0:1::1', juliet)).toBe(0)
  })

  test('cannot buy itself free with an account of its own', () => {
    const { throttle, fail } = open()
    for (let n = 0; n < 10; n += 1) {
      throttle.tried(home, 'mallory@example.org', 'right')
      fail(1, at(home), at(romeo))
    }
    expect(throttle.waitFor(home, romeo)).toBeGreaterThan(60_000)
  })

  test('that shares its network with a good one does not keep that one out', () => {
    const { throttle, fail } = open()
    throttle.tried(home, juliet, 'right')
    fail(50, at(home), at(romeo))
    expect(throttle.waitFor(home, romeo)).toBe(300_000)
    expect(throttle.waitFor(home, juliet)).toBe(0)
  })
})

describe('an account', () => {
  test('that others fail at lets in those who logged in before, and those who never failed there', () => {
    const { throttle, fail } = open()
    throttle.tried(home, romeo, 'right')
    fail(20, stranger, at(romeo))
    expect(throttle.waitFor(stranger(3), romeo)).toBe(300_000)
    expect(throttle.waitFor(stranger(99), romeo)).toBe(0)
    expect(throttle.waitFor(home, romeo)).toBe(0)
  })

  test('that very many fail at lets in those who logged in before, and nobody else', () => {
    const { throttle, fail } = open()
    throttle.tried(home, romeo, 'right')
    fail(5 * newAddressFactor + 1, stranger, at(romeo))
    expect(throttle.waitFor(stranger(99), romeo)).toBe(300_000)
    expect(throttle.waitFor(home, romeo)).toBe(0)
    expect(throttle.waitFor(stranger(99), juliet)).toBe(0)
  })

  test('guessed at from where it is known has to be waited for too, but never long', () => {
    const { throttle, fail } = open()
    throttle.tried(home, romeo, 'right')
    fail(30, at(home), at(romeo))
    expect(throttle.waitFor(home, romeo)).toBe(10_000)
    throttle.tried(home, romeo, 'right')
    expect(throttle.waitFor(home, romeo)).toBe(10_000)
  })

  test('with a new password is known nowhere', () => {
    const { throttle, fail } = open()
    throttle.tried(home, romeo, 'right')
    throttle.tried(home, juliet, 'right')
    fail(60, stranger, n => (n % 2 === 0 ? romeo : juliet))
    fail(60, stranger, n => (n % 2 === 0 ? juliet : romeo))
    throttle.forget(romeo)
    expect(throttle.waitFor(home, romeo)).toBe(300_000)
    expect(throttle.waitFor(home, juliet)).toBe(0)
  })
})

test('all is forgotten in time', () => {
  const { throttle, fail, pass } = open()
  fail(20, at(home), at(romeo))
  pass(300 + 3_599)
  fail(1, at(home), at(romeo))
  expect(throttle.waitFor(home, romeo)).toBe(300_000)
  pass(300 + 3_600)
  expect(throttle.waitFor(home, romeo)).toBe(0)
  fail(3, at(home), at(romeo))
  expect(throttle.waitFor(home, romeo)).toBe(0)
})

test('so many entries are kept and no more, those used last', () => {
  const { throttle, fail } = open({ capacity: 10 })
  fail(4, at(home), n => `other${n}@example.org`)
  fail(9, stranger, n => `user${n}@example.org`)
  expect(throttle.waitFor(home, juliet)).toBe(1_000)
  fail(10, stranger, n => `user${n}@example.org`)
  expect(throttle.waitFor(home, juliet)).toBe(0)
})
