/** Stream headers of servers that are refused (RFC 6120 §4.7), and what servers may cost before they have shown who they are. */
import { describe, expect, test } from 'vitest'
import { alsoOurs, certificateOf, deserted, expectTrusted, expectUntrusted, onGround, ours } from './ground.js'
import { honest, keyOf, withAuthority } from './keys.js'
import { nsTls, outcome, type Peer } from './peer.js'

interface BadHeader {
  readonly what: string
  readonly change: (header: string) => string
  readonly condition: string
}

const attribute =
  (name: string, value?: string) =>
  (header: string): string =>
    // Not in the XML declaration, which has a version, too.
    header.replace(
      new RegExp(`(?<=<stream:stream.*) ${name}='[^']*'`),
      value === undefined ? '' : ` ${name}='${value}'`,
    )

const badHeaders: ReadonlyArray<BadHeader> = [
  { what: 'the namespace of clients', change: attribute('xmlns', 'jabber:client'), condition: 'invalid-namespace' },
  { what: 'no namespace', change: attribute('xmlns'), condition: 'invalid-namespace' },
  { what: 'another namespace of streams', change: attribute('xmlns:stream', 'urn:x'), condition: 'invalid-namespace' },
  { what: 'no version', change: attribute('version'), condition: 'unsupported-version' },
  { what: 'an old version', change: attribute('version', '0.9'), condition: 'unsupported-version' },
  { what: 'a version that is none', change: attribute('version', 'new'), condition: 'unsupported-version' },
  { what: 'a domain that is not served here', change: attribute('to', 'not-here.example'), condition: 'host-unknown' },
  { what: 'a domain below one of ours', change: attribute('to', `below.${ours}`), condition: 'host-unknown' },
  { what: 'somebody at our domain as its goal', change: attribute('to', `user1@${ours}`), condition: 'host-unknown' },
  { what: 'nowhere to go', change: attribute('to'), condition: 'host-unknown' },
  { what: 'our own domain as its origin', change: attribute('from', ours), condition: 'invalid-from' },
  { what: 'another domain of ours as its origin', change: attribute('from', alsoOurs), condition: 'invalid-from' },
  {
    what: 'our own domain in capitals as its origin',
    change: attribute('from', ours.toUpperCase()),
    condition: 'invalid-from',
  },
  { what: 'somebody as its origin', change: attribute('from', 'x@n1.elsewhere.example'), condition: 'invalid-from' },
  { what: 'an origin that is no address', change: attribute('from', '@'), condition: 'invalid-from' },
]

describe('a stream with', () => {
  const ground = onGround({ authentication: 'either', connect_timeout_seconds: 20 })

  /** Sends a header that is not as it should be, and something behind it. */
  const refused = async (peer: Peer, { change, condition }: BadHeader): Promise<void> => {
    peer.restart()
    peer.sendRaw(change(peer.header()))
    await peer.opened()
    peer.message(ground().witness.jid, 'let me in')
    await peer.expectStreamError(condition)
  }

  test.each(badHeaders)('$what is refused', async header => {
    await refused(await ground().peer(ground().stranger()), header)
  })

  test.each(badHeaders)('$what is refused inside of TLS', async header => {
    const domain = ground().stranger()
    const peer = await ground().peer(domain, { certificate: await certificateOf(domain) })
    await peer.open()
    await peer.startTls()
    await refused(peer, header)
  })

  test('no origin is let in as far as to dialback', async () => {
    const peer = await honest(ground())
    const anonymous = await ground().peer(peer.from)
    await anonymous.open()
    await anonymous.startTls()
    anonymous.restart()
    anonymous.sendRaw(attribute('from')(anonymous.header()))
    const { id = '' } = (await anonymous.opened()).attrs
    await anonymous.expect('features')
    expect(outcome(await anonymous.dialBack(keyOf(id)))).toBe('valid')
    await expectTrusted(ground(), anonymous)
  })

  test('noise inside of TLS is told so in a stream', async () => {
    const peer = await ground().peer(ground().stranger())
    await peer.open()
    await peer.startTls()
    peer.restart()
    peer.sendRaw('GET / HTTP/1.1\r\n\r\n')
    await peer.opened()
    await peer.expectStreamError()
  })

  test('a hundred questions before it is established goes no further', async () => {
    const peer = await ground().peer(ground().stranger())
    await peer.encrypted()
    for (let n = 0; n < 150; n += 1)
      peer.sendRaw(`<db:verify from='${peer.from}' to='not-here.example' id='${n}'>key</db:verify>`)
    const before = await peer.expectLost()
    const answers = before.flatMap(item => (item.kind === 'element' ? [item.element] : []))
    // One of them was <starttls/>.
    expect(answers.filter(it => it.name === 'verify').length).toBe(99)
    expect(answers.at(-1)?.children[0]?.name).toBe('policy-violation')
  })

  test('a hundred tries to authenticate goes no further', async () => {
    const peer = await ground().peer(ground().stranger())
    await peer.encrypted()
    for (let n = 0; n < 150; n += 1)
      peer.sendRaw("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='EXTERNAL'>=</auth>")
    const before = await peer.expectLost()
    const answers = before.flatMap(item => (item.kind === 'element' ? [item.element] : []))
    expect(answers.filter(it => it.name === 'failure').length).toBe(99)
    expect(answers.at(-1)?.children[0]?.name).toBe('policy-violation')
  })

  test('an element of a megabyte is refused', async () => {
    const peer = await ground().peer(ground().stranger())
    await peer.encrypted()
    peer.sendRaw(`<db:result from='${peer.from}' to='${ours}'>${'x'.repeat(1024 * 1024)}`)
    await peer.expectStreamError('policy-violation')
  })
})

describe('a server that takes its time', () => {
  const ground = onGround({ authentication: 'either', connect_timeout_seconds: 2 })

  const stalls: ReadonlyArray<readonly [what: string, stall: (peer: Peer) => Promise<unknown>]> = [
    ['before it says anything', () => Promise.resolve()],
    ['in its header', async peer => peer.sendRaw("<stream:stream xmlns='jabber:server'")],
    ['before TLS', peer => peer.open()],
    ['inside of TLS', peer => peer.encrypted()],
    ['in an element', peer => peer.encrypted().then(() => peer.sendRaw('<db:result'))],
    ['with its questions', peer => peer.encrypted().then(() => peer.verify('id', 'key'))],
  ]

  test.each(stalls)('%s is not waited for', async (_, stall) => {
    const peer = await ground().peer(ground().stranger())
    await stall(peer)
    await peer.expectStreamError('connection-timeout')
  })

  test('in the handshake of TLS is not waited for', async () => {
    const peer = await ground().peer(ground().stranger())
    await peer.open()
    peer.send(`<starttls xmlns='${nsTls}'/>`)
    await peer.expect('proceed')
    await peer.expectLost()
  })

  test('with its stanzas once it has shown who it is, too', async () => {
    const domain = ground().stranger()
    const peer = await ground().peer(domain, { certificate: await certificateOf(domain) })
    await peer.certified()
    await peer.expectStreamError('connection-timeout')
  })

  test('to answer a question of ours is not waited for, and the peer is told', async () => {
    const peer = await withAuthority(ground(), () => () => Promise.resolve())
    expect(outcome(await peer.dialBack('key'))).toBe('error remote-server-timeout')
    await peer.expectStreamError('connection-timeout')
  })

  test('none of that is for a server that cannot be reached', async () => {
    const peer = await ground().peer(deserted)
    await peer.encrypted()
    expect(outcome(await peer.dialBack('key'))).toBe('error remote-connection-failed')
    await expectUntrusted(ground(), peer)
  })
})
