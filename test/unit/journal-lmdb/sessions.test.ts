import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type Account,
  defaultConfig,
  type Event,
  emptyAccount,
  loadFor,
  needsWhole,
  pageFor,
  step,
  toArray,
  unload,
} from '@smacks/core'
import {
  type BadRecord,
  type Environment,
  exportJournal,
  inspectJournal,
  journalLmdb,
  openEnvironment,
  repairAccount,
} from '@smacks/journal-lmdb'
import { offlineLmdb } from '@smacks/offline-lmdb'
import type { Change, Journal } from '@smacks/runtime'
import { configArbitrary, programArbitrary, runProgram } from '@smacks/testkit'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { rawLogIn } from './raw-log.js'
import { textPayload } from './text-payload.js'

const [romeo, juliet] = ['romeo@example.net', 'juliet@example.org']

let path = ''
const opened: Array<Environment> = []
beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), 'smacks-'))
})
const closeAll = async () => {
  for (const env of opened.splice(0)) await env.close()
}
afterEach(async () => {
  await closeAll()
  rmSync(path, { recursive: true })
})

const openJournal = (options: { logBound?: number; at?: string; durability?: 'disk' | 'process' } = {}) => {
  const { durability = 'process' } = options
  const env = openEnvironment({ path: options.at ?? path, durability })
  opened.push(env)
  const bad: Array<BadRecord> = []
  const onBadRecord = (record: BadRecord) => void bad.push(record)
  const offline = offlineLmdb({ env, payload: { encode: String, decode: String }, onBadRecord })
  const shared = { env, durability, offline, payload: textPayload, absent: '', onBadRecord }
  const journal = journalLmdb<string>(
    options.logBound === undefined ? shared : { ...shared, logBound: options.logBound },
  )
  return { env, bad, offline, journal, rows: rawLogIn(env) }
}
const reopened = async (options: Parameters<typeof openJournal>[0] = {}) => {
  await closeAll()
  return openJournal(options)
}

const options = { ...defaultConfig, queueStorage: true }
const story = runProgram(defaultConfig, ['bind', 'enable resume', 'submit m1 m2 m3', 'ack some=1'])
const events = story.map(({ event }) => event)
const happened = (account: string, event: Event<string>): Change<string> => ({ _tag: 'EventLogged', account, event })
const tags = (journal: Journal<string>) =>
  [...(journal.sessions?.recover() ?? [])].map(({ _tag, account }) => `${_tag} ${account}`)
const undecodable = (journal: Journal<string>) =>
  [...(journal.sessions?.recover() ?? [])].flatMap(one => (one._tag === 'Undecodable' ? [one] : []))

/** Romeo's story and Juliet's, an event a row. */
const tellStories = async (journal: Journal<string>) => {
  for (const event of events) await journal.commit([happened(romeo, event), happened(juliet, event)])
}

describe('recovery', () => {
  const plain = (account: Account<string>) => ({
    sessions: account.sessions.map(session =>
      'outbound' in session
        ? { ...session, outbound: { ...session.outbound, unacked: toArray(session.outbound.unacked) } }
        : session,
    ),
  })

  it('gives the state that the loop had, whatever happens, however it is cut into batches and snapshots', async () => {
    await fc.assert(
      fc.asyncProperty(
        configArbitrary(),
        programArbitrary({ maxLength: 30 }),
        fc.array(fc.constantFrom('go on', 'go on', 'commit', 'commit', 'snapshot', 'reopen'), { minLength: 1 }),
        async (config, program, acts) => {
          const at = mkdtempSync(join(path, 'run-'))
          const stored = { ...config, queueStorage: true }
          const makeStep = step(stored)
          let { journal } = openJournal({ at, logBound: 400 })
          let account: Account<string> = emptyAccount
          let batch: Array<Change<string>> = []
          const commit = async () => {
            const wanted = batch.length > 0 ? (journal.sessions?.wanted(9) ?? []) : []
            if (wanted.includes(romeo))
              batch.push({ _tag: 'PutSnapshot', account: romeo, state: account, config: stored })
            await journal.commit(batch)
            batch = []
          }
          const recovered = () => {
            let state: Account<string> = emptyAccount
            for (const entry of journal.sessions?.recover() ?? []) {
              if (entry._tag === 'Baseline') state = entry.state
              else if (entry._tag === 'EventLogged') state = makeStep(state, entry.event)[0]
              else throw new Error(entry.reason)
            }
            return state
          }
          tags(journal)
          for (const [index, { event }] of runProgram(config, program).entries()) {
            const isWhole = needsWhole(stored, account, event)
            if (isWhole || pageFor(stored, account, event) !== undefined) await commit()
            const { sessions } = journal
            const before = loadFor(stored, account, event, (...asked) => sessions?.kept(romeo, ...asked) ?? [])
            const [after, effects] = makeStep(before, event)
            account = unload(after)
            for (const effect of effects)
              if (effect._tag === 'KeepUnacked' || effect._tag === 'ForgetKept')
                batch.push({ ...effect, account: romeo })
            batch.push(
              isWhole
                ? { _tag: 'Baseline', account: romeo, state: account, config: stored }
                : { _tag: 'EventLogged', account: romeo, event },
            )
            const act = acts[index % acts.length]
            if (act === 'snapshot') batch.push({ _tag: 'PutSnapshot', account: romeo, state: account, config: stored })
            if (act === 'commit') await commit()
            if (act === 'reopen') {
              await commit()
              await closeAll()
              journal = openJournal({ at, logBound: 400 }).journal
              expect(plain(recovered()).sessions).toEqual(plain(account).sessions)
            }
          }
          await commit()
          await closeAll()
          journal = openJournal({ at }).journal
          expect(plain(recovered()).sessions).toEqual(plain(account).sessions)
          await closeAll()
        },
      ),
      { numRuns: 60 },
    )
  })
})

describe('compaction', () => {
  it('keeps the log small under endless traffic, though one account is idle, and needs nothing it removed', async () => {
    const { journal, rows } = openJournal({ logBound: 4000 })
    expect(tags(journal)).toEqual([])
    for (const event of events) await journal.commit([happened(juliet, event)])
    expect(journal.sessions?.wanted(10)).toEqual([])
    let most = 0
    const state = story[story.length - 1]?.after ?? emptyAccount
    for (let turn = 0; turn < 1000; turn += 1) {
      const wanted = journal.sessions?.wanted(1) ?? []
      await journal.commit([
        { _tag: 'PutRecord', kind: 'notes', account: romeo, name: 'n', text: `${turn}` },
        ...wanted.map((account): Change<string> => ({ _tag: 'PutSnapshot', account, state, config: defaultConfig })),
      ])
      if (turn % 20 !== 0) continue
      // What nobody needs goes once LMDB is synced.
      await vi.waitFor(() => expect(rows.rows().size).toBeLessThan(4000 / 24), { timeout: 10_000, interval: 1 })
      most = Math.max(most, rows.rows().size)
    }
    expect(most).toBeLessThan(4000 / 24)
    expect(tags((await reopened()).journal)).toEqual([`Baseline ${juliet}`])
  })

  it('removes nothing before the log was read, and nothing that was there before it was read', async () => {
    await tellStories(openJournal().journal)
    const { journal } = await reopened({ logBound: 100 })
    const event = events[events.length - 1]
    if (event !== undefined) await journal.commit([happened(romeo, event)])
    const before = tags(journal)
    await journal.commit([{ _tag: 'DropRecord', kind: 'notes', account: romeo, name: 'n' }])
    expect(tags((await reopened()).journal)).toEqual(before)
    expect(before.length).toBe(2 * events.length + 1)
  })
})

describe('what does not decode', () => {
  const spoilt: ReadonlyArray<readonly [what: string, spoil: (row: string) => string, reason: RegExp]> = [
    [
      'an event',
      row => row.replace(`["${romeo}","event",{`, `["${romeo}","event",{"x":1,`),
      /^journal-log, row 3: .*x/,
    ],
    ['JSON cut off', row => row.replace(/(\["romeo.*).\n/, '$1\n'), /^journal-log, row 3: .*JSON/],
    ['an envelope', row => row.replace(`["${romeo}","event"`, `["${romeo}","deed"`), /^journal-log, row 3: .*deed/],
  ]
  for (const [what, spoil, reason] of spoilt)
    it(`sets its account aside and no other: ${what}`, async () => {
      const first = openJournal()
      await tellStories(first.journal)
      const row = first.rows.get(3) ?? ''
      expect(spoil(row)).not.toBe(row)
      first.rows.putSync(3, spoil(row))
      for (const _ of ['at once', 'and later']) {
        const { journal, bad } = await reopened()
        expect(undecodable(journal)).toEqual([
          { _tag: 'Undecodable', account: romeo, reason: expect.stringMatching(reason) },
        ])
        expect(tags(journal).filter(tag => tag === `EventLogged ${juliet}`)).toHaveLength(events.length)
        expect(bad).toEqual([])
      }
    })

  it('sets aside the accounts of a row whose version cannot be told', async () => {
    const { journal, rows } = openJournal()
    await tellStories(journal)
    await journal.commit(events.slice(0, 1).map(event => happened('nurse@example.net', event)))
    rows.putSync(2, (rows.get(2) ?? '').replace('"v":4', '"v":"one"'))
    expect(undecodable(journal).map(({ account }) => account)).toEqual([romeo, juliet])
    expect(undecodable(journal)[0]?.reason).toMatch(/found the version \{"v":"one".*allowed: \{"v":1\}/)
    expect(tags(journal)).toContain('EventLogged nurse@example.net')
  })

  it('sets an account with a spoilt snapshot aside', async () => {
    const { env, journal } = openJournal()
    await tellStories(journal)
    void journal.records('tests')
    await env.openDB<string, string>({ name: 'journal-snapshots', encoding: 'string' }).put(romeo, '{"v":0}')
    expect(undecodable(journal)).toEqual([
      { _tag: 'Undecodable', account: romeo, reason: expect.stringMatching(/^journal-snapshots, romeo.*"v":0/) },
    ])
  })

  const spoilRow = async (seq: number) => {
    const { rows, journal } = openJournal()
    await tellStories(journal)
    rows.putSync(seq, (rows.get(seq) ?? '').replace(`["${romeo}","event",{`, `["${romeo}","event",{"x":1,`))
    return reopened()
  }

  for (const setAside of [true, false])
    it(`is inspected and repaired, ${setAside ? 'in quarantine' : 'before the next start'}`, async () => {
      const { env, journal } = await spoilRow(4)
      if (setAside) tags(journal)
      const asked = { env, payload: textPayload, absent: '', config: options }
      const { accounts, totals } = inspectJournal(asked)
      expect(accounts.map(({ account, sessions, logEntries }) => [account, sessions.length, logEntries])).toEqual([
        [juliet, 1, events.length],
        [romeo, 0, events.length],
      ])
      expect([accounts[1]?.quarantined?.slice(0, 18), totals.quarantined, totals.sessions]).toEqual([
        'journal-log, row 4',
        1,
        1,
      ])
      expect([...exportJournal(asked)].every(({ account }) => account === juliet)).toBe(true)

      expect(repairAccount(asked, romeo, 'keep-readable')).toMatchObject({
        sessions: 1,
        entriesKept: 3,
        entriesLost: events.length - 3,
      })
      const again = await reopened()
      expect(undecodable(again.journal)).toEqual([])
      expect(tags(again.journal)).toContain(`Baseline ${romeo}`)

      expect(repairAccount({ ...asked, env: again.env }, romeo, 'forget').sessions).toBe(0)
      const last = (await reopened()).journal
      expect(tags(last).filter(tag => tag.endsWith(romeo))).toEqual([])
      expect(() => repairAccount({ ...asked, env: opened[0] ?? env }, 'nobody@x', 'forget')).toThrow('nobody@x')
    })
})
