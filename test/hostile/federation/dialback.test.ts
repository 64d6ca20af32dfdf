/** Server Dialback (XEP-0220) with our server as the receiving one: whose keys are taken, and what the others are told. */
import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { answerTo, authoritative, offers, type Play } from './elsewhere.js'
import { alsoOurs, certificateOf, deserted, expectTrusted, expectUntrusted, onGround, ours } from './ground.js'
import { answering, hesitant, honest, keyOf, withAuthority } from './keys.js'
import { outcome, type Peer, saslOutcome } from './peer.js'

/** The key is refused as invalid, and the stream ends. */
const expectInvalid = async (peer: Peer, key: string): Promise<void> => {
  expect(outcome(await peer.dialBack(key))).toBe('invalid')
  await peer.expectStreamError('not-authorized')
}

describe('as the receiving server', () => {
  const ground = onGround({ authentication: 'either', connect_timeout_seconds: 20 })

  test('a key that its authority knows is taken, and the answer says for whom', async () => {
    const peer = await honest(ground())
    const answer = await peer.dialBack(keyOf(peer.streamId))
    expect(answer.attrs).toMatchObject({ from: ours, to: peer.from, type: 'valid' })
    await expectTrusted(ground(), peer)
    expect(ground().elsewhere.calls(peer.from)).toBe(1)
  })

  test('a certificate of the domain makes the question needless', async () => {
    const domain = ground().stranger()
    const peer = await ground().peer(domain, { certificate: await certificateOf(domain) })
    await peer.encrypted()
    expect(outcome(await peer.dialBack('whatever'))).toBe('valid')
    await expectTrusted(ground(), peer)
    expect(ground().elsewhere.calls(domain)).toBe(0)
  })

  test.each([
    ['that was made up', () => randomBytes(32).toString('hex')],
    ['with a bit too much', (id: string) => `${keyOf(id)}0`],
    ['for a stream of another id', (id: string) => keyOf(`${id}x`)],
  ])('a key %s is invalid', async (_, forge) => {
    const peer = await honest(ground())
    await expectInvalid(peer, forge(peer.streamId))
  })

  test('an old key is of no use on a new stream', async () => {
    const first = await honest(ground())
    const key = keyOf(first.streamId)
    expect(outcome(await first.dialBack(key))).toBe('valid')
    const second = await ground().peer(first.from)
    await second.encrypted()
    expect(second.streamId).not.toBe(first.streamId)
    await expectInvalid(second, key)
  })

  test('the key of the stream in the clear is of no use inside of TLS', async () => {
    const domain = ground().stranger()
    const certificate = await certificateOf(domain)
    ground().elsewhere.plays(
      domain,
      authoritative(domain, certificate, (id, key) => (key === keyOf(id) ? 'valid' : 'invalid')),
    )
    const peer = await ground().peer(domain)
    await peer.open()
    const key = keyOf(peer.streamId)
    await peer.startTls()
    await peer.open()
    await expectInvalid(peer, key)
  })

  test('a key of one domain is not one of another', async () => {
    const [one, other] = [await honest(ground()), await honest(ground())]
    await expectInvalid(one, keyOf(other.streamId))
    expect(outcome(await other.dialBack(keyOf(other.streamId), { from: one.from }))).toBe('valid')
    // It is `one` now, whatever the header said, and nobody else.
    other.message(ground().witness.jid, 'as the header says')
    await other.expectStreamError('invalid-from')
  })

  describe('if the authority', () => {
    const answers: ReadonlyArray<readonly [what: string, play: (domain: string) => Play, outcome: string]> = [
      [
        'says that there is no such domain',
        domain => async line => {
          await line.welcome(domain, await certificateOf(domain), offers.dialback)
          line.sendRaw(answerTo(await line.expect('verify'), 'error item-not-found'))
        },
        'error item-not-found',
      ],
      [
        'says an error of its own invention',
        domain => async line => {
          await line.welcome(domain, await certificateOf(domain), offers.dialback)
          line.sendRaw(answerTo(await line.expect('verify'), 'error gone-fishing'))
        },
        'error undefined-condition',
      ],
      ['hangs up', () => async line => line.reset(), 'error remote-server-timeout'],
      [
        'hangs up instead of an answer',
        domain => async line => {
          await line.welcome(domain, await certificateOf(domain), offers.dialback)
          await line.expect('verify')
          line.reset()
        },
        'error remote-server-timeout',
      ],
      [
        'closes the stream instead of an answer',
        domain => async line => {
          await line.welcome(domain, await certificateOf(domain), offers.dialback)
          await line.expect('verify')
          line.sendRaw('</stream:stream>')
        },
        'error remote-server-timeout',
      ],
      [
        'offers no TLS',
        domain => async line => {
          line.openAs(domain, 'clear')
          line.features(offers.dialback)
          await line.expectStreamError('not-authorized')
        },
        'error remote-server-timeout',
      ],
      [
        'speaks no XML',
        () => async line => {
          line.sendRaw('HTTP/1.1 400 Bad Request\r\n\r\n')
          await line.expectStreamError()
        },
        'error remote-server-timeout',
      ],
      [
        'has no id for its stream',
        domain => async line => {
          line.openAs(domain, '')
          await line.expectStreamError('bad-format')
        },
        'error remote-server-timeout',
      ],
      ['answers for another stream', answering({ id: 'another' }), 'error remote-server-timeout'],
      ['answers for another domain', answering({ to: 'other.example' }), 'error remote-server-timeout'],
      ['answers in the name of another', answering({ from: 'other.example' }), 'error remote-server-timeout'],
      ['answers something else', answering({}, 'result'), 'error remote-server-timeout'],
      ['answers with a type that there is not', answering({}, 'verify', 'perhaps'), 'error remote-server-timeout'],
      [
        'asks the question back',
        domain => async line => {
          await line.welcome(domain, await certificateOf(domain), offers.dialback)
          const { attrs, text } = await line.expect('verify')
          line.sendRaw(`<db:verify from='${attrs.to}' to='${attrs.from}' id='${attrs.id}'>${text}</db:verify>`)
          await line.expectStreamError('unsupported-stanza-type')
        },
        'error remote-server-timeout',
      ],
      [
        'sends stanzas on the stream of the question',
        domain => async line => {
          await line.welcome(domain, await certificateOf(domain), offers.dialback)
          await line.expect('verify')
          line.sendRaw(`<message from='x@${domain}' to='${ground().witness.jid}'><body>psst</body></message>`)
          await line.expectStreamError('unsupported-stanza-type')
        },
        'error remote-server-timeout',
      ],
    ]

    test.each(answers)('%s, the peer gets an error and may go on', async (_, play, expected) => {
      const peer = await withAuthority(ground(), play)
      expect(outcome(await peer.dialBack(keyOf(peer.streamId)))).toBe(expected)
      expect(await peer.untilFence()).toEqual([])
      await expectUntrusted(ground(), peer)
    })

    test('says no, the key is invalid', async () => {
      const peer = await withAuthority(ground(), domain => async line => {
        await line.welcome(domain, await certificateOf(domain), offers.dialback)
        line.sendRaw(answerTo(await line.expect('verify'), 'invalid'))
      })
      await expectInvalid(peer, keyOf(peer.streamId))
    })

    test('cannot be connected to, the error says so', async () => {
      const peer = await ground().peer(deserted)
      await peer.encrypted()
      expect(outcome(await peer.dialBack('key'))).toBe('error remote-connection-failed')
      await expectUntrusted(ground(), peer)
    })

    test('has a name that the DNS cannot have, the error says so', async () => {
      const peer = await ground().peer(`${'x.'.repeat(130)}example`)
      await peer.encrypted()
      expect(outcome(await peer.dialBack('key'))).toBe('error remote-server-not-found')
      await expectUntrusted(ground(), peer)
    })

    test('is asked while the peer leaves, nothing comes of it', async () => {
      let asked: (() => void) | undefined
      const questioned = new Promise<void>(resolve => {
        asked = resolve
      })
      const peer = await withAuthority(ground(), domain => async line => {
        await line.welcome(domain, await certificateOf(domain), offers.dialback)
        await line.expect('verify')
        asked?.()
        await line.expectLost()
      })
      peer.sendKey('key')
      await questioned
      peer.reset()
    })
  })

  test('a key for a domain that is not served here finds nothing', async () => {
    const peer = await honest(ground())
    const answer = await peer.dialBack(keyOf(peer.streamId), { to: 'not-here.example' })
    expect(outcome(answer)).toBe('error item-not-found')
    expect(answer.attrs).toMatchObject({ from: 'not-here.example', to: peer.from })
    await expectUntrusted(ground(), peer)
    expect(ground().elsewhere.calls(peer.from)).toBe(0)
  })

  test.each([ours, alsoOurs])('a key in the name of %s is not accepted', async domain => {
    const peer = await honest(ground())
    expect(outcome(await peer.dialBack(keyOf(peer.streamId), { from: domain }))).toBe('error not-acceptable')
    await expectUntrusted(ground(), peer)
  })

  test('a key in the name of a domain of ours in other letters is not accepted either', async () => {
    const peer = await honest(ground())
    expect(outcome(await peer.dialBack('key', { from: ours.toUpperCase() }))).toBe('error not-acceptable')
    expect(outcome(await peer.dialBack('key', { from: 'ＯＵＲＳ.example' }))).toBe('error not-acceptable')
    await expectUntrusted(ground(), peer)
  })

  test('a second pair has no place on a stream, and does the first no harm', async () => {
    const [peer, other] = [await honest(ground()), await honest(ground())]
    expect(outcome(await peer.dialBack(keyOf(peer.streamId)))).toBe('valid')
    expect(outcome(await peer.dialBack(keyOf(peer.streamId), { from: other.from }))).toBe('error policy-violation')
    expect(outcome(await peer.dialBack(keyOf(peer.streamId), { to: alsoOurs }))).toBe('error policy-violation')
    await expectTrusted(ground(), peer)
    expect(outcome(await peer.dialBack(keyOf(peer.streamId), { from: other.from }))).toBe('error policy-violation')
    await expectTrusted(ground(), peer, 'still')
    peer.message(ground().witness.jid, 'as another', `x@${other.from}`)
    await peer.expectStreamError('invalid-from')
    expect(ground().elsewhere.calls(other.from)).toBe(0)
  })

  test('further keys while the first is looked at have no place, however many', async () => {
    const other = await honest(ground())
    const { play, questioned, release } = hesitant()
    const peer = await withAuthority(ground(), play)
    peer.sendKey('first')
    await questioned
    for (const from of [peer.from, other.from, other.from])
      expect(outcome(await peer.dialBack(keyOf(peer.streamId), { from }))).toBe('error policy-violation')
    release('valid')
    expect((await peer.expect('result')).attrs).toMatchObject({ to: peer.from, type: 'valid' })
    await expectTrusted(ground(), peer)
    expect(ground().elsewhere.calls(other.from)).toBe(0)
  })

  test('a certificate that is taken while a key is looked at decides, and the key does not', async () => {
    const { play, questioned, release } = hesitant()
    const [domain, other] = [ground().stranger(), ground().stranger()]
    ground().elsewhere.plays(other, play(other))
    const peer = await ground().peer(domain, { certificate: await certificateOf(domain) })
    await peer.encrypted()
    peer.sendKey('key', { from: other })
    await questioned
    expect(saslOutcome(await peer.external())).toBe('success')
    await peer.open()
    release('valid')
    await expectTrusted(ground(), peer)
    expect(await peer.untilFence()).toEqual([])
    peer.message(ground().witness.jid, 'as another', `x@${other}`)
    await peer.expectStreamError('invalid-from')
  })

  test('the pair of the key counts, not that of the header', async () => {
    const peer = await honest(ground())
    expect(outcome(await peer.dialBack(keyOf(peer.streamId), { to: alsoOurs }))).toBe('valid')
    peer.message(ground().witness.jid, 'to whom the header says')
    await peer.expectStreamError('host-unknown')
  })
})

describe('where only dialback counts', () => {
  const ground = onGround({ authentication: 'dialback', connect_timeout_seconds: 20 })

  test('the authority is asked though there is a certificate', async () => {
    const domain = ground().stranger()
    const certificate = await certificateOf(domain)
    ground().elsewhere.plays(
      domain,
      authoritative(domain, certificate, (id, key) => (key === keyOf(id) ? 'valid' : 'invalid')),
    )
    const peer = await ground().peer(domain, { certificate })
    await peer.encrypted()
    await expectInvalid(peer, 'forged')
    expect(ground().elsewhere.calls(domain)).toBe(1)
  })
})
