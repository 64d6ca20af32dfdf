import { bareJid, bareOf, domainInAddress, formatJid, type Jid, parseJid, resourceOf } from '@smacks/codec'
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
    ['a@xn--bcher-kva.example', 'a', 'xn--bcher-kva.example', ''],
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
  ])('%j: %s', text => {
    expect(jid(text)).toBeUndefined()
    expect(jid(text)).toBeUndefined()
  })
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
