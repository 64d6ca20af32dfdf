import { closeStream, encodeStreamError, openStream } from '@smacks/codec'
import type { StreamErrorCondition } from '@smacks/core'
import { describe, expect, test } from 'vitest'
import { header, readAll, readInPieces } from './reading.js'

describe("the server's stream header", () => {
  test('says what clients need', () =>
    expect(
      readAll(openStream({ from: 'localhost', to: 'a@localhost', id: `x'<&"`, lang: 'de' }) + closeStream),
    ).toEqual([
      {
        header: {
          from: 'localhost',
          to: 'a@localhost',
          id: `x'<&"`,
          version: '1.0',
          lang: 'de',
          xmlns: 'jabber:client',
        },
      },
      'closed',
    ]))

  test('is in English and to nobody if nothing else is said', () =>
    expect(openStream({ from: 'localhost', id: 'x' })).toBe(
      "<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0' from='localhost' id='x' xml:lang='en'>",
    ))
})

describe('a stream error', () => {
  test.each<StreamErrorCondition>(['bad-format', 'conflict', 'see-other-host', 'unsupported-version'])(
    'is its condition: %s',
    condition =>
      expect(encodeStreamError({ condition })).toBe(
        `<stream:error><${condition} xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>`,
      ),
  )

  test('has its text behind the condition', () =>
    expect(encodeStreamError({ condition: 'policy-violation', text: 'a < b' })).toBe(
      "<stream:error><policy-violation xmlns='urn:ietf:params:xml:ns:xmpp-streams'/><text xmlns='urn:ietf:params:xml:ns:xmpp-streams' xml:lang='en'>a &lt; b</text></stream:error>",
    ))

  test('has what only stream management knows at last (XEP-0198 §6)', () =>
    expect(
      encodeStreamError({
        condition: 'undefined-condition',
        text: 'too high',
        tooHigh: { version: 'urn:xmpp:sm:3', h: 10, sendCount: 8 },
      }),
    ).toBe(
      "<stream:error><undefined-condition xmlns='urn:ietf:params:xml:ns:xmpp-streams'/><text xmlns='urn:ietf:params:xml:ns:xmpp-streams' xml:lang='en'>too high</text><handled-count-too-high xmlns='urn:xmpp:sm:3' h='10' send-count='8'/></stream:error>",
    ))
})

test.each([1, 7, 10_000])('an empty stream ends where its header does, whatever follows, in pieces of %i', size => {
  expect(readInPieces(`${header.replace(/>$/, '/>')}text`, size).slice(1)).toEqual(['closed'])
})
