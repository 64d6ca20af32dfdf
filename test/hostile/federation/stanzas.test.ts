/** What a server may send once it has shown who it is (RFC 6120 §8.1), and sessions of stream management that are another's. */
import { describe, expect, test } from 'vitest'
import { show, type Xml } from '../../support/xml.js'
import { nsSm3 } from '../../support/xmpp-line.js'
import { alsoOurs, certificateOf, expectTrusted, type Ground, onGround, ours } from './ground.js'
import { messageOf, type Peer } from './peer.js'

const ground = onGround({ authentication: 'either', connect_timeout_seconds: 20 })

/** A stream that may carry stanzas. */
const trusted = async (domain = ground().stranger(), to = ours): Promise<Peer> => {
  const peer = await ground().peer(domain, { to, certificate: await certificateOf(domain) })
  await peer.certified()
  return peer
}

const enable = async (peer: Peer): Promise<Xml> => {
  peer.send(`<enable xmlns='${nsSm3}' resume='true'/>`)
  return peer.expect('enabled')
}

const resume = (peer: Peer, previd: string, h = '0'): void =>
  peer.send(`<resume xmlns='${nsSm3}' previd='${previd}' h='${h}'/>`)

const conditionOf = (failed: Xml): string | undefined => failed.children[0]?.name

interface Addressed {
  readonly what: string
  readonly addresses: (domain: string, ground: Ground) => Readonly<Record<string, string>>
  readonly condition: string
}

const badlyAddressed: ReadonlyArray<Addressed> = [
  {
    what: 'from another domain',
    addresses: (_, { witness }) => ({ from: 'x@other.example', to: witness.jid }),
    condition: 'invalid-from',
  },
  {
    what: 'from somebody here',
    addresses: (_, { witness }) => ({ from: `user2@${ours}/desk`, to: witness.jid }),
    condition: 'invalid-from',
  },
  {
    what: 'from a domain below',
    addresses: (domain, { witness }) => ({ from: `x@below.${domain}`, to: witness.jid }),
    condition: 'invalid-from',
  },
  {
    what: 'from a domain that ends like the right one',
    addresses: (domain, { witness }) => ({ from: `x@evil-${domain}`, to: witness.jid }),
    condition: 'invalid-from',
  },
  {
    what: 'from the right domain as a resource',
    addresses: (domain, { witness }) => ({ from: `x@other.example/@${domain}`, to: witness.jid }),
    condition: 'invalid-from',
  },
  {
    what: 'from nobody',
    addresses: (_, { witness }) => ({ to: witness.jid }),
    condition: 'improper-addressing',
  },
  {
    what: 'from an empty address',
    addresses: (_, { witness }) => ({ from: '', to: witness.jid }),
    condition: 'improper-addressing',
  },
  {
    what: 'from what is no address',
    addresses: (domain, { witness }) => ({ from: `a@b@${domain}`, to: witness.jid }),
    condition: 'improper-addressing',
  },
  { what: 'to nobody', addresses: domain => ({ from: `x@${domain}` }), condition: 'improper-addressing' },
  {
    what: 'to what is no address',
    addresses: domain => ({ from: `x@${domain}`, to: `a@b@${ours}` }),
    condition: 'improper-addressing',
  },
  {
    what: 'to a domain that is not served here',
    addresses: domain => ({ from: `x@${domain}`, to: 'user1@not-here.example' }),
    condition: 'host-unknown',
  },
  {
    what: 'to a domain of ours that the stream is not to',
    addresses: domain => ({ from: `x@${domain}`, to: `user1@${alsoOurs}` }),
    condition: 'host-unknown',
  },
  {
    what: 'to its own domain, to be relayed',
    addresses: domain => ({ from: `x@${domain}`, to: `x@${domain}` }),
    condition: 'host-unknown',
  },
]

describe('a message', () => {
  test.each(badlyAddressed)('$what ends the stream, and nothing of it arrives', async ({ addresses, condition }) => {
    const peer = await trusted()
    peer.sendRaw(messageOf(addresses(peer.from, ground()), 'refused'))
    peer.message(ground().witness.jid, 'too late')
    await peer.expectStreamError(condition)
  })

  test.each(badlyAddressed)('$what ends a stream with stream management, too', async ({ addresses, condition }) => {
    const peer = await trusted()
    await enable(peer)
    await expectTrusted(ground(), peer)
    peer.sendRaw(messageOf(addresses(peer.from, ground()), 'refused'))
    peer.message(ground().witness.jid, 'too late')
    await peer.expectStreamError(condition)
  })

  test('from the right domain in other letters arrives', async () => {
    const peer = await trusted()
    peer.message(ground().witness.jid, 'in capitals', `x@${peer.from.toUpperCase()}`)
    expect((await ground().witness.expect('message')).attrs.from).toBe(`x@${peer.from}`)
  })
})

test.each(['presence', 'iq'])('of a badly addressed <%s/> nothing arrives either', async name => {
  const peer = await trusted()
  const { jid } = ground().witness
  peer.sendRaw(
    `<${name} type='${name === 'iq' ? 'get' : 'subscribe'}' id='x' from='x@other.example' to='${jid}'><x/></${name}>`,
  )
  await peer.expectStreamError('invalid-from')
})

describe('what is no stanza of a server', () => {
  test.each([
    ['a message of clients', "<message xmlns='jabber:client' FROM TO><body>hi</body></message>"],
    ['a message of no namespace', "<message xmlns='' FROM TO><body>hi</body></message>"],
    ['an element that there is not', '<surprise FROM TO/>'],
    ['a request for TLS', "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"],
    ['a second authentication', "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='EXTERNAL'>=</auth>"],
    ['an answer of the receiving side', `<enabled xmlns='${nsSm3}'/>`],
  ])('%s ends the stream', async (_, element) => {
    const peer = await trusted()
    const { jid } = ground().witness
    peer.sendRaw(element.replace('FROM', `from='x@${peer.from}'`).replace('TO', `to='${jid}'`))
    peer.message(jid, 'too late')
    await peer.expectStreamError('unsupported-stanza-type')
  })
})

describe('stream management', () => {
  test('before anybody has shown who they are is refused', async () => {
    const peer = await ground().peer(ground().stranger())
    await peer.encrypted()
    peer.send(`<enable xmlns='${nsSm3}' resume='true'/>`)
    expect(conditionOf(await peer.expect('failed'))).toBe('not-authorized')
    resume(peer, 'guessed')
    expect(conditionOf(await peer.expect('failed'))).toBe('not-authorized')
    peer.message(ground().witness.jid, 'let me in')
    await peer.expectStreamError('not-authorized')
  })

  test('is enabled once', async () => {
    const peer = await trusted()
    await enable(peer)
    peer.send(`<enable xmlns='${nsSm3}' resume='true'/>`)
    expect(conditionOf(await peer.expect('failed'))).toBe('unexpected-request')
    await expectTrusted(ground(), peer)
  })

  test('resumes a session for who began it', async () => {
    const first = await trusted()
    const { id = '' } = (await enable(first)).attrs
    await expectTrusted(ground(), first)
    first.reset()
    const second = await trusted(first.from)
    resume(second, id)
    expect((await second.expect('resumed')).attrs).toMatchObject({ previd: id, h: '1' })
    await expectTrusted(ground(), second, 'resumed')
  })

  const strangers: ReadonlyArray<readonly [what: string, open: (domain: string) => Promise<Peer>]> = [
    ['of another domain', () => trusted()],
    ['of the same domain to another one of ours', domain => trusted(domain, alsoOurs)],
  ]

  test.each(strangers)('does not resume it for a stream %s, and the session is none the worse', async (_, open) => {
    const first = await trusted()
    const { id = '' } = (await enable(first)).attrs
    await expectTrusted(ground(), first)
    const thief = await open(first.from)
    resume(thief, id)
    const failed = await thief.expect('failed')
    expect(conditionOf(failed)).toBe('item-not-found')
    expect(failed.attrs.h).toBeUndefined()
    await expectTrusted(ground(), first, 'still here')
    first.reset()
    resume(thief, id)
    expect(conditionOf(await thief.expect('failed'))).toBe('item-not-found')
    const second = await trusted(first.from)
    resume(second, id)
    expect((await second.expect('resumed')).attrs.h).toBe('2')
  })

  test('does not resume a session of a user', async () => {
    const { house, friend } = ground()
    const user = await house.managed({ ...(friend.credentials ?? { username: '', password: '' }), jid: '' }, 'managed')
    const peer = await trusted()
    resume(peer, user.smId)
    expect(conditionOf(await peer.expect('failed'))).toBe('item-not-found')
    await user.expectNothing()
    await user.close()
    await friend.untilFence()
  })

  test.each([
    ['the id of nothing', 'guessed', '0', 'item-not-found'],
    ['no number', 'guessed', 'many', 'bad-request'],
    ['a number that is too large', 'guessed', '4294967296', 'bad-request'],
  ])('with %s resumes nothing, and a new session may begin', async (_, previd, h, condition) => {
    const peer = await trusted()
    resume(peer, previd, h)
    expect(conditionOf(await peer.expect('failed'))).toBe(condition)
    await enable(peer)
    await expectTrusted(ground(), peer)
  })

  test('ends a stream that acks what was never sent', async () => {
    const peer = await trusted()
    await enable(peer)
    peer.send(`<a xmlns='${nsSm3}' h='7'/>`)
    expect(show(await peer.expectStreamError('undefined-condition'))).toContain(
      "<handled-count-too-high xmlns='urn:xmpp:sm:3'",
    )
  })

  test('does not resume with more than was sent', async () => {
    const first = await trusted()
    const { id = '' } = (await enable(first)).attrs
    await expectTrusted(ground(), first)
    first.reset()
    const second = await trusted(first.from)
    resume(second, id, '7')
    expect(show(await second.expect('failed'))).toContain(
      "<handled-count-too-high xmlns='urn:xmpp:sm:3' h='7' send-count='0'/>",
    )
    await enable(second)
    await expectTrusted(ground(), second, 'in a new session')
  })

  test('asks too late behind a resumption', async () => {
    const first = await trusted()
    const { id = '' } = (await enable(first)).attrs
    first.reset()
    const second = await trusted(first.from)
    resume(second, id)
    await second.expect('resumed')
    second.send(`<enable xmlns='${nsSm3}'/>`)
    expect(conditionOf(await second.expect('failed'))).toBe('unexpected-request')
    resume(second, id)
    expect(conditionOf(await second.expect('failed'))).toBe('unexpected-request')
    await expectTrusted(ground(), second)
  })
})
