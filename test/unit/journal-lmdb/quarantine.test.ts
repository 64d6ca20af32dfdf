/** What does not decode harms its account alone, and stays until it is repaired. */
import { defaultConfig, reducerVersion } from '@smacks/core'
import type { Environment } from '@smacks/journal-lmdb'
import type { Change } from '@smacks/runtime'
import { describe, expect, it } from 'vitest'
import {
  accountOf,
  bound,
  ground,
  hibernating,
  juliet,
  keep,
  lines,
  type OpenStores,
  rawKept,
  rawLog,
  rawQuarantine,
  rawSnapshots,
  romeo,
  snapshot,
  submitted,
  told,
  trimmed,
  unmanaged,
} from './ground.js'

const { open } = ground()

/** Puts another text in the place of one in the log. */
const spoil = (env: Environment, row: number, text: string, other: string): void => {
  const log = rawLog(env)
  const before = log.get(row) ?? ''
  expect(before).toContain(text)
  log.putSync(row, before.replace(text, other))
}

/** Romeo with a snapshot and two entries since, Juliet beside him. */
const twoAccounts = async ({ journal }: OpenStores): Promise<void> => {
  await journal.commit([bound(romeo, 'desk', 1), snapshot(romeo, accountOf(unmanaged('desk')))])
  await journal.commit([bound(romeo, 'phone', 2), bound(juliet, 'balcony', 2)])
  await journal.commit([bound(romeo, 'tablet', 3)])
}

describe('who only looks at what is kept', () => {
  it('sees what is there and decodes, and sets nobody aside', async () => {
    const { env, journal, sessions } = await open()
    await journal.commit([keep(romeo, 'phone', 1, 'one', 'two'), bound(romeo)])
    const seen = (from: number, count: number) => sessions.peek?.(romeo, 'phone', from, count).map(one => one.stanza)
    expect([seen(1, 1), seen(1, 5), seen(2, 1), seen(3, 1)]).toEqual([['one'], ['one', 'two'], ['two'], []])
    rawKept(env).putSync([romeo, 'phone', 2], '{}')
    expect([seen(1, 1), seen(1, 2), seen(2, 1)]).toEqual([['one'], [], []])
    await journal.commit([bound(romeo, 'desk')])
    expect(lines(told({ sessions }))).toHaveLength(2)
    expect(() => sessions.kept(romeo, 'phone', 2, 1)).toThrow('does not decode')
  })
})

describe('an entry that does not decode', () => {
  const entries: ReadonlyArray<readonly [what: string, text: string, other: string, reason: RegExp]> = [
    ['an unknown event', 'SessionBound', 'SessionFound', /_tag: found "SessionFound".*did you mean/],
    ['a field of another kind', '"at":2', '"at":"2"', /at: found "2", allowed: a finite number/],
    ['an unknown field', '"at":2', '"at":2,"by":1', /unknown key/],
    ['an unknown kind of entry', '"event"', '"evening"', /found "evening", allowed: "event", "state"/],
    ['too many fields', ']\n', ',1]\n', /allowed: \[account, /],
    ['a line cut off', ']\n', '\n', /JSON/],
  ]
  for (const [what, text, other, reason] of entries)
    it(`is told with row and line, and harms its account alone: ${what}`, async () => {
      const { env } = await open().then(async stores => {
        await twoAccounts(stores)
        return stores
      })
      spoil(env, 2, text, other)
      const stores = await open()
      const entriesTold = told(stores)
      expect(lines(entriesTold)).toContain(`${juliet} SessionBound 2`)
      const undecodable = entriesTold.filter(entry => entry._tag === 'Undecodable')
      expect(undecodable).toMatchObject([{ account: romeo, reason: expect.stringMatching(/^journal-log, row 2: /) }])
      expect(undecodable).toMatchObject([{ reason: expect.stringMatching(reason) }])
    })
})

describe('a snapshot that does not decode', () => {
  const texts: ReadonlyArray<readonly [what: string, text: string, reason: RegExp]> = [
    ['no JSON', '{', /JSON/],
    ['no version', '{"v":"one","upTo":1,"state":{"sessions":[],"oldSessions":[]}}', /allowed: \{"v":1 or 2,/],
    ['no row', '{"v":1,"upTo":-1,"state":{"sessions":[],"oldSessions":[]}}', /allowed: \{"v":1 or 2,/],
    ['an unknown key', '{"v":1,"upTo":1,"state":{"sessions":[],"oldSessions":[]},"x":1}', /allowed: \{"v":1 or 2,/],
    ['no state', '{"v":1,"upTo":1,"state":{"sessions":[{}],"oldSessions":[]}}', /sessions\.0\._tag/],
    ['a list', '[]', /allowed: \{"v":1 or 2,/],
  ]
  for (const [what, text, reason] of texts)
    it(`is told with its key, and harms its account alone: ${what}`, async () => {
      const before = await open()
      await twoAccounts(before)
      rawSnapshots(before.env).putSync(romeo, text)
      const entries = told(await open())
      expect(lines(entries).filter(line => line.startsWith(juliet))).toEqual([`${juliet} SessionBound 2`])
      expect(entries.filter(entry => entry._tag === 'Baseline')).toEqual([])
      const [undecodable] = entries.filter(entry => entry._tag === 'Undecodable')
      expect(undecodable?.reason).toMatch(reason)
      expect(undecodable?.reason).toMatch(new RegExp(`^journal-snapshots, ${romeo}: `))
    })
})

describe('a kept stanza that does not decode', () => {
  const texts: ReadonlyArray<readonly [what: string, text: string, reason: RegExp]> = [
    ['no JSON', 'x', /JSON/],
    [
      'another version',
      '{"v":2,"at":1,"facts":{"name":"message","type":"chat"},"stanza":"one"}',
      /v: found 2, allowed: 1/,
    ],
    ['no facts', '{"v":1,"at":1,"stanza":"one"}', /facts: missing/],
    [
      'a stanza that its codec refuses',
      '{"v":1,"at":1,"facts":{"name":"message","type":"chat"},"stanza":"unreadable"}',
      /stanza: found "unreadable"/,
    ],
  ]
  for (const [what, text, reason] of texts)
    it(`is told with account, resource and number: ${what}`, async () => {
      const { env, journal, sessions } = await open()
      await journal.commit([keep(romeo, 'phone', 7, 'one', 'two')])
      rawKept(env).putSync([romeo, 'phone', 8], text)
      expect(sessions.kept(romeo, 'phone', 7, 1)).toHaveLength(1)
      expect(() => sessions.kept(romeo, 'phone', 7, 2)).toThrow(`the kept stanza 8 of ${romeo}/phone does not decode`)
      expect(() => sessions.kept(romeo, 'phone', 8, 1)).toThrow(reason)
    })

  it('has its account set aside as it is, with the next batch', async () => {
    const { env, journal, sessions } = await open()
    await journal.commit([bound(romeo), snapshot(romeo, accountOf(hibernating('phone', 2)))])
    await journal.commit([bound(romeo, 'desk', 2), keep(romeo, 'phone', 6, 'six')])
    expect(() => sessions.kept(romeo, 'phone', 5, 2)).toThrow(`the kept stanza 5 of ${romeo}/phone is not there`)
    // What a loop would know of an account that it has set aside.
    const forgotten: Change<string> = { _tag: 'Baseline', account: romeo, state: accountOf(), config: defaultConfig }
    await journal.commit([bound(romeo, 'tablet', 3), forgotten, snapshot(romeo, accountOf()), bound(juliet)])
    await journal.commit([bound(romeo, 'watch', 4), snapshot(romeo, accountOf())])
    await journal.commit([{ _tag: 'ForgetKept', account: romeo, resource: 'phone', from: 6, count: 1 }])
    expect(rawSnapshots(env).get(romeo)).toBeUndefined()
    expect([...rawKept(env).getKeys({})]).toEqual([[romeo, 'phone', 6]])
    const quarantined = [...rawQuarantine(env).getRange({})].map(({ value }) => value)
    expect(quarantined[0]).toMatch(/^3 .*the kept stanza 5 of/)
    expect(quarantined[1]).toContain('"resource":"phone"')
    expect(quarantined.slice(2).map(line => /"resource":"(\w+)"/.exec(line)?.[1])).toEqual(['desk', 'tablet'])
    const again = told(await open())
    expect(again.map(({ account, _tag }) => `${account} ${_tag}`)).toEqual([
      `${romeo} Undecodable`,
      `${juliet} EventLogged`,
    ])
  })
})

describe('what is set aside', () => {
  it('stays where it is until something is committed, then lies in quarantine, and is told at each start', async () => {
    const before = await open()
    await twoAccounts(before)
    spoil(before.env, 3, 'SessionBound', 'SessionFound')
    const stores = await open()
    const reason = /row 3/
    expect(told(stores).filter(entry => entry._tag === 'Undecodable')).toMatchObject([
      { reason: expect.stringMatching(reason) },
    ])
    expect([...rawQuarantine(stores.env).getKeys({})]).toEqual([])

    await stores.journal.commit([bound(juliet, 'garden', 4)])
    expect([...rawQuarantine(stores.env).getKeys({})]).toEqual([0, 1, 2, 3].map(part => [romeo, part]))
    for (let start = 0; start < 2; start += 1) {
      const entries = told(await open())
      expect(entries).toMatchObject([
        { _tag: 'Undecodable', account: romeo, reason: expect.stringMatching(reason) },
        {},
        {},
      ])
      expect(lines(entries).slice(1)).toEqual([`${juliet} SessionBound 2`, `${juliet} SessionBound 4`])
    }
  })

  it('survives that the log is compacted, and compaction goes on without it', async () => {
    const before = await open()
    await twoAccounts(before)
    spoil(before.env, 3, 'SessionBound', 'SessionFound')
    const { env, journal, sessions } = await open({ logBound: 2000 })
    void [...sessions.recover()]
    for (let batch = 0; batch < 100; batch += 1) {
      const wanted = sessions.wanted(10)
      expect(wanted).not.toContain(romeo)
      await journal.commit([
        submitted(juliet, `number ${batch}`),
        ...wanted.map(id => snapshot(id, accountOf(unmanaged('balcony')))),
      ])
      if (batch % 10 === 0) await trimmed(env, 60)
    }
    expect([...rawLog(env).rows().keys()][0]).toBeGreaterThan(3)
    const quarantined = [...rawQuarantine(env).getRange({})].map(({ value }) => value)
    expect(quarantined[1]).toContain('"resource":"desk"')
    expect(quarantined[2]).toContain('"resource":"phone"')
    expect(quarantined[3]).toContain('SessionFound')
  })
})

describe('a line of which not even the account can be told', () => {
  it('is reported once and lies in quarantine, and all others are told', async () => {
    const before = await open()
    await twoAccounts(before)
    rawLog(before.env).putSync(2, `${rawLog(before.env).get(2)}\n["cut off\n{"account":1}`)
    const stores = await open()
    expect(lines(told(stores)).filter(line => line.includes('SessionBound'))).toEqual([
      `${romeo} SessionBound 2`,
      `${juliet} SessionBound 2`,
      `${romeo} SessionBound 3`,
    ])
    expect(told(stores)).toHaveLength(4)
    expect(stores.bad).toMatchObject([
      { database: 'journal-log', account: '', key: 2, reason: expect.stringMatching(/^line 3: .*JSON/) },
      {
        database: 'journal-log',
        account: '',
        key: 2,
        reason: expect.stringMatching(/^line 4: found .*allowed: \[account, /),
      },
    ])
    await stores.journal.commit([bound(juliet, 'garden')])
    const strays = () => [...rawQuarantine(stores.env).getRange({})].map(({ value }) => value)
    expect(strays()).toEqual([
      expect.stringMatching(/^2 journal-log, row 2, line 4: /),
      '2 ["cut off',
      '2 {"account":1}',
    ])

    const again = await open()
    expect(lines(told(again))).toHaveLength(5)
    expect(again.bad).toEqual([])
    rawLog(again.env).putSync(4, `${rawLog(again.env).get(4)}\n7`)
    const last = await open()
    void told(last)
    await last.journal.commit([bound(juliet, 'hall')])
    expect([...rawQuarantine(last.env).getRange({})].map(({ value }) => value)).toEqual([
      expect.stringMatching(/^4 journal-log, row 4, line 2: found 7, allowed/),
      '2 ["cut off',
      '2 {"account":1}',
      '4 7',
    ])
  })

  it('may be the first of its row: then nobody knows how to read the others', async () => {
    const before = await open()
    await twoAccounts(before)
    spoil(before.env, 2, '{"v":4,', '{"v":,')
    const stores = await open()
    expect(told(stores).map(({ _tag, account }) => `${account} ${_tag}`)).toEqual([
      `${romeo} Baseline`,
      `${romeo} Undecodable`,
      `${juliet} Undecodable`,
    ])
    expect(stores.bad).toMatchObject([{ key: 2, reason: expect.stringMatching(/^line 1: found .*allowed: \{"v":1\}/) }])
  })
})

describe('what a newer program wrote', () => {
  const newer = '{"v":5,"what":"is this?"}'
  const newerRules = `{"v":4,"reducer":${reducerVersion + 1}}`
  const places: ReadonlyArray<readonly [what: string, place: string, put: (env: Environment) => unknown]> = [
    ['a row', 'row 3 of journal-log', env => rawLog(env).putSync(3, newer)],
    ['a snapshot', `the snapshot of ${romeo}`, env => rawSnapshots(env).putSync(romeo, newer)],
    ['a row of newer rules', 'row 3 of journal-log', env => rawLog(env).putSync(3, newerRules)],
  ]
  const found = (what: string): string =>
    what === 'a row of newer rules'
      ? `version 4 with the rules of version ${reducerVersion + 1}; this one knows the rules of version ${reducerVersion}`
      : 'version 5; this one knows version 4'
  for (const [what, place, put] of places)
    it(`is refused as a whole, and nothing is changed: ${what}`, async () => {
      const before = await open()
      await twoAccounts(before)
      spoil(before.env, 2, 'SessionBound', 'SessionFound')
      put(before.env)
      const stores = await open()
      expect(() => told(stores)).toThrow(
        `${place} was written by a newer program, in ${found(what)}; nothing was changed`,
      )
      expect(rawQuarantine(stores.env).getKeysCount({})).toBe(0)
    })
})
