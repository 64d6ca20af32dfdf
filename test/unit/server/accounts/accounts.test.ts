import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Environment, openEnvironment } from '@smacks/journal-lmdb'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type AccountsOptions, openAccounts } from '../../../../apps/server/src/accounts/lmdb-accounts.js'
import { matches } from '../../../../packages/sasl/src/scram-keys.js'

let folder: string
let env: Environment

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'smacks-accounts-'))
  env = openEnvironment({ path: folder, durability: 'process' })
})
afterEach(async () => {
  await env.close()
  rmSync(folder, { recursive: true, force: true })
})

const open = (options: Partial<AccountsOptions> = {}) => openAccounts({ env, iterations: 4096, ...options })

describe('an account', () => {
  test('is added once', async () => {
    const accounts = open()
    expect(accounts.exists('romeo@example.org')).toBe(false)
    expect(await accounts.add('romeo@example.org', 'pencil')).toBe(true)
    expect(await accounts.add('romeo@example.org', 'other')).toBe(false)
    expect(accounts.exists('romeo@example.org')).toBe(true)
    const keys = accounts.keys('romeo@example.org', 'SHA-256')
    expect(keys && (await matches(keys, 'pencil', 'SHA-256'))).toBe(true)
  })

  test.each(['SHA-1', 'SHA-256'] as const)('has %s keys that only its password opens', async hash => {
    const accounts = open()
    await accounts.add('romeo@example.org', 'pencil')
    const keys = accounts.keys('romeo@example.org', hash)
    if (keys === undefined) throw new Error('no keys')
    expect(keys.iterations).toBe(4096)
    expect(keys.salt).toHaveLength(16)
    expect(await matches(keys, 'pencil', hash)).toBe(true)
    expect(await matches(keys, 'Pencil', hash)).toBe(false)
  })

  test('is the same however its JID is written', async () => {
    const accounts = open()
    await accounts.add('Romeo@Example.ORG', 'pencil')
    expect(accounts.list()).toEqual(['romeo@example.org'])
    expect(accounts.keys('ROMEO@example.org', 'SHA-1')).toEqual(accounts.keys('romeo@example.org', 'SHA-1'))
    expect(await accounts.add('rOMEO@example.org', 'pencil')).toBe(false)
  })

  test('gets another password, with other salts', async () => {
    const accounts = open()
    expect(await accounts.changePassword('romeo@example.org', 'ink')).toBe(false)
    await accounts.add('romeo@example.org', 'pencil')
    const before = accounts.keys('romeo@example.org', 'SHA-1')
    expect(await accounts.changePassword('romeo@example.org', 'ink')).toBe(true)
    const after = accounts.keys('romeo@example.org', 'SHA-1')
    expect(after && (await matches(after, 'ink', 'SHA-1'))).toBe(true)
    expect(after && (await matches(after, 'pencil', 'SHA-1'))).toBe(false)
    expect(after?.salt).not.toEqual(before?.salt)
  })

  test('is removed with all that is stored for it', async () => {
    const forgotten: Array<string> = []
    const accounts = open({
      purge: async jid => {
        expect(accounts.exists(jid)).toBe(true)
        forgotten.push(jid)
      },
    })
    await accounts.add('romeo@example.org', 'pencil')
    expect(await accounts.remove('Romeo@example.org')).toBe(true)
    expect(forgotten).toEqual(['romeo@example.org'])
    expect(accounts.exists('romeo@example.org')).toBe(false)
    expect(accounts.keys('romeo@example.org', 'SHA-1')).toBeUndefined()
    expect(await accounts.remove('romeo@example.org')).toBe(false)
    expect(forgotten).toHaveLength(1)
  })

  test('stays if what is stored for it cannot be removed', async () => {
    const accounts = open({ purge: () => Promise.reject(new Error('no')) })
    await accounts.add('romeo@example.org', 'pencil')
    await expect(accounts.remove('romeo@example.org')).rejects.toThrow('no')
    expect(accounts.exists('romeo@example.org')).toBe(true)
  })

  test('survives a restart, and so does the salt of one who does not exist', async () => {
    const accounts = open()
    await accounts.add('romeo@example.org', 'pencil')
    const before = [accounts.keys('romeo@example.org', 'SHA-1'), accounts.decoyKeys('x@example.org', 'SHA-1')]
    await env.close()
    env = openEnvironment({ path: folder, durability: 'process' })
    const again = open()
    expect([again.keys('romeo@example.org', 'SHA-1'), again.decoyKeys('x@example.org', 'SHA-1')]).toEqual(before)
  })
})

describe('a list', () => {
  test('holds all accounts, or those of one domain, in order', async () => {
    const accounts = open()
    for (const jid of ['b@b.example', 'a@b.example', 'c@a.example', 'a@b.example.org', 'z@b'])
      await accounts.add(jid, 'x')
    expect(accounts.list()).toEqual(['c@a.example', 'z@b', 'a@b.example', 'b@b.example', 'a@b.example.org'])
    expect(accounts.list('B.example')).toEqual(['a@b.example', 'b@b.example'])
    expect(accounts.list('example')).toEqual([])
    expect(accounts.list('')).toEqual([])
  })
})

describe('many at once', () => {
  test('are added or changed, and told apart', async () => {
    const accounts = open()
    await accounts.add('b@example.org', 'old')
    const outcomes = await accounts.put([
      { jid: 'a@example.org', password: '1' },
      { jid: 'b@example.org', password: '2' },
      { jid: 'A@example.org', password: '3' },
    ])
    expect(outcomes).toEqual(['added', 'updated', 'updated'])
    const keys = accounts.keys('a@example.org', 'SHA-1')
    expect(keys && (await matches(keys, '3', 'SHA-1'))).toBe(true)
  })

  test('are all refused if one of them cannot be', async () => {
    const accounts = open()
    const put = accounts.put([
      { jid: 'a@example.org', password: '1' },
      { jid: 'example.org', password: '2' },
    ])
    await expect(put).rejects.toThrow('its localpart, the part before the @, is missing')
    expect(accounts.list()).toEqual([])
  })
})

describe('what cannot be an account', () => {
  test.each([
    ['example.org', 'its localpart, the part before the @, is missing'],
    ['romeo@example.org/balcony', 'it has a resource, "balcony"'],
    ['', 'it is no JID'],
    ['@example.org', 'it is no JID'],
  ])('%j: %s', async (jid, why) => {
    await expect(open().add(jid, 'pencil')).rejects.toThrow(`${JSON.stringify(jid)} cannot be an account: ${why}`)
    expect(open().exists(jid)).toBe(false)
    expect(open().keys(jid, 'SHA-1')).toBeUndefined()
    expect(await open().remove(jid)).toBe(false)
  })

  test.each([
    ['', 'The password is empty'],
    ['\u00ad', 'only invisible characters'],
    ['pen\u0007cil', 'Prohibited character (RFC 4013 §2.3)'],
    ['🐇', 'Unassigned code point (RFC 4013 §2.5)'],
    ['x'.repeat(1024), 'The password has 1024 bytes, and 1023 are allowed'],
  ])('a password like %j', async (password, why) => {
    await expect(open().add('romeo@example.org', password)).rejects.toThrow(why)
    expect(open().list()).toEqual([])
  })

  test('the error does not hold the password', async () => {
    await expect(open().add('romeo@example.org', 'se\u0007cret')).rejects.not.toThrow('cret')
  })
})

describe('decoys', () => {
  test('differ by user and hash, and look like keys', () => {
    const accounts = open()
    const romeo = accounts.decoyKeys('romeo@example.org', 'SHA-1')
    expect(accounts.decoyKeys('romeo@example.org', 'SHA-1')).toEqual(romeo)
    expect(accounts.decoyKeys('juliet@example.org', 'SHA-1').salt).not.toEqual(romeo.salt)
    expect(accounts.decoyKeys('romeo@example.org', 'SHA-256').salt).not.toEqual(romeo.salt)
    expect([romeo.salt.length, romeo.storedKey.length, romeo.serverKey.length, romeo.iterations]).toEqual([
      16, 20, 20, 4096,
    ])
  })

  test('of two servers differ', async () => {
    const other = openEnvironment({ path: mkdtempSync(join(folder, 'other-')), durability: 'process' })
    const salts = [env, other].map(each => openAccounts({ env: each }).decoyKeys('a@b', 'SHA-1').salt)
    await other.close()
    expect(salts[0]).not.toEqual(salts[1])
  })
})

test('a record that does not decode is told, and its account can get a new password', async () => {
  const told: Array<string> = []
  const accounts = open({ onDefect: (jid, reason) => told.push(`${jid}: ${reason}`) })
  const records = env.openDB<unknown, string>({ name: 'accounts', encoding: 'json' })
  await accounts.add('romeo@example.org', 'pencil')
  const record = records.get('example.org romeo') as { readonly scram: Record<string, unknown> }
  await records.put('example.org romeo', { ...record, scram: { ...record.scram, 'SHA-1': { salt: 'secret!' } } })
  // A login needs the keys for one hash, and reads no others.
  expect(accounts.keys('romeo@example.org', 'SHA-256')).toBeDefined()
  expect(told).toEqual([])
  expect(accounts.keys('romeo@example.org', 'SHA-1')).toBeUndefined()
  expect(told.join()).toContain('romeo@example.org: ')
  expect(told.join()).toContain('SHA-1')
  expect(told.join()).not.toContain('secret!')
  expect(await accounts.changePassword('romeo@example.org', 'ink')).toBe(true)
  expect(accounts.keys('romeo@example.org', 'SHA-1')).toBeDefined()
})

test('a record of a later version is not read', async () => {
  const told: Array<string> = []
  const accounts = open({ onDefect: (_jid, reason) => told.push(reason) })
  await env.openDB<unknown, string>({ name: 'accounts', encoding: 'json' }).put('example.org romeo', { version: 2 })
  expect(accounts.keys('romeo@example.org', 'SHA-1')).toBeUndefined()
  expect(told.join()).toContain('version')
})

test('what was added is found by any writing of the name, whatever the name', async () => {
  const accounts = open()
  await fc.assert(
    fc.asyncProperty(fc.stringMatching(/^[a-zA-Z0-9.!#$%*+=?^_{|}~-]{1,20}$/), async local => {
      await accounts.add(`${local}@example.org`, 'x')
      expect(accounts.exists(`${local.toUpperCase()}@EXAMPLE.org`)).toBe(true)
      expect(accounts.list('example.org')).toContain(`${local.toLowerCase()}@example.org`)
    }),
    { numRuns: 30 },
  )
})
