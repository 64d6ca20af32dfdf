import { describe, expect, test } from 'vitest'
import type { ScramCredentials } from '../../../../apps/server/src/accounts/accounts.js'
import type { SaslContext, SaslStep } from '../../../../apps/server/src/sasl/mechanism.js'
import { createPasswordCheck } from '../../../../apps/server/src/sasl/password-check.js'
import { createSasl } from '../../../../apps/server/src/sasl/sasl.js'
import { credentialsOf } from './credentials.js'

const sasl = createSasl({
  credentials: credentialsOf({ 'romeo@example.org': { password: 'pencil' }, 'space@example.org': { password: 'a b' } }),
})
const context: SaslContext = {
  domain: 'example.org',
  secure: true,
  channelBinding: () => undefined,
  advertised: ['PLAIN'],
}

const plain = (message: string | Uint8Array): SaslStep => {
  const exchange = sasl.start('PLAIN', context)
  if (exchange === undefined) throw new Error('not started')
  return exchange.next(Buffer.from(message))
}

describe('PLAIN', () => {
  test('lets the right password in', () =>
    expect(plain('\0romeo\0pencil')).toEqual({ _tag: 'Success', username: 'romeo' }))

  test('lets it in a second time, when it is remembered', () =>
    expect(plain('\0romeo\0pencil')).toEqual({ _tag: 'Success', username: 'romeo' }))

  test.each(['pen', 'Pencil', 'pencil ', 'decoy'])('refuses the wrong password %j', password =>
    expect(plain(`\0romeo\0${password}`)).toMatchObject({ condition: 'not-authorized' }),
  )

  test('answers for an unknown user as for a wrong password', () =>
    expect(plain('\0juliet\0decoy')).toEqual(plain('\0romeo\0pen')))

  test('normalises name and password', () => {
    expect(plain('\0ROMEO\0pen\u00adcil')).toMatchObject({ _tag: 'Success', username: 'romeo' })
    expect(plain('\0space\0a\u00a0b')).toMatchObject({ _tag: 'Success' })
  })

  test('accepts the own bare JID as authzid, and no other', () => {
    expect(plain('romeo@example.org\0romeo\0pencil')).toMatchObject({ _tag: 'Success' })
    expect(plain('juliet@example.org\0romeo\0pencil')).toMatchObject({ condition: 'invalid-authzid' })
  })

  test.each(['', 'romeo', '\0romeo', '\0romeo\0', '\0\0pencil', '\0romeo\0pencil\0', `\0romeo\0${'x'.repeat(9000)}`])(
    'refuses a message of another form (%#)',
    message => expect(plain(message)).toMatchObject({ condition: 'malformed-request' }),
  )

  test('refuses bytes that are no UTF-8', () =>
    expect(plain(Buffer.from([0, 0x72, 0, 0xff]))).toMatchObject({ condition: 'malformed-request' }))

  test('says nothing after its end', () => {
    const exchange = sasl.start('PLAIN', context)
    exchange?.next(Buffer.from('\0romeo\0pen'))
    expect(exchange?.next(Buffer.from('\0romeo\0pencil'))).toMatchObject({ condition: 'aborted' })
  })
})

describe('a remembered password', () => {
  test('is forgotten when the account gets another one', () => {
    let password = 'old'
    const changing: ScramCredentials = {
      keys: (jid, hash) => credentialsOf({ 'romeo@example.org': { password } }).keys(jid, hash),
      decoyKeys: credentialsOf({}).decoyKeys,
    }
    const isPassword = createPasswordCheck(changing)
    expect(isPassword('romeo@example.org', 'old')).toBe(true)
    password = 'new'
    expect(isPassword('romeo@example.org', 'old')).toBe(false)
    expect(isPassword('romeo@example.org', 'new')).toBe(true)
  })

  test('is forgotten when the account is removed', () => {
    let exists = true
    const users = credentialsOf({ 'romeo@example.org': { password: 'pencil' } })
    const isPassword = createPasswordCheck({
      ...users,
      keys: (jid, hash) => (exists ? users.keys(jid, hash) : undefined),
    })
    expect(isPassword('romeo@example.org', 'pencil')).toBe(true)
    exists = false
    expect(isPassword('romeo@example.org', 'pencil')).toBe(false)
  })

  test('makes room for others, who are let in too', () => {
    const users = Object.fromEntries(['a', 'b', 'c'].map(name => [`${name}@example.org`, { password: name }]))
    const isPassword = createPasswordCheck(credentialsOf(users), 2)
    for (const name of ['a', 'b', 'c', 'a']) expect(isPassword(`${name}@example.org`, name)).toBe(true)
    expect(isPassword('a@example.org', 'b')).toBe(false)
  })
})
