import fc from 'fast-check'
import { left, right } from 'fp-ts/lib/Either.js'
import { describe, expect, test } from 'vitest'
import {
  type Dialback,
  type DialbackCondition,
  type DialbackOutcome,
  decodeDialback,
  dialbackConditions,
  encodeDialback,
  isDialback,
  outcomeOf,
  type VerifyAnswer,
} from '../../../packages/stream-s2s/src/dialback-elements.js'
import { elementOf } from './reading.js'

const decoded = (xml: string) => decodeDialback(elementOf(xml))
const pair = { from: 'capulet.example', to: 'montague.example' }
const addresses = "from='capulet.example' to='montague.example'"
const conditions = Object.keys(dialbackConditions) as Array<DialbackCondition>

describe('an element of dialback', () => {
  test.each<readonly [string, Dialback, string]>([
    ['a key', { _tag: 'ResultRequest', ...pair, key: 'b483' }, `<db:result ${addresses}>b483</db:result>`],
    ['a grant', { _tag: 'ResultAnswer', ...pair, type: 'valid' }, `<db:result ${addresses} type='valid'/>`],
    ['a denial', { _tag: 'ResultAnswer', ...pair, type: 'invalid' }, `<db:result ${addresses} type='invalid'/>`],
    [
      'an error',
      { _tag: 'ResultAnswer', ...pair, type: 'error', condition: 'item-not-found' },
      `<db:result ${addresses} type='error'><error type='cancel'>` +
        "<item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></db:result>",
    ],
    [
      'a question',
      { _tag: 'VerifyRequest', ...pair, id: 'D6', key: 'b483' },
      `<db:verify ${addresses} id='D6'>b483</db:verify>`,
    ],
    [
      'a yes',
      { _tag: 'VerifyAnswer', ...pair, id: 'D6', type: 'valid' },
      `<db:verify ${addresses} id='D6' type='valid'/>`,
    ],
    [
      'a no',
      { _tag: 'VerifyAnswer', ...pair, id: 'D6', type: 'invalid' },
      `<db:verify ${addresses} id='D6' type='invalid'/>`,
    ],
    [
      'a question that has no answer',
      { _tag: 'VerifyAnswer', ...pair, id: 'D6', type: 'error', condition: 'remote-server-timeout' },
      `<db:verify ${addresses} id='D6' type='error'><error type='wait'>` +
        "<remote-server-timeout xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></db:verify>",
    ],
  ])('is written and read: %s', (_, dialback, xml) => {
    expect(encodeDialback(dialback)).toBe(xml)
    expect(isDialback(elementOf(xml))).toBe(true)
    expect(decoded(xml)).toEqual(right(dialback))
  })

  test('is read as it was written, whatever it says', () => {
    const domain = fc.constantFrom('a.example', 'b\u00fccher.example', '[::1]', 'stra\u00dfe.example')
    const word = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 50 }).filter(isXmlText)
    const outcome = fc.oneof(
      fc.record({ type: fc.constantFrom('valid' as const, 'invalid' as const) }),
      fc.record({ type: fc.constant('error' as const), condition: fc.constantFrom(...conditions) }),
    )
    const said: fc.Arbitrary<Dialback> = fc.oneof(
      fc.record({ _tag: fc.constant('ResultRequest' as const), from: domain, to: domain, key: word }),
      fc.record({ _tag: fc.constant('VerifyRequest' as const), from: domain, to: domain, id: word, key: word }),
      fc
        .tuple(domain, domain, outcome)
        .map(([from, to, found]) => ({ _tag: 'ResultAnswer' as const, from, to, ...found })),
      fc
        .tuple(domain, domain, word, outcome)
        .map(([from, to, id, found]) => ({ _tag: 'VerifyAnswer' as const, from, to, id, ...found })),
    )
    fc.assert(fc.property(said, dialback => void expect(decoded(encodeDialback(dialback))).toEqual(right(dialback))))
  })

  test('may have another prefix, white space around the key, and addresses in capitals', () =>
    expect(
      decoded(
        "<dialback:result xmlns:dialback='jabber:server:dialback' from='Capulet.EXAMPLE.' to='montague.example'>\n  b483\n</dialback:result>",
      ),
    ).toEqual(right({ _tag: 'ResultRequest', ...pair, key: 'b483' })))

  test('says no more than we can tell apart of the reason of an error', () => {
    const unknown = right({ _tag: 'ResultAnswer', ...pair, type: 'error', condition: 'undefined-condition' })
    const error = (content: string) => decoded(`<db:result ${addresses} type='error'>${content}</db:result>`)
    expect(error('')).toEqual(unknown)
    expect(error('<error/>')).toEqual(unknown)
    expect(error('<error><forbidden/></error>')).toEqual(unknown)
    expect(error("<error><toString xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>")).toEqual(unknown)
    expect(error("<error><x xmlns='y'/><forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>")).toEqual(
      right({ _tag: 'ResultAnswer', ...pair, type: 'error', condition: 'forbidden' }),
    )
  })

  test.each([
    [
      `<db:other ${addresses}/>`,
      'unsupported-stanza-type',
      '<db:other/> is no element of dialback, allowed: <db:result/> and <db:verify/>.',
    ],
    [
      "<db:result to='b.example'>k</db:result>",
      'improper-addressing',
      "<db:result/> is from '' to 'b.example'; both must be domains.",
    ],
    [
      "<db:verify from='a.example' to='user@b.example' id='1'>k</db:verify>",
      'improper-addressing',
      "<db:verify/> is from 'a.example' to 'user@b.example'; both must be domains.",
    ],
    [
      `<db:result ${addresses} type='maybe'/>`,
      'bad-format',
      "<db:result/> has the type 'maybe', allowed: 'valid', 'invalid', 'error', or none with a key.",
    ],
    [
      `<db:result ${addresses}/>`,
      'bad-format',
      "<db:result/> has the key '', allowed: a text of 1 to 1000 characters.",
    ],
    [
      `<db:result ${addresses}>${'k'.repeat(1001)}</db:result>`,
      'bad-format',
      `<db:result/> has the key '${'k'.repeat(100)}...', allowed: a text of 1 to 1000 characters.`,
    ],
    [
      `<db:verify ${addresses}>k</db:verify>`,
      'bad-format',
      "<db:verify/> has the id '', allowed: a text of 1 to 1000 characters.",
    ],
    [
      `<db:verify ${addresses} type='valid'/>`,
      'bad-format',
      "<db:verify/> has the id '', allowed: a text of 1 to 1000 characters.",
    ],
  ])('that is none is refused: %.70s', (xml, condition, text) =>
    expect(decoded(xml)).toEqual(left({ condition, text })),
  )

  test.each<DialbackOutcome>([{ type: 'valid' }, { type: 'invalid' }, { type: 'error', condition: 'forbidden' }])(
    'with the outcome %j is passed on without its addresses',
    outcome => {
      const answer: VerifyAnswer = { _tag: 'VerifyAnswer', ...pair, id: 'D6', ...outcome }
      expect(outcomeOf(answer)).toEqual(outcome)
    },
  )

  test('is not what only looks like one', () => {
    expect(isDialback(elementOf(`<result xmlns='jabber:client' ${addresses}>k</result>`))).toBe(false)
    expect(isDialback(elementOf('<message/>'))).toBe(false)
  })
})

/** What is trimmed away or no XML could not come back. */
const isXmlText = (text: string): boolean =>
  text.trim() === text && /^[\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]+$/u.test(text)
