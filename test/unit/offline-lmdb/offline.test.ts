import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { StanzaFacts } from '@smacks/core'
import { type BadOfflineRecord, maxAccountBytes, offlineLmdb, type PayloadCodec } from '@smacks/offline-lmdb'
import { stanzaFactsArbitrary } from '@smacks/testkit'
import * as fc from 'fast-check'
import { type DatabaseOptions, type Key, open, type RootDatabase } from 'lmdb'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

let path = ''
let env: RootDatabase<string, Key>
beforeAll(() => {
  path = mkdtempSync(join(tmpdir(), 'smacks-'))
  env = open<string, Key>({ path, noSync: true, overlappingSync: false })
})
afterAll(async () => {
  await env.close()
  rmSync(path, { recursive: true })
})

const text: PayloadCodec<string> = { encode: stanza => stanza, decode: stored => stored }
const chat: StanzaFacts = { name: 'message', type: 'chat' }

let accounts = 0
const freshAccount = () => {
  accounts += 1
  return `user-${accounts}@example.net`
}

const openStore = (payload = text) => {
  const bad: Array<BadOfflineRecord> = []
  const offline = offlineLmdb({ env, payload, onBadRecord: record => void bad.push(record) })
  const put = (account: string, stanza: string, facts = chat) =>
    env.transactionSync(() => offline.apply({ _tag: 'PutOffline', account, stanza, facts, at: 1000 }))
  return { offline, bad, put }
}

describe('an offline message on disk', () => {
  it('comes back as it was, whatever its facts and its text', () => {
    const { offline, put } = openStore()
    fc.assert(
      fc.property(stanzaFactsArbitrary(), fc.string({ unit: 'grapheme', maxLength: 3000 }), (facts, stanza) => {
        const account = freshAccount()
        put(account, stanza, facts)
        expect(offline.read(account)).toEqual([{ key: expect.any(Number), stanza, facts, at: 1000 }])
      }),
      { numRuns: 200 },
    )
  })

  it('keeps its place when the store is opened anew', () => {
    const account = freshAccount()
    openStore().put(account, 'one')
    const { offline, put } = openStore()
    put(account, 'two')
    expect(offline.read(account).map(({ stanza }) => stanza)).toEqual(['one', 'two'])
  })
})

describe('a record that does not decode', () => {
  const records: ReadonlyArray<readonly [what: string, text: string, reason: RegExp]> = [
    ['no JSON', 'not json', /JSON/],
    [
      'another version',
      '{"v":2,"at":1,"facts":{"name":"message","type":"chat"},"stanza":"x"}',
      /^v: found 2, allowed: 1$/,
    ],
    ['a stanza of no known name', '{"v":1,"at":1,"facts":{"name":"note","type":"chat"},"stanza":"x"}', /"note"/],
    ['a time that is text', '{"v":1,"at":"1","facts":{"name":"message","type":"chat"},"stanza":"x"}', /^at: .*number$/],
    ['no stanza', '{"v":1,"at":1,"facts":{"name":"message","type":"chat"}}', /^stanza: missing, allowed: string$/],
  ]

  for (const [what, stored, reason] of records)
    it(`is reported, left out, counted, and left on disk: ${what}`, async () => {
      const { offline, bad, put } = openStore()
      const account = freshAccount()
      for (const stanza of ['one', 'two', 'three']) put(account, stanza)
      const spoilt = offline.read(account)[1]?.key ?? 0
      const raw = env.openDB<string, [string, number]>({ name: 'offline', encoding: 'string' })
      await raw.put([account, spoilt], stored)

      expect(offline.read(account).map(({ stanza }) => stanza)).toEqual(['one', 'three'])
      expect(bad).toEqual([{ database: 'offline', account, key: spoilt, reason: expect.stringMatching(reason) }])
      expect(offline.read(account, 2).map(({ stanza }) => stanza)).toEqual(['one', 'three'])
      expect(offline.count(account)).toBe(3)
      expect(raw.get([account, spoilt])).toBe(stored)
    })

  it('may also be one that only the payload cannot take back', () => {
    const decode = (stored: string): string => {
      if (stored === 'two') throw new Error('no XML')
      return stored
    }
    const { offline, bad, put } = openStore({ encode: stanza => stanza, decode })
    const account = freshAccount()
    for (const stanza of ['one', 'two']) put(account, stanza)
    expect(offline.read(account).map(({ stanza }) => stanza)).toEqual(['one'])
    expect(bad.map(({ reason }) => reason)).toEqual(['Error: no XML'])
  })
})

describe('an account whose name LMDB cannot take', () => {
  it('is refused with its length and what is allowed', () => {
    const { put } = openStore()
    expect(() => put('a'.repeat(maxAccountBytes), 'fits')).not.toThrow()
    expect(() => put('é'.repeat(maxAccountBytes / 2 + 1), 'too long')).toThrow(
      `the account's name has ${maxAccountBytes + 2} bytes; at most ${maxAccountBytes} are allowed`,
    )
    expect(() => put('a\0b@example.net', 'never')).toThrow('U+0000')
  })

  it('has nothing stored and nothing to drop', () => {
    const { offline } = openStore()
    offline.apply({ _tag: 'DropOffline', account: 'a'.repeat(5000), keys: [1] })
    expect(offline.read('a'.repeat(5000))).toEqual([])
    expect(offline.count('a'.repeat(5000))).toBe(0)
  })
})

it('is stored without a search for its place', () => {
  const looks: Array<string> = []
  const openDB = (options: DatabaseOptions & { readonly name: string }) => {
    const database = env.openDB(options)
    const { getKeys, getRange } = database
    database.getKeys = asked => {
      looks.push('keys')
      return getKeys.call(database, asked)
    }
    database.getRange = asked => {
      looks.push('range')
      return getRange.call(database, asked)
    }
    return database
  }
  const watched = new Proxy(env, { get: (of, name) => (name === 'openDB' ? openDB : Reflect.get(of, name)) })
  const offline = offlineLmdb({ env: watched, payload: text, onBadRecord: () => {} })
  const account = freshAccount()
  looks.length = 0
  for (let n = 0; n < 5; n += 1)
    env.transactionSync(() => offline.apply({ _tag: 'PutOffline', account, stanza: `${n}`, facts: chat, at: 1000 }))
  expect(looks).toEqual([])
  expect(offline.read(account).map(({ stanza }) => stanza)).toEqual(['0', '1', '2', '3', '4'])
})

describe('how much is stored', () => {
  it('is counted anew where a program stored something without counting it', async () => {
    const own = mkdtempSync(join(tmpdir(), 'smacks-'))
    const other = open<string, Key>({ path: own, noSync: true, overlappingSync: false })
    const juliet = 'juliet@example.org'
    const openOther = () => offlineLmdb({ env: other, payload: text, onBadRecord: () => {} })
    const first = openOther()
    other.transactionSync(() =>
      first.apply({ _tag: 'PutOffline', account: juliet, stanza: 'one', facts: { ...chat, from: 'romeo@a/b' }, at: 1 }),
    )
    const one = first.usage(juliet)
    const messages = other.openDB<string, [string, number]>({ name: 'offline', encoding: 'string' })
    const [record] = [...messages.getRange({})].map(({ value }) => value)
    messages.putSync([juliet, 7], record ?? '')
    messages.putSync(['nobody@example.org', 1], 'no record at all')
    messages.putSync(['nobody@example.org', 2], '{"facts":{"from":7}}')
    messages.putSync(['nobody@example.org', 3], '[]')
    messages.putSync(['nobody@example.org', 4], 'null')
    const { apply, read, usage } = openOther()
    expect(usage(juliet)).toEqual({ count: 2, size: 2 * one.size })
    // Nor is a key used again that such a program used.
    other.transactionSync(() =>
      apply({ _tag: 'PutOffline', account: juliet, stanza: 'two', facts: { ...chat, from: 'romeo@a/b' }, at: 1 }),
    )
    expect(read(juliet).map(({ key }) => key)).toEqual([1, 7, 8])
    apply({ _tag: 'DropOffline', account: juliet, keys: [8] })
    expect(usage(juliet, 'romeo@a')).toEqual(usage(juliet))
    expect(usage(juliet, 'a')).toEqual(usage(juliet))
    expect(usage('nobody@example.org').count).toBe(4)
    expect(openOther().usage(juliet)).toEqual({ count: 2, size: 2 * one.size })
    await other.close()
    rmSync(own, { recursive: true })
  })

  it('is nothing for an account whose name cannot be stored', () => {
    const { offline } = openStore()
    expect(offline.usage('a'.repeat(5000))).toEqual({ count: 0, size: 0 })
    expect(offline.count('a'.repeat(5000))).toBe(0)
  })
})
