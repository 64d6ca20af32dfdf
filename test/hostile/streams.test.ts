/**
 * Hostile streams, one row each: what is sent, from whom, and the stream errors that are a clear answer. All the
 * while another user's session hibernates on the same server and loses nothing.
 */
import { afterAll, beforeAll, describe, test } from 'vitest'
import { makeUsers } from '../support/house.js'
import type { RunningServer, TestUser } from '../support/server.js'
import { missing, startTarget, target } from '../support/targets.js'
import type { XmppClient } from '../support/xmpp-client.js'
import { whileSomebodySleeps } from './guard.js'

const megabytes = (count: number): string => 'x'.repeat(count * 1024 * 1024)

interface HostileStream {
  readonly what: string
  /** What is sent after a stream was opened. */
  readonly bytes: string | Uint8Array | (() => string)
  readonly answers: ReadonlyArray<string>
  /** In place of a stream header, not after one. */
  readonly atTheStart?: true
}

const xml = ['not-well-formed', 'bad-format', 'invalid-xml']
const restricted = ['restricted-xml', ...xml]
const limit = ['policy-violation', ...restricted]

const hostile: ReadonlyArray<HostileStream> = [
  { what: 'tags that do not match', bytes: '<message><body></message>', answers: xml },
  { what: 'tags that overlap', bytes: '<message><a><b></a></b></message>', answers: xml },
  { what: 'a bare ampersand', bytes: '<message><body>fish & chips</body></message>', answers: xml },
  { what: 'a bare <', bytes: '<message><body>1 < 2</body></message>', answers: xml },
  { what: 'text between stanzas', bytes: 'hello', answers: xml },
  { what: 'a DTD', bytes: '<!DOCTYPE message>', answers: restricted },
  {
    what: 'an entity bomb',
    bytes:
      '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>' +
      '<message><body>&c;</body></message>',
    answers: restricted,
  },
  {
    what: 'an entity bomb before the header',
    bytes:
      '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><stream:stream to="localhost">&b;',
    answers: restricted,
    atTheStart: true,
  },
  { what: 'an undefined entity', bytes: '<message><body>&secret;</body></message>', answers: restricted },
  { what: 'a processing instruction', bytes: '<?include /etc/passwd?>', answers: restricted },
  { what: 'a comment', bytes: '<!-- nothing to see -->', answers: restricted },
  { what: 'a comment without end', bytes: () => `<!-- ${megabytes(2)}`, answers: limit },
  { what: 'ten thousand elements inside each other', bytes: `<message>${'<a>'.repeat(10_000)}`, answers: limit },
  { what: 'ten thousand attributes', bytes: () => `<message ${manyAttributes(10_000)}/>`, answers: limit },
  { what: 'a stanza of 10 MB', bytes: () => `<message><body>${megabytes(10)}</body></message>`, answers: limit },
  { what: 'an attribute of 10 MB', bytes: () => `<message id='${megabytes(10)}'/>`, answers: limit },
  { what: 'an element name of 10 MB', bytes: () => `<${megabytes(10)}/>`, answers: limit },
  {
    what: 'a thousand stanzas in a stanza of 10 MB',
    bytes: () => `<message>${'<message/>'.repeat(1_000_000)}`,
    answers: limit,
  },
  { what: 'a CDATA section of 10 MB', bytes: () => `<message><body><![CDATA[${megabytes(10)}`, answers: limit },
  { what: 'an entity reference of 10 MB', bytes: () => `<message><body>&${megabytes(10)}`, answers: limit },
  {
    what: 'invalid UTF-8',
    bytes: Buffer.concat([Buffer.from('<message><body>'), Uint8Array.of(0xc3, 0x28), Buffer.from('</body></message>')]),
    answers: ['unsupported-encoding', ...xml],
  },
  {
    what: 'UTF-8 in an overlong form',
    bytes: Buffer.concat([Buffer.from('<message><body>'), Uint8Array.of(0xc0, 0xbc), Buffer.from('</body></message>')]),
    answers: ['unsupported-encoding', ...xml],
  },
  {
    what: 'half a surrogate pair',
    bytes: Buffer.concat([
      Buffer.from('<message><body>'),
      Uint8Array.of(0xed, 0xa0, 0x80),
      Buffer.from('</body></message>'),
    ]),
    answers: ['unsupported-encoding', ...xml],
  },
  { what: 'NUL', bytes: '<message><body>\0</body></message>', answers: xml },
  { what: 'a character reference to NUL', bytes: '<message><body>&#0;</body></message>', answers: restricted },
  { what: 'a control character', bytes: '<message><body>\u0001</body></message>', answers: xml },
  { what: 'UTF-16', bytes: Buffer.from('<message/>', 'utf16le'), answers: ['unsupported-encoding', ...xml] },
  { what: 'an unbound prefix', bytes: '<message><evil:x/></message>', answers: ['bad-namespace-prefix', ...xml] },
  {
    what: 'a redeclared xml prefix',
    bytes: "<message xmlns:xml='urn:evil'/>",
    answers: ['bad-namespace-prefix', ...xml],
  },
  { what: 'HTTP', bytes: 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n', answers: xml, atTheStart: true },
  {
    what: 'a stream header of 10 MB',
    bytes: () => `<stream:stream to='${megabytes(10)}`,
    answers: limit,
    atTheStart: true,
  },
  { what: 'noise', bytes: noise(65_536), answers: ['unsupported-encoding', ...limit], atTheStart: true },
]

function manyAttributes(count: number): string {
  return Array.from({ length: count }, (_, n) => `a${n}='x'`).join(' ')
}

/** The same noise in each run. */
function noise(length: number): Uint8Array {
  let state = 42
  return Uint8Array.from({ length }, () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return (state >> 16) % 256
  })
}

/** A clear answer: one of these stream errors, then the end of the line; or the line just ends where there is no stream yet. */
const expectAnswer = async (client: XmppClient, { answers }: HostileStream, started: boolean): Promise<void> => {
  for (;;) {
    const item = await client.next(`a stream error ${answers.join(' or ')}`)
    if (item.kind === 'lost' && !started) return
    if (item.kind === 'lost') throw new Error(`the line ended (${item.how}) without a stream error`)
    if (item.kind === 'close') throw new Error('the stream was closed without an error')
    if (item.element.name !== 'error') continue
    const said = item.element.children.map(it => it.name)
    if (!said.some(it => answers.includes(it)))
      throw new Error(`expected ${answers.join(' or ')}, but there came ${said}`)
    await client.expectLost()
    return
  }
}

describe.skipIf(missing !== undefined)(`hostile streams against ${target}`, () => {
  const users: TestUser[] = [...makeUsers(150)]
  const next = (): TestUser => users.pop() ?? { username: 'nobody', password: '' }
  let server: RunningServer

  beforeAll(async () => {
    server = await startTarget({ users })
  })
  afterAll(() => server?.stop())

  for (const row of hostile) {
    const bytes = (): string | Uint8Array => (typeof row.bytes === 'function' ? row.bytes() : row.bytes)

    test(`${row.what}, from a stranger`, () =>
      whileSomebodySleeps(server, next, async ({ house }) => {
        const stranger = await house.connect()
        if (row.atTheStart !== true) await stranger.open()
        stranger.sendRaw(bytes())
        await expectAnswer(stranger, row, row.atTheStart !== true)
      }))

    if (row.atTheStart !== true)
      test(`${row.what}, from a user`, () =>
        whileSomebodySleeps(server, next, async ({ house }) => {
          const user = await house.managed(house.person())
          user.sendRaw(bytes())
          await expectAnswer(user, row, true)
        }))
  }
})
