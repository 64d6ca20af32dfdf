import type { Resource, ResumeReceived, SessionBound, SmId } from '@smacks/core'
import { type AccountId, advance, type ConnectionId, type Counter, distance, type Instant } from '@smacks/core'
import { describe, expect, test } from 'vitest'

// The compiler is the judge here: a line that is marked as wrong, and is not, fails `tsc -p test`.

const account: AccountId = 'juliet@example.org'
const resource: Resource = 'balcony'
const connection: ConnectionId = 'c1'
const smId: SmId = 'an-SM-ID'
const at: Instant = 1_000
const h: Counter = 7

describe('what names one thing is refused where another is named', () => {
  test('in what happens', () => {
    const bound: SessionBound = { _tag: 'SessionBound', at, resource, connection }
    // @ts-expect-error: a resource is no connection
    const exchanged: SessionBound = { _tag: 'SessionBound', at, resource, connection: resource }
    // @ts-expect-error: a connection is no resource
    const otherwise: SessionBound = { _tag: 'SessionBound', at, resource: connection, connection }
    // @ts-expect-error: a counter is no time
    const untimely: SessionBound = { _tag: 'SessionBound', at: h, resource, connection }
    expect([bound, exchanged, otherwise, untimely]).toHaveLength(4)

    const resumes: Omit<ResumeReceived, 'version'> = { _tag: 'ResumeReceived', at, connection, previd: smId, h }
    // @ts-expect-error: a connection is no SM-ID
    const unknown: Omit<ResumeReceived, 'version'> = { ...resumes, previd: connection }
    // @ts-expect-error: a time is no counter
    const wrong: Omit<ResumeReceived, 'version'> = { ...resumes, h: at }
    expect([unknown, wrong]).toHaveLength(2)
  })

  test('in what is asked', () => {
    const ask = (who: AccountId, what: Resource): string => `${who}/${what}`
    expect(ask(account, resource)).toBe('juliet@example.org/balcony')
    // @ts-expect-error: the account comes first
    expect(ask(resource, account)).toBe('balcony/juliet@example.org')
  })

  test('in what is counted', () => {
    expect(advance(h, 1)).toBe(8)
    // @ts-expect-error: times are not counted modulo 2^32
    expect(advance(at, 1)).toBe(1_001)
    // @ts-expect-error: no number of stanzas lies between a counter and a time
    expect(distance(h, at)).toBe(993)
  })
})

test('plain values fit: names come from codecs and configuration, and each test says them as they are', () => {
  const fromOutside: string = ['c', 2].join('')
  const named: ConnectionId = fromOutside
  const counted: Counter = 1 + 1
  expect([named, counted]).toEqual(['c2', 2])
})
