/** Inspecting, exporting and repairing what is journalled of sessions. */
import {
  type Environment,
  exportJournal,
  type InspectionOptions,
  inspectJournal,
  repairAccount,
} from '@smacks/journal-lmdb'
import { describe, expect, it } from 'vitest'
import {
  accountOf,
  bound,
  ground,
  hibernating,
  juliet,
  keep,
  lines,
  rawKept,
  rawLog,
  rawQuarantine,
  rawSnapshots,
  romeo,
  snapshot,
  submitted,
  told,
  unmanaged,
} from './ground.js'
import { textPayload } from './text-payload.js'

const { open } = ground()

const asked = (env: Environment): InspectionOptions<string> => ({ env, payload: textPayload, absent: '' })

/** Romeo's third of four entries since a snapshot does not decode; Juliet is well. */
const spoiled = async () => {
  const stores = await open()
  const { journal, env } = stores
  await journal.commit([bound(juliet, 'balcony')])
  await journal.commit([snapshot(romeo, accountOf(hibernating('phone', 2)))])
  await journal.commit([keep(romeo, 'phone', 5, 'five', 'six')])
  await journal.commit([bound(romeo, 'desk', 1), bound(romeo, 'tablet', 2)])
  await journal.commit([bound(romeo, 'bad', 3), bound(romeo, 'watch', 4)])
  rawLog(env).putSync(5, (rawLog(env).get(5) ?? '').replace('"resource":"bad"', '"resource":7'))
  return stores
}

/** The same, moved into quarantine. */
const quarantined = async () => {
  await spoiled()
  const stores = await open()
  void told(stores)
  await stores.journal.commit([bound(juliet, 'garden')])
  return stores
}

const places = [
  ['in quarantine', quarantined],
  ['where it lay', spoiled],
] as const

const resourcesOf = (entries: ReturnType<typeof told>): ReadonlyArray<string> =>
  entries.flatMap(entry =>
    entry._tag === 'Baseline' && entry.account === romeo ? entry.state.sessions.map(({ resource }) => resource) : [],
  )

describe('inspecting', () => {
  it('tells nothing of an empty journal', async () => {
    const { accounts, totals } = inspectJournal(asked((await open()).env))
    expect(accounts).toEqual([])
    expect(Object.values(totals).every(total => total === 0)).toBe(true)
  })

  it('tells the sessions of each account, what is unacked and kept, and what lies on disk', async () => {
    const { env, journal } = await open()
    await journal.commit([bound(romeo), snapshot(romeo, accountOf(hibernating('phone', 2), unmanaged('desk')))])
    await journal.commit([keep(romeo, 'phone', 5, 'five', 'six'), submitted(romeo, 'seven')])
    const [first, ...others] = inspectJournal(asked(env)).accounts
    expect(others).toEqual([])
    expect(first).toMatchObject({
      account: romeo,
      sessions: [
        { resource: 'phone', phase: 'Hibernating', smId: 'sm-phone', handled: 3, acked: 4, unacked: 3, since: 1000 },
        { resource: 'desk', phase: 'Unmanaged', unacked: 0, kept: 0 },
      ],
      logEntries: 1,
      logCharacters: (rawLog(env).get(2) ?? '').split('\n')[1]?.length,
      keptStanzas: 2,
      keptCharacters: [...rawKept(env).getRange({})].reduce((sum, { value }) => sum + value.length, 0),
    })
  })

  for (const [where, make] of places)
    it(`tells why an account does not decode: ${where}`, async () => {
      const { accounts, totals } = inspectJournal(asked((await make()).env))
      expect(accounts).toMatchObject([
        { account: juliet },
        {
          account: romeo,
          sessions: [],
          logEntries: 4,
          quarantined: expect.stringMatching(/^journal-log, row 5: .*resource: found 7/),
        },
      ])
      expect(totals.quarantined).toBe(1)
    })

  it('counts lines of which not even the account can be told, wherever they lie', async () => {
    const { env, journal } = await open()
    await journal.commit([bound(romeo)])
    rawLog(env).putSync(1, `${rawLog(env).get(1)}\nx\ny`)
    expect(inspectJournal(asked(env)).totals.strayLines).toBe(2)
    const again = await open()
    void told(again)
    await again.journal.commit([bound(juliet)])
    expect(inspectJournal(asked(again.env)).totals).toMatchObject({ strayLines: 2, quarantined: 0 })
  })

  it('and exporting change nothing', async () => {
    const { env } = await spoiled()
    const all = () => [
      rawLog(env).rows(),
      ...[rawSnapshots(env), rawKept(env), rawQuarantine(env)].map(db => [...db.getRange({})]),
    ]
    const before = all()
    void inspectJournal(asked(env))
    expect(lines(exportJournal(asked(env)))).toEqual([`${juliet} SessionBound 1000`])
    expect(all()).toEqual(before)
  })
})

describe('repairing', () => {
  for (const [where, make] of places) {
    it(`takes back what is readable from the beginning on: ${where}`, async () => {
      const { env } = await make()
      expect(repairAccount(asked(env), romeo, 'keep-readable')).toEqual({
        account: romeo,
        sessions: 3,
        entriesKept: 2,
        entriesLost: 2,
        keptForgotten: 0,
      })
      const again = await open()
      const entries = told(again)
      expect(entries.filter(entry => entry._tag === 'Undecodable')).toEqual([])
      expect(resourcesOf(entries)).toEqual(['phone', 'desk', 'tablet'])
      expect(again.sessions.kept(romeo, 'phone', 5, 2).map(({ stanza }) => stanza)).toEqual(['five', 'six'])
      expect(rawQuarantine(again.env).getKeysCount({})).toBe(0)
      // It is journalled again as any other.
      await again.journal.commit([bound(romeo, 'desk', 99)])
      expect(lines(told(await open()))).toContain(`${romeo} SessionBound 99`)
    })

    it(`forgets all of it: ${where}`, async () => {
      const { env } = await make()
      expect(repairAccount(asked(env), romeo, 'forget')).toMatchObject({ sessions: 0, keptForgotten: 2 })
      const again = await open()
      expect(told(again).filter(({ account }) => account === romeo)).toEqual([])
      expect(told(again).length).toBeGreaterThan(0)
      expect(rawKept(again.env).getKeysCount({})).toBe(0)
      expect(rawQuarantine(again.env).getKeysCount({})).toBe(0)
    })
  }

  it('forgets a session of which a kept stanza is gone, and keeps the others, however long their names', async () => {
    const long = 'r'.repeat(1023)
    const account = `${'a'.repeat(1000)}@example.net`
    const before = await open()
    await before.journal.commit([snapshot(account, accountOf(hibernating('phone', 3), hibernating(long, 2)))])
    await before.journal.commit([keep(account, 'phone', 5, 'five', 'six'), keep(account, long, 5, 'five', 'six')])
    expect(() => before.sessions.kept(account, 'phone', 5, 3)).toThrow('is not there')
    await before.journal.commit([bound(juliet)])
    expect(repairAccount(asked(before.env), account, 'keep-readable')).toMatchObject({ sessions: 1, keptForgotten: 2 })
    const again = await open()
    expect(lines(told(again))).toContain(`${account} knows ${long}`)
    expect(again.sessions.kept(account, long, 5, 2).map(({ stanza }) => stanza)).toEqual(['five', 'six'])
  })

  it('gives an account back of which nothing is left but that it was set aside', async () => {
    const { env, journal, sessions } = await open()
    expect(() => sessions.kept(romeo, 'phone', 1, 1)).toThrow('is not there')
    await journal.commit([bound(juliet)])
    expect(told(await open())).toMatchObject([{ account: romeo, _tag: 'Undecodable' }, { account: juliet }])
    const again = await open()
    expect(again.env).not.toBe(env)
    repairAccount(asked(again.env), romeo, 'forget')
    expect(told(await open())).toMatchObject([{ account: juliet }])
  })

  it('refuses accounts that are not there, and what a newer program wrote', async () => {
    const { env, journal } = await open()
    await journal.commit([bound(romeo), snapshot(romeo, accountOf(unmanaged('phone')))])
    void rawSnapshots(env)
    expect(() => repairAccount(asked(env), juliet, 'forget')).toThrow(`nothing is journalled of ${juliet}`)
    expect(() => repairAccount(asked(env), 'a'.repeat(1901), 'forget')).toThrow('at most 1900 bytes')
    rawLog(env).putSync(2, '{"v":5}')
    for (const how of ['forget', 'keep-readable'] as const)
      expect(() => repairAccount(asked(env), romeo, how)).toThrow('row 2 of journal-log was written by a newer program')
    expect(rawSnapshots(env).get(romeo)).toContain('"resource":"phone"')
  })
})
