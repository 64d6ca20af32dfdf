import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createDerivations } from '../../../packages/sasl/src/derivation.js'
import type { SaslContext, SaslExchange, SaslStep } from '../../../packages/sasl/src/mechanism.js'
import { createSasl } from '../../../packages/sasl/src/sasl.js'
import { credentialsOf, freely } from './credentials.js'
import { clientFinal, clientFirst, type ScramClient } from './scram-client.js'

const bindings: Record<string, Uint8Array> = {
  'tls-unique': Buffer.from('finished'),
  'tls-exporter': Buffer.from('exported'),
  'tls-server-end-point': Buffer.from('endpoint'),
}
const derivations = createDerivations({ waiting: 0 })
const sasl = createSasl({
  derivations,
  credentials: credentialsOf({
    'romeo@example.org': { password: 'pencil' },
    'a=b@example.org': { password: 'equals' },
  }),
  freshNonce: () => 'servernonce',
})

const contextOf = (context: Partial<SaslContext> = {}): SaslContext => {
  const base = { ...freely, domain: 'example.org', secure: true, channelBinding: () => undefined, ...context }
  return { advertised: sasl.mechanisms(base), ...base }
}
const bound = contextOf({ channelBinding: type => bindings[type] })

const start = (mechanism: string, context = contextOf()): SaslExchange => {
  const exchange = sasl.start(mechanism, context)
  if (exchange === undefined) throw new Error(`${mechanism} was not started`)
  return exchange
}
const say = (exchange: SaslExchange, message: string | Uint8Array): SaslStep =>
  atOnce(exchange.next(typeof message === 'string' ? Buffer.from(message) : message))
/** SCRAM leaves the work to the client, so its answers take no time. */
const atOnce = (step: SaslStep | Promise<SaslStep>): SaslStep => {
  if (step instanceof Promise) throw new Error('SCRAM lets the client wait')
  return step
}
const heard = (step: SaslStep): string =>
  step._tag === 'Failure' ? step.condition : Buffer.from(step.data ?? []).toString()

/** The whole exchange; `spoil` changes the client's last message. */
const login = (
  mechanism: string,
  client: ScramClient,
  context = contextOf(),
  spoil: (final: string) => string = final => final,
): SaslStep => {
  const exchange = start(mechanism, context)
  const first = say(exchange, clientFirst(client))
  if (first._tag !== 'Challenge') return first
  const hash = mechanism.startsWith('SCRAM-SHA-256') ? 'SHA-256' : 'SHA-1'
  return say(exchange, spoil(clientFinal({ ...client, hash }, heard(first)).final))
}
const romeo: ScramClient = { username: 'romeo', password: 'pencil' }

describe('the examples of the standards', () => {
  test('RFC 5802 §5: SCRAM-SHA-1', () => {
    const example = createSasl({
      derivations,
      credentials: credentialsOf({ 'user@example.org': { password: 'pencil', salt: 'QSXCR+Q6sek8bf92' } }),
      freshNonce: () => '3rfcNHYJY1ZVvWVs7j',
    }).start('SCRAM-SHA-1', contextOf())
    if (example === undefined) throw new Error('not started')
    expect(heard(say(example, 'n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL'))).toBe(
      'r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096',
    )
    const last = say(example, 'c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=')
    expect(last).toMatchObject({ _tag: 'Success', username: 'user' })
    expect(heard(last)).toBe('v=rmF9pqV8S7suAoZWja4dJRkFsKQ=')
  })

  test('RFC 7677 §3: SCRAM-SHA-256', () => {
    const example = createSasl({
      derivations,
      credentials: credentialsOf({ 'user@example.org': { password: 'pencil', salt: 'W22ZaJ0SNY7soEsUEjb6gQ==' } }),
      freshNonce: () => '%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0',
    }).start('SCRAM-SHA-256', contextOf())
    if (example === undefined) throw new Error('not started')
    expect(heard(say(example, 'n,,n=user,r=rOprNGfwEbeRWgbNEkqO'))).toBe(
      'r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096',
    )
    const final =
      'c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ='
    expect(heard(say(example, final))).toBe('v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=')
  })
})

describe('who gets in', () => {
  test.each(['SCRAM-SHA-1', 'SCRAM-SHA-256'])(
    '%s lets the right password in and proves that the server knows it',
    mechanism => {
      const hash = mechanism === 'SCRAM-SHA-1' ? 'SHA-1' : 'SHA-256'
      const exchange = start(mechanism)
      const first = say(exchange, clientFirst(romeo))
      const { final, verifier } = clientFinal({ ...romeo, hash }, heard(first))
      const last = say(exchange, final)
      expect(last).toMatchObject({ _tag: 'Success', username: 'romeo' })
      expect(heard(last)).toBe(verifier)
    },
  )

  test('the username is normalised', () =>
    expect(login('SCRAM-SHA-1', { ...romeo, username: 'Rom\u00adeo' })).toMatchObject({
      _tag: 'Success',
      username: 'romeo',
    }))

  test('an escaped username is that user', () =>
    expect(login('SCRAM-SHA-1', { username: 'a=b', password: 'equals' })).toMatchObject({ username: 'a=b' }))

  test('an unknown user and a wrong password get the same challenge form and the same answer', () => {
    const wrong = login('SCRAM-SHA-1', { ...romeo, password: 'pen' })
    const unknown = login('SCRAM-SHA-1', { username: 'juliet', password: 'pen' })
    expect(unknown).toEqual({ ...wrong, account: 'juliet@example.org' })
    expect(wrong).toMatchObject({ _tag: 'Failure', condition: 'not-authorized' })
  })

  test('the salt of an unknown user is the same each time', () => {
    const challengeOf = () => heard(say(start('SCRAM-SHA-1'), 'n,,n=nobody,r=x'))
    expect(challengeOf()).toMatch(/^r=xservernonce,s=[A-Za-z0-9+/=]{24},i=4096$/)
    expect(challengeOf()).toBe(challengeOf())
  })

  test('not even the right password opens a decoy', () =>
    expect(login('SCRAM-SHA-1', { username: 'juliet', password: 'decoy' })).toMatchObject({
      condition: 'not-authorized',
    }))

  test.each(['romeo@example.org', 'romeo@example.org/x', 'x/romeo', 'romeo@example.net', '/', '@', ' '])(
    'the username %j is no localpart, so it is an unknown user',
    username =>
      expect(login('SCRAM-SHA-1', { username, password: 'pencil' })).toMatchObject({ condition: 'not-authorized' }),
  )
})

describe('what happens meanwhile', () => {
  test('an account that got another password since its salt was told lets nobody in', () => {
    let password = 'pencil'
    const changing = createSasl({
      derivations,
      credentials: {
        keys: (jid, hash) => credentialsOf({ 'romeo@example.org': { password } }).keys(jid, hash),
        decoyKeys: credentialsOf({}).decoyKeys,
      },
    })
    const last = (meanwhile: () => void): SaslStep => {
      const exchange = changing.start('SCRAM-SHA-1', contextOf())
      if (exchange === undefined) throw new Error('not started')
      const first = say(exchange, clientFirst(romeo))
      const { final } = clientFinal({ ...romeo, hash: 'SHA-1' }, heard(first))
      meanwhile()
      return say(exchange, final)
    }
    expect(last(() => {})).toMatchObject({ _tag: 'Success' })
    expect(
      last(() => {
        password = 'another'
      }),
    ).toMatchObject({ condition: 'not-authorized' })
  })

  test('whoever has to wait is told so before a salt, and what came of an attempt is counted', () => {
    const tried: Array<string> = []
    let wait = 0
    const watched = contextOf({ waitFor: () => wait, tried: (account, outcome) => tried.push(`${account} ${outcome}`) })
    login('SCRAM-SHA-1', romeo, watched)
    login('SCRAM-SHA-1', { ...romeo, password: 'pen' }, watched)
    wait = 1_500
    expect(login('SCRAM-SHA-1', romeo, watched)).toMatchObject({
      condition: 'temporary-auth-failure',
      text: 'Too many logins failed; try again in 2 seconds',
    })
    wait = 0
    const exchange = start('SCRAM-SHA-1', watched)
    const { final } = clientFinal({ ...romeo, hash: 'SHA-1' }, heard(say(exchange, clientFirst(romeo))))
    wait = 1_500
    expect(say(exchange, final)).toMatchObject({ condition: 'temporary-auth-failure' })
    expect(tried).toEqual(['romeo@example.org right', 'romeo@example.org wrong'])
  })
})

describe('the authzid', () => {
  test.each(['romeo@example.org', 'ROMEO@example.org'])('%s may be the own bare JID', authzid =>
    expect(login('SCRAM-SHA-1', { ...romeo, gs2Header: `n,a=${authzid},` })).toMatchObject({ _tag: 'Success' }),
  )

  test.each(['juliet@example.org', 'romeo@example.net', 'romeo', 'romeo@example.org/balcony', 'example.org'])(
    '%s is not the own bare JID',
    authzid =>
      expect(login('SCRAM-SHA-1', { ...romeo, gs2Header: `n,a=${authzid},` })).toMatchObject({
        condition: 'invalid-authzid',
      }),
  )
})

describe('channel binding', () => {
  test.each(Object.keys(bindings))('%s is accepted with the right data', type =>
    expect(
      login('SCRAM-SHA-256-PLUS', { ...romeo, gs2Header: `p=${type},,`, bindingData: bindings[type] }, bound),
    ).toMatchObject({ _tag: 'Success' }),
  )

  test.each([Buffer.from('somebody else'), new Uint8Array()])('data of another connection is refused', bindingData =>
    expect(login('SCRAM-SHA-1-PLUS', { ...romeo, gs2Header: 'p=tls-unique,,', bindingData }, bound)).toEqual({
      _tag: 'Failure',
      condition: 'not-authorized',
      text: 'channel-bindings-dont-match',
      account: 'romeo@example.org',
    }),
  )

  test('a type that nobody knows is refused by name', () =>
    expect(login('SCRAM-SHA-1-PLUS', { ...romeo, gs2Header: 'p=tls-magic,,' }, bound)).toMatchObject({
      condition: 'not-authorized',
      text: expect.stringContaining('tls-magic'),
    }))

  test('"y" where -PLUS was advertised is a downgrade', () =>
    expect(login('SCRAM-SHA-1', { ...romeo, gs2Header: 'y,,' }, bound)).toMatchObject({
      condition: 'not-authorized',
      text: 'server-does-support-channel-binding',
    }))

  test('"y" where no -PLUS was advertised is what it should be', () =>
    expect(login('SCRAM-SHA-1', { ...romeo, gs2Header: 'y,,' })).toMatchObject({ _tag: 'Success' }))

  test('"n" where -PLUS was advertised is a client that cannot', () =>
    expect(login('SCRAM-SHA-1', romeo, bound)).toMatchObject({ _tag: 'Success' }))

  test('a changed GS2 header is noticed', () =>
    expect(
      login('SCRAM-SHA-1', romeo, contextOf(), final => final.replace('c=biws', `c=${btoa('y,,')}`)),
    ).toMatchObject({ text: 'channel-bindings-dont-match' }))

  test.each([
    ['SCRAM-SHA-1', 'p=tls-unique,,'],
    ['SCRAM-SHA-1-PLUS', 'n,,'],
    ['SCRAM-SHA-1-PLUS', 'y,,'],
  ])('%s does not go with %s', (mechanism, gs2Header) =>
    expect(login(mechanism, { ...romeo, gs2Header }, bound)).toMatchObject({ condition: 'malformed-request' }),
  )
})

describe('messages that the grammar does not have', () => {
  test.each([
    ['nothing', ''],
    ['a letter', 'x'],
    ['no GS2 header', 'n=romeo,r=x'],
    ['an unknown flag', 'q,,n=romeo,r=x'],
    ['a flag with a value', 'n=1,,n=romeo,r=x'],
    ['a binding without a type', 'p=,,n=romeo,r=x'],
    ['an authzid without its a=', 'n,romeo,n=romeo,r=x'],
    ['an empty authzid', 'n,a=,n=romeo,r=x'],
    ['an empty username', 'n,,n=,r=x'],
    ['a badly escaped username', 'n,,n=ro=meo,r=x'],
    ['a lower-case escape', 'n,,n=ro=2cmeo,r=x'],
    ['no nonce', 'n,,n=romeo'],
    ['an empty nonce', 'n,,n=romeo,r='],
    ['a nonce that is not printable', 'n,,n=romeo,r=a b'],
    ['the nonce first', 'n,,r=x,n=romeo'],
    ['an extension that must be understood', 'n,,m=1,n=romeo,r=x'],
    ['an extension without a value', 'n,,n=romeo,r=x,z='],
    ['an extension without a name', 'n,,n=romeo,r=x,=1'],
    ['a comma at the end', 'n,,n=romeo,r=x,'],
    ['a NUL', 'n,,n=rom\0eo,r=x'],
    ['bytes that are no UTF-8', Buffer.from([0x6e, 0x2c, 0x2c, 0x6e, 0x3d, 0xff, 0x2c, 0x72, 0x3d, 0x78])],
    ['far too much', `n,,n=romeo,r=${'x'.repeat(9000)}`],
  ])('first: %s', (_what, message) =>
    expect(say(start('SCRAM-SHA-1'), message)).toMatchObject({ _tag: 'Failure', condition: 'malformed-request' }),
  )

  test('first: an optional extension is ignored', () =>
    expect(say(start('SCRAM-SHA-1'), 'n,,n=romeo,r=x,z=1')).toMatchObject({ _tag: 'Challenge' }))

  test.each<[string, (final: string) => string, string]>([
    ['no channel binding', final => final.replace(/^c=[^,]*,/, ''), 'malformed-request'],
    ['an empty channel binding', final => final.replace(/^c=[^,]*/, 'c='), 'malformed-request'],
    ['a channel binding that is no base64', final => final.replace(/^c=[^,]*/, 'c=b!ws'), 'malformed-request'],
    ['no nonce', final => final.replace(/,r=[^,]*/, ''), 'malformed-request'],
    ['another nonce', final => final.replace(/,r=[^,]*/, ',r=clientnonce'), 'not-authorized'],
    ['no proof', final => final.replace(/,p=.*/, ''), 'malformed-request'],
    ['an empty proof', final => final.replace(/,p=.*/, ',p='), 'malformed-request'],
    ['a proof that is no base64', final => final.replace(/,p=.*/, ',p=???'), 'malformed-request'],
    ['a proof without its padding', final => final.replace(/=$/, ''), 'malformed-request'],
    ['a proof of the wrong length', final => final.replace(/,p=.*/, ',p=AAAA'), 'malformed-request'],
    ['a proof of nothing', final => final.replace(/,p=.*/, `,p=${btoa('\0'.repeat(20))}`), 'not-authorized'],
    ['something after the proof', final => `${final},z=1`, 'malformed-request'],
    ['an extension that must be understood', final => `m=1,${final}`, 'malformed-request'],
    ['nothing', () => '', 'malformed-request'],
  ])('final: %s', (_what, spoil, condition) =>
    expect(login('SCRAM-SHA-1', romeo, contextOf(), spoil)).toMatchObject({ _tag: 'Failure', condition }),
  )

  test('an extension before the proof is part of what is proven', () =>
    expect(login('SCRAM-SHA-1', romeo, contextOf(), final => final.replace(',p=', ',z=1,p='))).toMatchObject({
      condition: 'not-authorized',
    }))

  test('after its end an exchange is over', () => {
    const exchange = start('SCRAM-SHA-1')
    say(exchange, 'x')
    expect(say(exchange, clientFirst(romeo))).toMatchObject({ condition: 'aborted' })
  })

  test('no message makes it throw, and none but the right one lets in', async () => {
    const piece = fc.constantFrom(
      'n,,',
      'y,,',
      'p=tls-unique,,',
      'a=',
      'n=',
      'romeo',
      'r=',
      'c=',
      'biws',
      'p=',
      ',',
      '=2C',
      '\0',
      'm=',
    )
    const message = fc.oneof(
      fc.uint8Array({ maxLength: 60 }),
      fc.array(fc.oneof(piece, fc.string()), { maxLength: 12 }).map(pieces => Buffer.from(pieces.join(''))),
    )
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('SCRAM-SHA-1', 'SCRAM-SHA-256-PLUS', 'PLAIN'),
        fc.array(message, { maxLength: 3 }),
        async (mechanism, messages) => {
          const exchange = start(mechanism, bound)
          for (const bytes of messages) expect((await exchange.next(bytes))._tag).not.toBe('Success')
        },
      ),
      { numRuns: 500 },
    )
  })

  test('any flip of one bit of the last message is refused', () => {
    const exchange = () => {
      const begun = start('SCRAM-SHA-1')
      return [begun, clientFinal(romeo, heard(say(begun, clientFirst(romeo)))).final] as const
    }
    const length = exchange()[1].length
    fc.assert(
      fc.property(fc.nat(length - 1), fc.nat(7), (index, bit) => {
        const [begun, final] = exchange()
        const bytes = Buffer.from(final)
        bytes[index] = (bytes[index] ?? 0) ^ (1 << bit)
        expect(say(begun, bytes)._tag).toBe('Failure')
      }),
      { numRuns: 200 },
    )
  })
})
