import {
  decodeNonza,
  type Element,
  element,
  encodeNonza,
  isSmElement,
  type NonzaError,
  nonzaCodecs,
  parseElement,
  stanzaErrorNamespace,
} from '@smacks/codec'
import type { FailedCondition, Nonza, SmVersion } from '@smacks/core'
import fc from 'fast-check'
import * as Either from 'fp-ts/lib/Either.js'
import { describe, expect, test } from 'vitest'

const sm3 = 'urn:xmpp:sm:3'

const parsed = (xml: string): Element => {
  const result = parseElement(xml)
  if (Either.isLeft(result)) throw new Error(`${xml}: ${result.left}`)
  return result.right
}
const decoded = (xml: string): Either.Either<NonzaError, Nonza> => decodeNonza(parsed(xml))
const messageOf = (xml: string): string | undefined => {
  const result = decoded(xml)
  return Either.isLeft(result) ? result.left.message : undefined
}

const version: fc.Arbitrary<SmVersion> = fc.constantFrom('urn:xmpp:sm:2', sm3)
const counter = fc.oneof(
  fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  fc.constantFrom(0, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1),
)
const seconds = fc.maxSafeNat()
/** Text that XML can carry. */
const text = fc
  .string({ unit: 'grapheme', minLength: 1 })
  .map(any => any.replace(/[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '?'))
const condition = fc.constantFrom<FailedCondition>(
  'bad-request',
  'feature-not-implemented',
  'internal-server-error',
  'item-not-found',
  'not-authorized',
  'resource-constraint',
  'service-unavailable',
  'undefined-condition',
  'unexpected-request',
)
const optional = { requiredKeys: ['_tag', 'version'] as const }

const nonza: fc.Arbitrary<Nonza> = fc.oneof(
  fc.record({ _tag: fc.constant('Request' as const), version }),
  fc.record({ _tag: fc.constant('Ack' as const), version, h: counter }),
  fc.record(
    { _tag: fc.constant('Enable' as const), version, resume: fc.boolean(), max: seconds },
    { requiredKeys: [...optional.requiredKeys, 'resume'] },
  ),
  fc.record(
    {
      _tag: fc.constant('Enabled' as const),
      version,
      resume: fc.constant(false),
      id: text,
      max: seconds,
      location: text,
    },
    { requiredKeys: [...optional.requiredKeys, 'resume'] },
  ),
  fc.record(
    {
      _tag: fc.constant('Enabled' as const),
      version,
      resume: fc.constant(true),
      id: text,
      max: seconds,
      location: text,
    },
    { requiredKeys: [...optional.requiredKeys, 'resume', 'id'] },
  ),
  fc.record({ _tag: fc.constant('Resume' as const), version, previd: text, h: counter }),
  fc.record({ _tag: fc.constant('Resumed' as const), version, previd: text, h: counter }),
  fc.record(
    {
      _tag: fc.constant('Failed' as const),
      version,
      condition,
      h: counter,
      tooHigh: fc.record({ h: counter, sendCount: counter }),
    },
    { requiredKeys: [...optional.requiredKeys, 'condition'] },
  ),
)

describe('any element of stream management', () => {
  test('is the same after it was written and read', () =>
    fc.assert(
      fc.property(nonza, any => {
        expect(decoded(encodeNonza(any))).toEqual(Either.right(any))
      }),
    ))

  test('is what its codec takes it for, and no other codec does', () =>
    fc.assert(
      fc.property(nonza, any => {
        const names = Object.values(nonzaCodecs).filter(codec => codec.is(any))
        expect(names.map(({ name }) => name)).toEqual([any._tag])
      }),
    ))

  test('is the same after its codec has written and read it', () =>
    fc.assert(
      fc.property(nonza, any => {
        const codec = Object.values(nonzaCodecs).find(({ name }) => name === any._tag)
        const read: unknown = codec?.decode(codec.encode(any as never))
        expect(read).toMatchObject(Either.right(any))
      }),
    ))
})

const written = fc.oneof(
  text,
  counter.map(String),
  fc.constantFrom('true', '1', 'false', '', ' 7', '-0', '+1', '0000000001', '4294967296'),
)

test('what is decoded without a codec is what the codec makes of it', () =>
  fc.assert(
    fc.property(
      fc.constantFrom('a', 'enable', 'r', 'resume'),
      version,
      fc.dictionary(fc.constantFrom('h', 'max', 'previd', 'resume'), written),
      (name, xmlns, attributes) => {
        const made = decodeNonza(element(name, { ...attributes, xmlns }))
        const codec: Either.Either<unknown, Nonza> = nonzaCodecs[name].decode({ ...attributes, xmlns })
        if (Either.isRight(codec)) expect(made).toEqual(codec)
        else expect(Either.isLeft(made)).toBe(true)
      },
    ),
  ))

describe('what is written', () => {
  test.each<readonly [Nonza, string]>([
    [{ _tag: 'Request', version: sm3 }, "<r xmlns='urn:xmpp:sm:3'/>"],
    [{ _tag: 'Ack', version: 'urn:xmpp:sm:2', h: 2 ** 32 - 1 }, "<a xmlns='urn:xmpp:sm:2' h='4294967295'/>"],
    [{ _tag: 'Enable', version: sm3, resume: false }, "<enable xmlns='urn:xmpp:sm:3'/>"],
    [{ _tag: 'Enable', version: sm3, resume: true, max: 60 }, "<enable xmlns='urn:xmpp:sm:3' resume='true' max='60'/>"],
    [{ _tag: 'Enabled', version: sm3, resume: false }, "<enabled xmlns='urn:xmpp:sm:3'/>"],
    [
      { _tag: 'Enabled', version: sm3, resume: true, id: `a"<&'`, max: 600, location: '[::1]:5222' },
      "<enabled xmlns='urn:xmpp:sm:3' resume='true' id='a&quot;&lt;&amp;&apos;' max='600' location='[::1]:5222'/>",
    ],
    [{ _tag: 'Resume', version: sm3, previd: 'x', h: 0 }, "<resume xmlns='urn:xmpp:sm:3' previd='x' h='0'/>"],
    [{ _tag: 'Resumed', version: sm3, previd: 'x', h: 7 }, "<resumed xmlns='urn:xmpp:sm:3' previd='x' h='7'/>"],
    [
      { _tag: 'Failed', version: sm3, condition: 'item-not-found', h: 5 },
      `<failed xmlns='urn:xmpp:sm:3' h='5'><item-not-found xmlns='${stanzaErrorNamespace}'/></failed>`,
    ],
    [
      { _tag: 'Failed', version: sm3, condition: 'undefined-condition', tooHigh: { h: 10, sendCount: 8 } },
      `<failed xmlns='urn:xmpp:sm:3'><undefined-condition xmlns='${stanzaErrorNamespace}'/><handled-count-too-high xmlns='urn:xmpp:sm:3' h='10' send-count='8'/></failed>`,
    ],
  ])('%j', (nonza, xml) => expect(encodeNonza(nonza)).toBe(xml))
})

describe('an h', () => {
  test.each([
    ['0', 0],
    ['007', 7],
    ['999999999', 999_999_999],
    ['1000000000', 1_000_000_000],
    ['2147483647', 2 ** 31 - 1],
    ['2147483648', 2 ** 31],
    ['4294967295', 2 ** 32 - 1],
    ['00000000000000000001', 1],
    [' 5', 5],
    ['5 ', 5],
    ['&#9;&#10;&#13; 5&#9;', 5],
    ['+1', 1],
    ['-0', 0],
    [' +4294967295 ', 2 ** 32 - 1],
  ])('%j is %d', (h, count) =>
    expect(decoded(`<a xmlns='${sm3}' h='${h}'/>`)).toEqual(Either.right({ _tag: 'Ack', version: sm3, h: count })),
  )

  test.each([
    ...['', ' ', '-1', '--0', '++1', '+', '-', '+ 1', '1 2', '\u00a05', '1.5', '1.0', '1e3', '0x10', 'abc'],
    ...['4294967296', '+4294967296', '99999999999999999999', '\u0663', 'NaN', 'INF'],
  ])('%j is wrong wherever it stands', h => {
    const allowed = `found '${h}', allowed: an integer from 0 to 4294967295`
    expect(messageOf(`<a xmlns='${sm3}' h='${h}'/>`)).toBe(`attribute h of <a/>: ${allowed}`)
    expect(messageOf(`<resume xmlns='${sm3}' previd='x' h='${h}'/>`)).toBe(`attribute h of <resume/>: ${allowed}`)
    expect(messageOf(`<resumed xmlns='${sm3}' previd='x' h='${h}'/>`)).toBe(`attribute h of <resumed/>: ${allowed}`)
    expect(messageOf(`<failed xmlns='${sm3}' h='${h}'/>`)).toBe(`attribute h of <failed/>: ${allowed}`)
  })

  test('is missed where it must be', () => {
    expect(decoded("<a xmlns='urn:xmpp:sm:2'/>")).toEqual(
      Either.left({
        element: 'a',
        version: 'urn:xmpp:sm:2',
        attribute: 'h',
        message: 'attribute h of <a/>: missing, allowed: an integer from 0 to 4294967295',
      }),
    )
    expect(messageOf(`<resume xmlns='${sm3}' previd='x'/>`)).toContain('attribute h of <resume/>: missing')
  })

  test('that is very long is not repeated in full', () =>
    expect(messageOf(`<a xmlns='${sm3}' h='${'9'.repeat(10_000)}'/>`)?.length).toBeLessThan(200))
})

describe('<enable/>', () => {
  test.each([
    ['true', true],
    ['1', true],
    ['false', false],
    ['0', false],
    ['yes', false],
    [' true ', true],
    ['&#10;1&#9;', true],
    ['t rue', false],
    ['TRUE', false],
    ['', false],
  ])('with resume=%j asks for resumption: %s', (resume, expected) =>
    expect(decoded(`<enable xmlns='${sm3}' resume='${resume}'/>`)).toEqual(
      Either.right({ _tag: 'Enable', version: sm3, resume: expected }),
    ),
  )

  test('without resume asks for none', () =>
    expect(decoded(`<enable xmlns='${sm3}'/>`)).toEqual(Either.right({ _tag: 'Enable', version: sm3, resume: false })))

  test.each([
    ['0', 0],
    ['600', 600],
    [' 7 ', 7],
    ['+7', 7],
    ['9'.repeat(400), Number.MAX_SAFE_INTEGER],
  ])('with max=%s', (max, expected) =>
    expect(decoded(`<enable xmlns='${sm3}' max='${max}'/>`)).toEqual(
      Either.right({ _tag: 'Enable', version: sm3, resume: false, max: expected }),
    ),
  )

  test.each(['-1', '', 'ten', '1.5'])('with max=%j is an error', max =>
    expect(messageOf(`<enable xmlns='${sm3}' max='${max}'/>`)).toBe(
      `attribute max of <enable/>: found '${max}', allowed: an integer of seconds, 0 or more`,
    ),
  )
})

describe('<resume/>', () => {
  test.each(['', "previd=''"])('with %j instead of a previd is an error', previd =>
    expect(decoded(`<resume xmlns='${sm3}' h='1' ${previd}/>`)).toMatchObject(
      Either.left({ element: 'resume', version: sm3, attribute: 'previd' }),
    ),
  )
})

describe('<enabled/>', () => {
  test('that says resume but no id can be resumed by nothing', () =>
    expect(decoded(`<enabled xmlns='${sm3}' resume='true'/>`)).toEqual(
      Either.right({ _tag: 'Enabled', version: sm3, resume: false }),
    ))

  test('with resume as a digit', () =>
    expect(decoded(`<enabled xmlns='${sm3}' resume='1' id='x'/>`)).toMatchObject({ right: { resume: true } }))
})

describe('<failed/>', () => {
  test.each([
    ['no condition', ''],
    ['a condition of another namespace', "<item-not-found xmlns='urn:other'/>"],
    ['a condition that no other implementation of stream management sends', `<gone xmlns='${stanzaErrorNamespace}'/>`],
    ['a condition named like a property of every object', `<constructor xmlns='${stanzaErrorNamespace}'/>`],
    ['text only', `some <text xmlns='${stanzaErrorNamespace}'>words</text>`],
  ])('with %s has an undefined condition', (_, children) =>
    expect(decoded(`<failed xmlns='${sm3}'>${children}</failed>`)).toEqual(
      Either.right({ _tag: 'Failed', version: sm3, condition: 'undefined-condition' }),
    ),
  )

  test('with counts that are none is an error', () =>
    expect(decoded(`<failed xmlns='${sm3}'><handled-count-too-high xmlns='${sm3}' h='1'/></failed>`)).toMatchObject(
      Either.left({ element: 'failed', attribute: 'send-count' }),
    ))
})

describe('an element is of stream management', () => {
  test.each([
    [`<a xmlns='${sm3}'/>`, true],
    ["<whatever xmlns='urn:xmpp:sm:2'/>", true],
    [`<s:a xmlns:s='${sm3}'/>`, true],
    ["<a xmlns='urn:xmpp:sm:4'/>", false],
    ['<a/>', false],
  ])('%s: %s', (xml, expected) => expect(isSmElement(parsed(xml))).toBe(expected))

  test('also with a prefix, and unknown attributes and children', () =>
    expect(decoded(`<s:a xmlns:s='${sm3}' h='1' s:h='2' x='y'><z/></s:a>`)).toEqual(
      Either.right({ _tag: 'Ack', version: sm3, h: 1 }),
    ))

  test.each(['sm', 'foo', 'toString', '__proto__'])('but not one of the known ones: %s', name =>
    expect(decodeNonza(element(name, { xmlns: sm3 }))).toEqual(
      Either.left({
        element: name,
        version: sm3,
        message: `<${name}/> in '${sm3}' is no element of stream management, allowed: <a/>, <enable/>, <enabled/>, <failed/>, <r/>, <resume/>, <resumed/>`,
      }),
    ),
  )

  test('and a known name of another namespace is an error too', () =>
    expect(decodeNonza(element('a', { h: '1' }))).toMatchObject({ left: { element: 'a', version: sm3 } }))
})

describe('a codec', () => {
  test.each(Object.entries(nonzaCodecs))('of %s takes nothing that is not a record of its version', (_, codec) => {
    for (const wrong of [undefined, null, 'x', 5, {}, { xmlns: 'urn:other' }])
      expect(Either.isLeft(codec.decode(wrong))).toBe(true)
    for (const wrong of [undefined, null, 'x', 5, {}, { _tag: codec.name, version: 'urn:other' }])
      expect(codec.is(wrong)).toBe(false)
  })

  test('writes what it read', () =>
    expect(
      nonzaCodecs.failed.encode({
        _tag: 'Failed',
        version: sm3,
        condition: 'undefined-condition',
        tooHigh: { h: 2, sendCount: 1 },
      }),
    ).toEqual({ xmlns: sm3, condition: 'undefined-condition', tooHigh: { h: '2', 'send-count': '1' } }))
})
