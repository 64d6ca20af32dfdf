import {
  bareJid,
  bareOf,
  domainInAddress,
  domainpartOf,
  formatJid,
  type Jid,
  parseJid,
  resourceOf,
} from '@smacks/codec'
import fc from 'fast-check'
import * as Option from 'fp-ts/lib/Option.js'
import { describe, expect, test } from 'vitest'

const jid = (text: string): Jid | undefined => Option.toUndefined(parseJid(text))

describe('an address is read and normalised', () => {
  test.each([
    ['localhost', '', 'localhost', ''],
    ['alice@localhost', 'alice', 'localhost', ''],
    ['alice@localhost/phone', 'alice', 'localhost', 'phone'],
    ['localhost/x', '', 'localhost', 'x'],
    ['Alice@LocalHost/Phone', 'alice', 'localhost', 'Phone'],
    ['a@b/c@d/e', 'a', 'b', 'c@d/e'],
    ['a@b/ c ', 'a', 'b', ' c '],
    ['a.b-c_d+e!f%g=h?i~j$k(l)m;n@b', 'a.b-c_d+e!f%g=h?i~j$k(l)m;n', 'b', ''],
    ['a@example.org.', 'a', 'example.org', ''],
    ['a@127.0.0.1', 'a', '127.0.0.1', ''],
    ['a@[::1]', 'a', '[::1]', ''],
    ['a@[2001:DB8::8:800:200C:417A]', 'a', '[2001:db8::8:800:200c:417a]', ''],
    ['a@[1:2:3:4:5:6:7:8]', 'a', '[1:2:3:4:5:6:7:8]', ''],
    ['a@[::ffff:127.0.0.1]', 'a', '[::ffff:127.0.0.1]', ''],
    ['a@[1:2:3:4:5:6:127.0.0.1]/r', 'a', '[1:2:3:4:5:6:127.0.0.1]', 'r'],
    ['a@my_host.example', 'a', 'my_host.example', ''],
    ['a@xn--bcher-kva.example', 'a', 'b\u00fccher.example', ''],
    ['a@XN--BCHER-KVA.example', 'a', 'b\u00fccher.example', ''],
    ['a@xn--fa-hia.xn--fa-hia', 'a', 'fa\u00df.fa\u00df', ''],
    ['a@stra\u00dfe.de', 'a', 'stra\u00dfe.de', ''],
    ['a@b\u00fccher.1', 'a', 'b\u00fccher.1', ''],
    ['a@my_b\u00fccher.example', 'a', 'my_b\u00fccher.example', ''],
    ['a@\u05e0\u05d0.com', 'a', '\u05e0\u05d0.com', ''],
    ['a@col\u00b7lecci\u00f3.example', 'a', 'col\u00b7lecci\u00f3.example', ''],
    ['a@\u30a2\u30fb\u30a2.example', 'a', '\u30a2\u30fb\u30a2.example', ''],
    [
      'a@\u0646\u0627\u0645\u0647\u200c\u0627\u06cc.example',
      'a',
      '\u0646\u0627\u0645\u0647\u200c\u0627\u06cc.example',
      '',
    ],
    ['A\u0308@B\u00dcCHER.example/A\u0308', '\u00e4', 'b\u00fccher.example', '\u00c4'],
    ['\uff21\uff22@\uff43\u3002\uff44', 'ab', 'c.d', ''],
    ['stra\u00dfe@b', 'stra\u00dfe', 'b', ''],
    ['\u0631\u062c\u0644@b', '\u0631\u062c\u0644', 'b', ''],
    ['a@b/\u00a0\u3000\u{1f600}', 'a', 'b', '  \u{1f600}'],
  ])('%s', (text, local, domain, resource) => expect(jid(text)).toEqual({ local, domain, resource }))

  test('and is the same as before when it is asked for again', () =>
    expect(parseJid('Alice@Localhost/again')).toBe(parseJid('Alice@Localhost/again')))
})

describe('a text is no address', () => {
  test.each([
    ['', 'nothing'],
    ['@b', 'an empty local part'],
    ['a@', 'an empty domain'],
    ['a@b/', 'an empty resource'],
    ['/r', 'no domain'],
    ['@', 'nothing around the separator'],
    ['a b@c', 'a space in the local part'],
    ['a"b@c', 'a quote'],
    ['a&b@c', 'an ampersand'],
    ["a'b@c", 'an apostrophe'],
    ['a:b@c', 'a colon'],
    ['a<b@c', 'a less-than'],
    ['a>b@c', 'a greater-than'],
    ['a@b@c', 'a second at'],
    ['a\u0000@c', 'a control in the local part'],
    ['a\u007f@c', 'another control in the local part'],
    ['a\u200d@c', 'an invisible character in the local part'],
    ['\u{1f600}@c', 'a symbol in the local part'],
    ['\u017f@c', 'a character that stands for another'],
    ['\ufb01x@c', 'a ligature'],
    ['a\u0640b@c', 'a tatweel, which is excepted'],
    ['\u1100@c', 'a Jamo that conjoins'],
    ['a\u00b7b@c', 'a middle dot between other letters than l'],
    ['a\u0375b@c', 'a keraia not before Greek'],
    ['a\u05f3@c', 'a geresh not behind Hebrew'],
    ['a\u30fbb@c', 'a Katakana middle dot among Latin letters'],
    ['\u0660\u06f0@c', 'two kinds of Arabic digits'],
    ['a\u05d0@c', 'letters of both directions'],
    ['\u05d01\u0661@c', 'digits of both kinds behind letters from right to left'],
    ['\u0661@c', 'an Arabic digit at first of the local part'],
    ['1\u05d0@c', 'a digit before letters from right to left'],
    ['\u05d0.@c', 'a stop behind letters from right to left'],
    ['\u05d0a\u05d0@c', 'a letter of the other direction in between'],
    ['a@xn--a', 'an A-label of nothing'],
    ['a@xn--bcher-kv', 'an A-label of another text'],
    ['a@xn--bcher-', 'an A-label of ASCII'],
    ['a@xn--b\u00fc', 'an A-label with other characters'],
    ['a@xn--XX-\u00fc', 'an A-label with other characters in capitals'],
    ['a@xn--999999999999', 'an A-label beyond Unicode'],
    ['a@xn--Strae-oqA\u00df', 'an A-label with a sharp s'],
    ['a@xn--n3h.net', 'an A-label of a symbol'],
    ['a@\u2603.net', 'a symbol in the domain'],
    ['a@\u{1f4a9}.la', 'an emoji in the domain'],
    [`a@\u00fc${'x'.repeat(60)}`, 'an A-label of 64 characters or more'],
    ['a@a\u05d0', 'letters of both directions in a label'],
    ['a@1.\u05d0', 'a digit at first of a label beside one from right to left'],
    ['a@\u0661.com', 'an Arabic digit at first'],
    ['a@b\u200dc', 'a joiner in a label that joins nothing'],
    ['a@\u00b7', 'a middle dot alone'],
    ['a@\u00fcb..c', 'an empty label beside an U-label'],
    ['a@\u00fc\u2024b', 'another dot'],
    ['a@b\u00ad\u00fc', 'an invisible hyphen in the domain'],
    ['a@\u0301\u00fc', 'a mark at first'],
    ['a@\u00fc-', 'a hyphen at last of an U-label'],
    ['a@\u00fc\u20dd', 'an enclosing mark'],
    ['a@b c', 'a space in the domain'],
    ['a@.b', 'an empty label at first'],
    ['a@b..c', 'an empty label'],
    ['a@b..', 'two dots at last'],
    ['a@-b', 'a hyphen at first'],
    ['a@b-', 'a hyphen at last'],
    ['a@b:5222', 'a port'],
    ['a@b%c', 'a percent sign'],
    [`a@${'x'.repeat(64)}`, 'a label of 64 characters'],
    ['a@[::1', 'no closing bracket'],
    ['a@[:::1]', 'too many colons'],
    ['a@[1::2::3]', 'two gaps'],
    ['a@[1:2:3]', 'too few groups'],
    ['a@[1:2:3:4:5:6:7:8:9]', 'too many groups'],
    ['a@[::12345]', 'too long a group'],
    ['a@[::1.2.3.256]', 'too great a byte'],
    ['a@[1:2:3:4:5:6:7::1.2.3.4]', 'too many groups before the bytes'],
    ['a@[::1%eth0]', 'a zone'],
    ['a@b/\u0007', 'a control in the resource'],
    ['a@b/\u2028', 'a separator of lines in the resource'],
    ['a@b/x\ud800', 'half a character in the resource'],
    ['a@b/\u00ad', 'an invisible hyphen in the resource'],
    ['a@b/\u2764\ufe0f', 'a variation selector in the resource'],
    ['a@b/\u{1f468}\u200d\u{1f469}', 'a joiner between symbols in the resource'],
    ['a@b/\u200b', 'a space of no width in the resource'],
    ['a@b/\u202ex', 'an override of direction in the resource'],
    ['a@b/\ue000', 'a character for private use in the resource'],
    ['a@b/\uffff', 'what is no character in the resource'],
    ['a@b/\u0378', 'what is not assigned in the resource'],
    ['a@b/\u{e0041}', 'a tag in the resource'],
    ['a@b/\u1100\u1161\u11a8\u11a8', 'Jamo that are left in the resource'],
    ['a@b/a\u30fbb', 'a Katakana middle dot without its scripts in the resource'],
  ])('%j: %s', text => {
    expect(jid(text)).toBeUndefined()
    expect(jid(text)).toBeUndefined()
  })
})

/** RFC 7622 §3.5, both tables; that a resource may not begin with a space is an error of the RFC (erratum 4560). */
describe('of the examples of the standard', () => {
  test.each([
    ['juliet@example.com', 'juliet@example.com'],
    ['juliet@example.com/foo', 'juliet@example.com/foo'],
    ['juliet@example.com/foo bar', 'juliet@example.com/foo bar'],
    ['juliet@example.com/foo@bar', 'juliet@example.com/foo@bar'],
    ['foo\\20bar@example.com', 'foo\\20bar@example.com'],
    ['fussball@example.com', 'fussball@example.com'],
    ['fu\u00dfball@example.com', 'fu\u00dfball@example.com'],
    ['\u03c0@example.com', '\u03c0@example.com'],
    ['\u03a3@example.com/foo', '\u03c3@example.com/foo'],
    ['\u03c3@example.com/foo', '\u03c3@example.com/foo'],
    ['\u03c2@example.com/foo', '\u03c2@example.com/foo'],
    ['king@example.com/\u265a', 'king@example.com/\u265a'],
    ['example.com', 'example.com'],
    ['example.com/foobar', 'example.com/foobar'],
    ['a.example.com/b@example.net', 'a.example.com/b@example.net'],
    ['juliet@example.com/ foo', 'juliet@example.com/ foo'],
  ])('%s is one', (text, normal) => {
    const parsed = jid(text)
    expect(parsed && formatJid(parsed)).toBe(normal)
  })

  test.each([
    '"juliet"@example.com',
    'foo bar@example.com',
    '@example.com/',
    'henry\u2163@example.com',
    '\u265a@example.com',
    'juliet@',
    '/foobar',
  ])('%s is none', text => expect(jid(text)).toBeUndefined())
})

/** RFC 8265 §§3.5, 4.3: usernames and opaque strings; what JIDs have not (spaces in local parts, empty parts) is left out. */
describe('of the examples of PRECIS', () => {
  test.each([
    ['juliet@example.com', 'juliet'],
    ['fussball', 'fussball'],
    ['fu\u00dfball', 'fu\u00dfball'],
    ['\u03c0', '\u03c0'],
    ['\u03a3', '\u03c3'],
    ['\u03c2', '\u03c2'],
  ])('the local part %s', (written, local) => expect(jid(`${written.split('@')[0]}@b`)?.local).toBe(local))

  test.each([
    ['correct horse battery staple', 'correct horse battery staple'],
    ['Correct Horse Battery Staple', 'Correct Horse Battery Staple'],
    ['\u03c0\u00df\u00e5', '\u03c0\u00df\u00e5'],
    ['Jack of \u2666s', 'Jack of \u2666s'],
    ['foo\u1680bar', 'foo bar'],
    ['my cat is a \tby', undefined],
    ['', undefined],
  ])('the resource %j', (written, resource) => expect(jid(`a@b/${written}`)?.resource).toBe(resource))
})

describe('what needs its context has it', () => {
  test.each([
    'l\u00b7l@b',
    '\u0375\u03b1@b',
    '\u05d0\u05f3@b',
    '\u30a2\u30fb@b',
    '\u6f22\u30fb\u5b57@b',
    '\u0627\u0661\u0662@b',
    '\u06f1@b',
    '\u0915\u094d\u200d\u0937@b',
    '\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645@b',
    '\u05d0!b1\u05d0'.replace('b', '+').concat('@b'),
    'a@b/\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645 x',
    'a@b/a\u05d0 1\u0660',
  ])('%s', text => expect(jid(text)).toBeDefined())
})

describe('a part of an address', () => {
  /** Labels of three characters, the last one of any length up to four. */
  const longDomain = (bytes: number): string => 'abc.'.repeat(bytes).slice(0, bytes).replace(/\.$/, 'x')

  test('may take 1023 bytes', () => {
    expect(longDomain(1023)).toHaveLength(1023)
    for (const text of [
      `${'x'.repeat(1023)}@b`,
      `${'\u00e4'.repeat(511)}x@b`,
      longDomain(1023),
      `b/${'x'.repeat(1023)}`,
      `b/${'\u{1f600}'.repeat(255)}xyz`,
      `${'x'.repeat(1023)}@${longDomain(1023)}/${'x'.repeat(1023)}`,
    ])
      expect(jid(text), text.slice(0, 20)).toBeDefined()
  })

  test('may not take more', () => {
    for (const text of [
      `${'x'.repeat(1024)}@b`,
      `${'\u00e4'.repeat(512)}@b`,
      longDomain(1024),
      `b/${'x'.repeat(1024)}`,
      `b/${'\u{1f600}'.repeat(256)}`,
      `b/${'x'.repeat(5000)}`,
    ])
      expect(jid(text), text.slice(0, 20)).toBeUndefined()
  })
})

describe('the cache', () => {
  test('changes no answer, however many addresses come', () => {
    for (let round = 0; round < 2; round++)
      for (let i = 0; i < 5000; i++) {
        const local = `user${i}`
        expect(jid(`User${i}@h`)).toEqual({ local, domain: 'h', resource: '' })
        if (i % 100 === 0) expect(jid('Often@h')).toEqual({ local: 'often', domain: 'h', resource: '' })
      }
  })
})

describe('any text', () => {
  const piece = fc.oneof(
    fc.string({ maxLength: 8 }),
    fc.string({ unit: 'binary', maxLength: 8 }),
    fc.constantFrom('@', '/', '.', '[', ']', '::', 'Alice', 'b\u00dc', '\uff21', '\u3002', 'example.org', '127.0.0.1'),
  )
  const text = fc.array(piece, { maxLength: 8 }).map(pieces => pieces.join(''))

  test('that is an address has one normal form', () =>
    fc.assert(
      fc.property(text, any => {
        const parsed = jid(any)
        if (parsed !== undefined) expect(jid(formatJid(parsed))).toEqual(parsed)
      }),
      { numRuns: 2000 },
    ))

  test('that is an address is made of its parts', () =>
    fc.assert(
      fc.property(text, any => {
        const parsed = jid(any)
        if (parsed === undefined) return
        const whole = formatJid(parsed)
        expect(bareOf(whole)).toBe(bareJid(parsed))
        expect(resourceOf(whole)).toBe(parsed.resource)
        expect(domainpartOf(whole)).toBe(parsed.domain)
        expect(jid(bareJid(parsed))).toEqual({ ...parsed, resource: '' })
      }),
      { numRuns: 2000 },
    ))
})

describe('parts of a text', () => {
  test('are cut at the first slash', () => {
    expect(bareOf('a@b/c/d')).toBe('a@b')
    expect(resourceOf('a@b/c/d')).toBe('c/d')
    expect(bareOf('a@b')).toBe('a@b')
    expect(resourceOf('a@b')).toBe('')
    expect(domainpartOf('b/c@d')).toBe('b')
  })
})

describe('the domain that a text names as an address', () => {
  test.each([
    ['juliet@Example.ORG/balcony', 'example.org'],
    ['example.org', 'example.org'],
    ['@example.org', 'example.org'],
    ['ro meo@example.org/x', 'example.org'],
    ['juliet@example.org/', 'example.org'],
    [`${'x'.repeat(5_000)}@example.org`, 'example.org'],
  ])('%s: %s', (text, domain) => expect(domainInAddress(text)).toBe(domain))

  test.each([undefined, '', '@', 'a@b@example.org', 'juliet@', 'juliet@-', `@${'x'.repeat(2_000)}`, '@a b'])(
    '%s: none',
    text => expect(domainInAddress(text)).toBeUndefined(),
  )
})
