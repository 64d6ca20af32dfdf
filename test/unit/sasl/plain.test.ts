import { describe, expect, test } from 'vitest'
import type { ScramCredentials } from '../../../packages/sasl/src/credentials.js'
import { createDerivations, type Derivations } from '../../../packages/sasl/src/derivation.js'
import type { SaslContext, SaslStep } from '../../../packages/sasl/src/mechanism.js'
import { createPasswordCheck, type PasswordCheck } from '../../../packages/sasl/src/password-check.js'
import { createSasl } from '../../../packages/sasl/src/sasl.js'
import { credentialsOf, freely } from './credentials.js'

const derivations = createDerivations({ waiting: 100 })
const sasl = createSasl({
  derivations,
  credentials: credentialsOf({ 'romeo@example.org': { password: 'pencil' }, 'space@example.org': { password: 'a b' } }),
})
const context: SaslContext = {
  ...freely,
  domain: 'example.org',
  secure: true,
  channelBinding: () => undefined,
  advertised: ['PLAIN'],
}

const plain = async (message: string | Uint8Array): Promise<SaslStep> => {
  const exchange = sasl.start('PLAIN', context)
  if (exchange === undefined) throw new Error('not started')
  return exchange.next(Buffer.from(message))
}

describe('PLAIN', () => {
  test('lets the right password in', async () =>
    expect(await plain('\0romeo\0pencil')).toEqual({ _tag: 'Success', username: 'romeo' }))

  test('lets it in a second time, when it is remembered', async () =>
    expect(await plain('\0romeo\0pencil')).toEqual({ _tag: 'Success', username: 'romeo' }))

  test.each(['pen', 'Pencil', 'pencil ', 'decoy'])('refuses the wrong password %j', async password =>
    expect(await plain(`\0romeo\0${password}`)).toMatchObject({ condition: 'not-authorized' }),
  )

  test('answers for an unknown user as for a wrong password', async () =>
    expect(await plain('\0juliet\0decoy')).toEqual({
      ...(await plain('\0romeo\0pen')),
      account: 'juliet@example.org',
    }))

  test('normalises name and password', async () => {
    expect(await plain('\0ROMEO\0pen\u00adcil')).toMatchObject({ _tag: 'Success', username: 'romeo' })
    expect(await plain('\0space\0a\u00a0b')).toMatchObject({ _tag: 'Success' })
  })

  test('accepts the own bare JID as authzid, and no other', async () => {
    expect(await plain('romeo@example.org\0romeo\0pencil')).toMatchObject({ _tag: 'Success' })
    expect(await plain('juliet@example.org\0romeo\0pencil')).toMatchObject({ condition: 'invalid-authzid' })
  })

  test.each(['', 'romeo', '\0romeo', '\0romeo\0', '\0\0pencil', '\0romeo\0pencil\0', `\0romeo\0${'x'.repeat(9000)}`])(
    'refuses a message of another form (%#)',
    async message => expect(await plain(message)).toMatchObject({ condition: 'malformed-request' }),
  )

  test('refuses bytes that are no UTF-8', async () =>
    expect(await plain(Buffer.from([0, 0x72, 0, 0xff]))).toMatchObject({ condition: 'malformed-request' }))

  test('says nothing after its end', () => {
    const exchange = sasl.start('PLAIN', context)
    exchange?.next(Buffer.from('\0romeo\0pen'))
    expect(exchange?.next(Buffer.from('\0romeo\0pencil'))).toMatchObject({ condition: 'aborted' })
  })
})

describe('a remembered password', () => {
  const asked = (check: PasswordCheck, jid: string, password: string) => check(jid, password, () => true)

  test('is not looked up for a stream that ended while it was derived', async () => {
    const credentials = credentialsOf({ 'romeo@example.org': { password: 'pencil' } })
    let isOpen = true
    let reads = 0
    const counting: ScramCredentials = {
      ...credentials,
      keys: (jid, hash) => {
        reads += 1
        if (!isOpen) throw new Error('the accounts are closed')
        return credentials.keys(jid, hash)
      },
    }
    const check = createPasswordCheck({ credentials: counting, derivations })
    const verdict = check('romeo@example.org', 'pencil', () => isOpen)
    // It is under way by then: the queue of derivations asks before it begins.
    await Promise.resolve()
    isOpen = false
    expect(await verdict).toBe('unwanted')
    expect(reads).toBe(1)
  })

  test('is forgotten when the account gets another one', async () => {
    let password = 'old'
    const changing: ScramCredentials = {
      keys: (jid, hash) => credentialsOf({ 'romeo@example.org': { password } }).keys(jid, hash),
      decoyKeys: credentialsOf({}).decoyKeys,
    }
    const check = createPasswordCheck({ credentials: changing, derivations })
    expect(await asked(check, 'romeo@example.org', 'old')).toBe('right')
    password = 'new'
    expect(await asked(check, 'romeo@example.org', 'old')).toBe('wrong')
    expect(await asked(check, 'romeo@example.org', 'new')).toBe('right')
  })

  test('is forgotten when the account is removed', async () => {
    let exists = true
    const users = credentialsOf({ 'romeo@example.org': { password: 'pencil' } })
    const check = createPasswordCheck({
      derivations,
      credentials: { ...users, keys: (jid, hash) => (exists ? users.keys(jid, hash) : undefined) },
    })
    expect(await asked(check, 'romeo@example.org', 'pencil')).toBe('right')
    exists = false
    expect(await asked(check, 'romeo@example.org', 'pencil')).toBe('wrong')
  })

  test('makes room for others, who are let in too', async () => {
    const users = Object.fromEntries(['a', 'b', 'c'].map(name => [`${name}@example.org`, { password: name }]))
    const check = createPasswordCheck({ credentials: credentialsOf(users), derivations, remembered: 2 })
    for (const name of ['a', 'b', 'c', 'a']) expect(await asked(check, `${name}@example.org`, name)).toBe('right')
    expect(await asked(check, 'a@example.org', 'b')).toBe('wrong')
  })

  test('is known at once, and another takes its time', () => {
    const users = credentialsOf({ 'romeo@example.org': { password: 'pencil' } })
    const check = createPasswordCheck({ credentials: users, derivations })
    expect(asked(check, 'romeo@example.org', 'pencil')).toBeInstanceOf(Promise)
  })
})

describe('while a password is being checked', () => {
  /** The work is done when the test says so. */
  const slow = () => {
    const ends: Array<() => void> = []
    const patient: Derivations = {
      derive: (derivation, isWanted) =>
        new Promise(resolve => ends.push(() => resolve(derivations.derive(derivation, isWanted)))),
    }
    return { patient, end: () => ends.splice(0).forEach(end => void end()) }
  }
  const started = (patient: Derivations, credentials: ScramCredentials, over: Partial<SaslContext> = {}) => {
    const exchange = createSasl({ derivations: patient, credentials }).start('PLAIN', { ...context, ...over })
    return exchange?.next(Buffer.from('\0romeo\0pencil'))
  }
  const users = { 'romeo@example.org': { password: 'pencil' } }

  test('the account may get another one, and then it is wrong', async () => {
    let password = 'pencil'
    const { patient, end } = slow()
    const answer = started(patient, {
      keys: (jid, hash) => credentialsOf({ 'romeo@example.org': { password } }).keys(jid, hash),
      decoyKeys: credentialsOf({}).decoyKeys,
    })
    password = 'another'
    end()
    expect(await answer).toMatchObject({ condition: 'not-authorized' })
  })

  test('others may fail, and then it has to wait', async () => {
    let wait = 0
    const { patient, end } = slow()
    const answer = started(patient, credentialsOf(users), { waitFor: () => wait })
    wait = 3_000
    end()
    expect(await answer).toMatchObject({ condition: 'temporary-auth-failure', account: 'romeo@example.org' })
  })

  test('one more than may wait is refused, and not counted as wrong', async () => {
    const tried: Array<string> = []
    const busy: Derivations = { derive: async () => 'busy' }
    const answer = await started(busy, credentialsOf(users), { tried: account => tried.push(account) })
    expect(answer).toMatchObject({ condition: 'temporary-auth-failure' })
    expect(tried).toEqual([])
  })
})
