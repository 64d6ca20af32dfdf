/** RFC 6121 §8.5: who gets a message, row by row. */
import { outlineOf, parseElement } from '@smacks/codec'
import { getOrElseW } from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import {
  type Addressee,
  isCopiedToOthers,
  keepingOf,
  type MessageRoute,
  type MessageType,
  messageTypeOf,
  routeOf,
} from '../../../packages/im/src/message-rules.js'

const message = (inside: string) =>
  outlineOf(
    getOrElseW(problem => {
      throw new Error(String(problem))
    })(parseElement(`<message>${inside}</message>`)),
  )

const types: ReadonlyArray<MessageType> = ['normal', 'chat', 'groupchat', 'headline', 'error']

/** What the address names, whether an available session has a priority that is not negative, and the fate of each type. */
const rows: ReadonlyArray<readonly [Addressee, boolean, ReadonlyArray<MessageRoute>]> = [
  ['session', true, ['to-session', 'to-session', 'to-session', 'to-session', 'to-session']],
  ['session', false, ['to-session', 'to-session', 'to-session', 'to-session', 'to-session']],
  ['account', true, ['to-highest-priority', 'to-highest-priority', 'refuse', 'to-non-negative-priority', 'ignore']],
  ['account', false, ['store', 'store', 'refuse', 'ignore', 'ignore']],
  ['missing-resource', true, ['to-highest-priority', 'to-highest-priority', 'refuse', 'ignore', 'ignore']],
  ['missing-resource', false, ['store', 'store', 'refuse', 'ignore', 'ignore']],
]

describe('a message', () => {
  for (const [addressee, receptive, routes] of rows)
    for (const [index, type] of types.entries())
      it(`of type ${type} for a ${addressee}, ${receptive ? 'somebody' : 'nobody'} there: ${routes[index]}`, () => {
        expect(routeOf(type, addressee, receptive)).toBe(routes[index])
      })

  it('of an unknown type counts as normal (§5.2.2)', () => {
    expect(messageTypeOf('letter')).toBe('normal')
  })
})

describe('what is kept of a message for nobody', () => {
  const cases: ReadonlyArray<readonly [string, string, ReturnType<typeof keepingOf>]> = [
    ['a body', '<body>hello</body>', 'store'],
    ['a receipt', "<received xmlns='urn:xmpp:receipts' id='1'/>", 'store'],
    ['a subject alone', '<subject>hello</subject>', 'store'],
    ['a chat state', "<composing xmlns='http://jabber.org/protocol/chatstates'/>", 'ignore'],
    [
      'a chat state, a thread and a hint',
      "<paused xmlns='http://jabber.org/protocol/chatstates'/><thread>t</thread><no-store xmlns='urn:xmpp:hints'/>",
      'ignore',
    ],
    ['a body and a chat state', "<body>b</body><active xmlns='http://jabber.org/protocol/chatstates'/>", 'store'],
    ['nothing', '', 'ignore'],
    ['a body that is not to be stored', "<body>b</body><no-store xmlns='urn:xmpp:hints'/>", 'refuse'],
    ['a payload that is not to be stored', "<x xmlns='urn:x'/><no-store xmlns='urn:xmpp:hints'/>", 'ignore'],
    ['a body not to be kept for ever', "<body>b</body><no-permanent-store xmlns='urn:xmpp:hints'/>", 'store'],
  ]
  for (const [what, inside, keeping] of cases)
    it(`${what}: ${keeping}`, () => {
      expect(keepingOf(message(inside))).toBe(keeping)
    })
})

describe('carbon copies (XEP-0280 §6.1)', () => {
  const cases: ReadonlyArray<readonly [string, MessageType, string, boolean]> = [
    ['chat', 'chat', '<body>b</body>', true],
    ['chat without a body', 'chat', '', true],
    ['normal with a body', 'normal', '<body>b</body>', true],
    ['normal without one', 'normal', "<x xmlns='urn:x'/>", false],
    ['normal with a receipt', 'normal', "<received xmlns='urn:xmpp:receipts' id='1'/>", true],
    ['normal with a marker', 'normal', "<displayed xmlns='urn:xmpp:chat-markers:0' id='1'/>", true],
    ['a room invitation', 'normal', "<x xmlns='jabber:x:conference' jid='r@c.example'/>", true],
    [
      'a mediated invitation',
      'normal',
      "<x xmlns='http://jabber.org/protocol/muc#user'><invite to='x@y.example'/></x>",
      true,
    ],
    ['a private message in a room', 'chat', "<body>b</body><x xmlns='http://jabber.org/protocol/muc#user'/>", false],
    ['groupchat', 'groupchat', '<body>b</body>', false],
    ['headline', 'headline', '<body>b</body>', false],
    ['error', 'error', '<body>b</body>', false],
    ['private', 'chat', "<body>b</body><private xmlns='urn:xmpp:carbons:2'/>", false],
    ['no-copy', 'chat', "<body>b</body><no-copy xmlns='urn:xmpp:hints'/>", false],
    [
      'a copy itself',
      'chat',
      "<received xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'/></received>",
      false,
    ],
  ]
  for (const [what, type, inside, copied] of cases)
    it(`${what}: ${copied ? 'copied' : 'not copied'}`, () => {
      expect(isCopiedToOthers(message(inside), type)).toBe(copied)
    })
})
