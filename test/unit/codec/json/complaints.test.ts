import { describeErrors, eventCodec, jsonPayload, type PayloadCodec } from '@smacks/codec'
import * as Either from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { describe, expect, test } from 'vitest'

/** What is said of a value; nothing if it is taken. */
const complaint = <A>(codec: t.Decoder<unknown, A>, value: unknown): string => {
  const decoded = codec.decode(value)
  return Either.isLeft(decoded) ? describeErrors(decoded.left) : ''
}

const submitted = { _tag: 'StanzaSubmitted', at: 0, resource: 'r', stanza: 'm1', facts: { name: 'iq', type: 'get' } }

describe('what a payload codec says', () => {
  const even: PayloadCodec<number> = {
    encode: value => value,
    decode: json =>
      typeof json === 'number' && json % 2 === 0
        ? Either.right(json)
        : Either.left(`${json} is odd, allowed: even ones`),
  }

  test('is said behind the path', () => {
    expect(complaint(eventCodec(even), { ...submitted, stanza: 3 })).toBe('stanza: 3 is odd, allowed: even ones')
    expect(complaint(eventCodec(even), { ...submitted, stanza: 4 })).toBe('')
  })

  test('is cut', () =>
    expect(complaint(eventCodec({ ...even, decode: () => Either.left('no'.repeat(1_000)) }), submitted)).toBe(
      `stanza: ${'no'.repeat(400)}...`,
    ))
})

describe('what JSON is', () => {
  test.each<[what: string, value: unknown]>([
    ['a hole in a list', new Array(1)],
    ['undefined', undefined],
    ['undefined in an object', { a: undefined }],
    ['NaN', Number.NaN],
    ['a function', () => 1],
    ['a Map', new Map()],
    ['a bigint', 1n],
  ])('is not %s', (_, value) => expect(Either.isLeft(jsonPayload.decode(value))).toBe(true))

  test.each<[what: string, value: unknown]>([
    ['an object without prototype', Object.assign(Object.create(null), { a: [1, 'b', null, true] })],
    ['what is written so', JSON.parse('{"__proto__":{"a":[{}]}}')],
  ])('is %s', (_, value) => expect(jsonPayload.decode(value)).toEqual(Either.right(value)))
})

describe('a complaint of any codec', () => {
  const both = t.intersection([t.type({ a: t.type({ b: t.number }) }), t.partial({ c: t.union([t.string, t.null]) })])

  test('leaves out which member of an intersection or union was asked', () => {
    expect(complaint(both, { a: { b: 'x' } })).toBe('a.b: found "x", allowed: number')
    expect(complaint(both, { a: { b: 1 }, c: 5 })).toBe('c: found 5, allowed: string (and 1 more)')
  })

  test('shows the end of a long path', () => {
    const context = Array.from({ length: 30 }, (_, index) => ({ key: `k${index}`, type: t.string }))
    expect(describeErrors([{ value: 5, context }])).toBe(
      '...k18.k19.k20.k21.k22.k23.k24.k25.k26.k27.k28.k29: found 5, allowed: string',
    )
  })

  test('that is none says so', () => expect(describeErrors([])).toBe('no problem'))

  test('without a context says what it can', () =>
    expect(describeErrors([{ value: undefined, context: [] }])).toBe('missing, allowed: another value'))
})
