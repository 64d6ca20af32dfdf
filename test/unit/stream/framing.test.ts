import type { StreamErrorCondition } from '@smacks/core'
import { xmlStreamFraming } from '@smacks/stream'
import { describe, expect, test } from 'vitest'
import { readAll } from '../codec/reading.js'

const { open, close, error } = xmlStreamFraming

describe("the server's stream header", () => {
  test('says what clients need', () =>
    expect(
      readAll(open({ content: 'jabber:client', from: 'localhost', to: 'a@localhost', id: `x'<&"` }) + close),
    ).toEqual([
      {
        header: {
          from: 'localhost',
          to: 'a@localhost',
          id: `x'<&"`,
          version: '1.0',
          lang: 'en',
          xmlns: 'jabber:client',
        },
      },
      'closed',
    ]))

  test('is to nobody if nothing else is said', () =>
    expect(open({ content: 'jabber:client', from: 'localhost', id: 'x' })).toBe(
      "<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0' from='localhost' id='x' xml:lang='en'>",
    ))
})

describe('a stream error', () => {
  test.each<StreamErrorCondition>(['bad-format', 'conflict', 'see-other-host', 'unsupported-version'])(
    'is its condition: %s',
    condition =>
      expect(error({ condition })).toBe(
        `<stream:error><${condition} xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>`,
      ),
  )

  test('has its text behind the condition', () =>
    expect(error({ condition: 'policy-violation', text: 'a < b' })).toBe(
      "<stream:error><policy-violation xmlns='urn:ietf:params:xml:ns:xmpp-streams'/><text xmlns='urn:ietf:params:xml:ns:xmpp-streams' xml:lang='en'>a &lt; b</text></stream:error>",
    ))

  test('has what only stream management knows at last (XEP-0198 §6)', () =>
    expect(
      error({
        condition: 'undefined-condition',
        text: 'too high',
        tooHigh: { version: 'urn:xmpp:sm:3', h: 10, sendCount: 8 },
      }),
    ).toBe(
      "<stream:error><undefined-condition xmlns='urn:ietf:params:xml:ns:xmpp-streams'/><text xmlns='urn:ietf:params:xml:ns:xmpp-streams' xml:lang='en'>too high</text><handled-count-too-high xmlns='urn:xmpp:sm:3' h='10' send-count='8'/></stream:error>",
    ))
})
