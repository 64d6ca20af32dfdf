import { type Change, ChangeRefused } from '@smacks/runtime'
import { describe, expect, it } from 'vitest'
import { accountOf, bound, ground, hibernating, juliet, keep, romeo, snapshot } from './ground.js'

const { open } = ground()

describe('names that LMDB cannot take', () => {
  it('are refused where they are of accounts or records, and the error says which', async () => {
    const { journal } = await open()
    for (const account of ['a'.repeat(1901), 'a\0b']) {
      for (const change of [bound(account), snapshot(account, accountOf()), keep(account, 'phone', 1, 'one')])
        await expect(journal.commit([change])).rejects.toThrow(
          new RegExp(`${change._tag} for a.*the account's name has \\d+ bytes; at most 1900 bytes are allowed`),
        )
    }
    for (const name of ['n'.repeat(1960), 'a\0b'])
      await expect(
        journal.commit([{ _tag: 'PutRecord', kind: 'tests', account: romeo, name, text: 'x' }]),
      ).rejects.toThrow(/PutRecord for romeo@example.net: .*name ".*" of the record have \d+ bytes; at most 1960/)
    expect([...journal.records('tests', 'a'.repeat(5000))]).toEqual([])
  })

  it('are refused where they are of kinds of records, and so are those of the journal itself', async () => {
    const { journal } = await open()
    const own = ['journal-log', 'journal-kept', 'old-sessions', 'offline', 'journal-of-tomorrow']
    for (const kind of [...own, '', 'k'.repeat(201), 'a\0b']) {
      const why = own.includes(kind) ? /the journal uses this name itself; allowed is any but/ : /1 to 200 are allowed/
      await expect(journal.commit([{ _tag: 'PutRecord', kind, account: romeo, name: 'a', text: 'x' }])).rejects.toThrow(
        why,
      )
      expect(() => [...journal.records(kind)]).toThrow(why)
    }
    await journal.commit([{ _tag: 'PutRecord', kind: 'journals', account: romeo, name: 'a', text: 'x' }])
    expect([...journal.records('journals')]).toHaveLength(1)
  })

  it('are taken as far as the bound says', async () => {
    const account = 'a'.repeat(1900)
    const before = await open()
    await before.journal.commit([
      bound(account),
      snapshot(account, accountOf(hibernating('r'.repeat(1023), 1))),
      keep(account, 'r'.repeat(1023), 5, 'five'),
      { _tag: 'PutRecord', kind: 'tests', account, name: 'n'.repeat(60), text: 'x' },
    ])
    const { journal, sessions } = await open()
    expect([...sessions.recover()]).toHaveLength(1)
    expect(sessions.kept(account, 'r'.repeat(1023), 5, 1)).toHaveLength(1)
    expect([...journal.records('tests', account)]).toHaveLength(1)
  })
})

describe('texts that are longer than what is stored', () => {
  const most = 64 * 1024 * 1024

  it('are refused by name, and all others of the batch are taken without them', async () => {
    const { journal } = await open()
    const long = 'x'.repeat(most + 1)
    const record: Change<string> = { _tag: 'PutRecord', kind: 'tests', account: romeo, name: 'a', text: long }
    const stored: Change<string> = {
      _tag: 'PutOffline',
      account: romeo,
      stanza: long,
      facts: { name: 'message', type: 'chat' },
      at: 1,
    }
    for (const change of [record, stored, keep(romeo, 'phone', 1, long)]) {
      const failure: unknown = await Promise.resolve(journal.commit([bound(juliet), change])).catch(error => error)
      expect(failure).toBeInstanceOf(ChangeRefused)
      expect(failure).toMatchObject({ account: romeo, change })
      expect(String(failure)).toMatch(/has 671\d+ characters; at most 67108864 are allowed/)
    }
    await journal.commit([bound(juliet)])
    expect([...journal.records('tests', romeo)]).toEqual([])
  }, 30_000)
})
