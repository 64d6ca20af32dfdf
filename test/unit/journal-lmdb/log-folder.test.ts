/** The log and LMDB beside each other: what one has and the other lacks, and what does not belong together. */
import { cpSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { reducerVersion } from '@smacks/core'
import { exportJournal, inspectJournal, repairAccount } from '@smacks/journal-lmdb'
import type { Change } from '@smacks/runtime'
import { describe, expect, it } from 'vitest'
import { accountOf, bound, ground, hibernating, juliet, keep, lines, rawKept, romeo, snapshot, told } from './ground.js'
import { rawLogIn } from './raw-log.js'
import { textPayload } from './text-payload.js'

const { open, path } = ground()
const folder = () => join(path(), 'journal')
const newest = () => join(folder(), readdirSync(folder()).sort().at(-1) ?? '')

const record = (text: string, account = romeo): Change<string> => ({
  _tag: 'PutRecord',
  kind: 'notes',
  account,
  name: 'n',
  text,
})

const offline = (stanza: string): Change<string> => ({
  _tag: 'PutOffline',
  account: romeo,
  stanza,
  facts: { name: 'message', type: 'chat' },
  at: 1,
})

describe('what a killed process left to be done in LMDB', () => {
  const everything: ReadonlyArray<Change<string>> = [
    bound(romeo, 'desk', 1),
    snapshot(juliet, accountOf(hibernating('phone', 2))),
    keep(juliet, 'phone', 5, 'five', 'six', 'seven'),
    { _tag: 'ForgetKept', account: juliet, resource: 'phone', from: 7, count: 1 },
    offline('one'),
    offline('two'),
    { _tag: 'PutOldSession', account: romeo, session: { smId: 'sm-1', h: 7, at: 1 } },
    { _tag: 'PutOldSession', account: romeo, session: { smId: 'sm-2', h: 7, at: 1 } },
    { _tag: 'DropOldSession', account: romeo, smId: 'sm-1' },
    record('first'),
    record('gone', juliet),
    { _tag: 'DropRecord', kind: 'notes', account: juliet, name: 'n' },
    record('last'),
  ]

  it('is done once, however often it is opened', async () => {
    const before = await open()
    before.journal.commit(everything)
    for (let start = 0; start < 3; start += 1) {
      const { bad, env, journal, sessions } = await open()
      expect(lines(sessions.recover())).toEqual([`${juliet} knows phone`, `${romeo} SessionBound 1`])
      expect(sessions.kept(juliet, 'phone', 5, 2).map(({ stanza }) => stanza)).toEqual(['five', 'six'])
      expect(rawKept(env).getKeysCount({})).toBe(2)
      expect(env.openDB({ name: 'offline', encoding: 'string' }).getKeysCount({})).toBe(2)
      expect(journal.oldSessions(romeo).map(({ smId }) => smId)).toEqual(['sm-2'])
      expect([...journal.records('notes')].map(({ text }) => text)).toEqual(['last'])
      expect(bad).toEqual([])
    }
  })

  it('is inspected and exported as it will be, and nothing is changed', async () => {
    const { env, journal } = await open()
    journal.commit([bound(juliet, 'desk', 1)])
    journal.commit(everything)
    const asked = { env, payload: textPayload, absent: '' }
    const before = readFileSync(newest())
    expect(inspectJournal(asked).accounts).toMatchObject([
      { account: juliet, keptStanzas: 2, logEntries: 0, sessions: [{ resource: 'phone', unacked: 2, kept: 2 }] },
      { account: romeo, keptStanzas: 0, logEntries: 1 },
    ])
    expect(lines(exportJournal(asked))).toContain(`${juliet} knows phone`)
    expect(() => repairAccount(asked, romeo, 'forget')).toThrow('open the journal and close it')
    expect(readFileSync(newest()).equals(before)).toBe(true)
    expect(env.openDB({ name: 'journal-kept', encoding: 'string' }).getKeysCount({})).toBe(0)
  })
})

describe('what does not belong together is refused, and nothing begins anew', () => {
  it('where the log is missing, empty, or of another data.mdb', async () => {
    const { journal } = await open()
    await journal.commit([bound(romeo)])
    await journal.close()
    const aside = join(path(), 'aside')
    renameSync(folder(), aside)
    await expect(open()).rejects.toThrow(`${folder()} is empty, and data.mdb goes on there: restore both`)
    mkdirSync(join(path(), 'other'))
    rmSync(folder(), { recursive: true, force: true })
    renameSync(join(path(), 'data.mdb'), join(path(), 'other', 'data.mdb'))
    rmSync(join(path(), 'lock.mdb'), { force: true })
    const other = await open()
    await other.journal.commit([bound(juliet)])
    await other.journal.close()
    rmSync(folder(), { recursive: true })
    cpSync(aside, folder(), { recursive: true })
    await expect(open()).rejects.toThrow(`${folder()} is the log of another data.mdb`)
  })

  it('where a program before this one would open it', async () => {
    const { env } = await open()
    const [note] = [...env.openDB<string, number>({ name: 'journal-log', encoding: 'string' }).getRange({})]
    // It reads all rows of this database first, and refuses a version that it does not know.
    expect(note?.value).toMatch(new RegExp(`^\\{"v":4,"reducer":${reducerVersion},`))
  })
})

describe('what a program before this one left', () => {
  it('is read before the log, and goes when nobody needs it', async () => {
    const first = await open()
    await first.journal.close()
    rmSync(folder(), { recursive: true })
    const rows = first.env.openDB<string, number>({ name: 'journal-log', encoding: 'string' })
    const head = `{"v":2,"reducer":${reducerVersion},"by":"somebody"}`
    await rows.remove(0)
    await rows.put(
      6,
      `${head}\n["${romeo}","event",{"_tag":"SessionBound","at":1,"resource":"desk","connection":"c1"}]`,
    )
    await rows.put(
      7,
      `${head}\n["${juliet}","event",{"_tag":"SessionBound","at":2,"resource":"phone","connection":"c2"}]`,
    )
    const { journal } = await open()
    await journal.commit([bound(romeo, 'tablet', 3)])
    const all = [`${romeo} SessionBound 1`, `${juliet} SessionBound 2`, `${romeo} SessionBound 3`]
    const again = await open()
    expect(lines(told(again))).toEqual(all)
    await again.journal.commit([snapshot(romeo, accountOf()), snapshot(juliet, accountOf())])
    await again.journal.commit([bound(juliet, 'hall', 4)])
    await again.journal.close()
    const last = await open()
    expect([...last.env.openDB<string, number>({ name: 'journal-log', encoding: 'string' }).getKeys({})]).toEqual([0])
    expect(lines(told(last))).toEqual([`${juliet} SessionBound 4`])
  })
})

it('reads records of the version before, which have each line at length', async () => {
  const { env, journal } = await open()
  await journal.commit([bound(romeo, 'desk', 1)])
  const line = (resource: string, at: number): string =>
    `["${romeo}","event",{"_tag":"SessionBound","at":${at},"resource":"${resource}","connection":"${resource}"}]`
  rawLogIn(env).putSync(2, `{"v":3,"reducer":${reducerVersion}}\n${line('phone', 2)}\n${line('tablet', 3)}`)
  expect(lines(told(await open()))).toEqual([1, 2, 3].map(at => `${romeo} SessionBound ${at}`))
})

describe('a record that is damaged before others', () => {
  it('sets the accounts aside that it names, keeps what it was, and tells all others', async () => {
    const before = await open()
    await before.journal.commit([bound(romeo, 'desk', 1)])
    await before.journal.commit([bound(romeo, 'phone', 2)])
    await before.journal.commit([bound(romeo, 'tablet', 3), bound(juliet, 'hall', 3)])
    const bytes = readFileSync(newest())
    bytes.write('"at":9', bytes.indexOf('"at":2'))
    writeFileSync(newest(), bytes)
    const { bad, env, journal, ...stores } = await open()
    const entries = told({ ...stores })
    expect(entries.filter(({ _tag }) => _tag === 'Undecodable')).toMatchObject([
      {
        account: romeo,
        reason: expect.stringMatching(/the bytes from \d+ to \d+ are damaged, where record 2 should be/),
      },
    ])
    expect(lines(entries)).toContain(`${juliet} SessionBound 3`)
    expect(bad).toMatchObject([{ key: 2, reason: expect.stringContaining('are damaged') }])
    await journal.commit([bound(juliet, 'garden', 4)])
    await journal.close()
    // What was before it can be had back, and nothing that came after it.
    const report = repairAccount({ env, payload: textPayload, absent: '' }, romeo, 'keep-readable')
    expect(report).toMatchObject({ sessions: 1, entriesKept: 1, entriesLost: 2 })
    expect(lines(told(await open()))).toContain(`${romeo} knows desk`)
  })
})
