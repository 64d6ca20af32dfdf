/**
 * A journal that is copied while it is written: the copy has all that was done when the copying began, nothing that was never
 * done, and each thing once, whatever is committed, trimmed and torn between the steps of the copying.
 */
import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { backupJournal, journalLmdb, openEnvironment } from '@smacks/journal-lmdb'
import { offlineLmdb } from '@smacks/offline-lmdb'
import type { AccountId, Change } from '@smacks/runtime'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { accountOf, bound, juliet, romeo, snapshot, unmanaged } from './ground.js'
import { textPayload } from './text-payload.js'

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'smacks-'))
})
afterEach(() => rmSync(root, { recursive: true }))

const folderOf = (name: string): string => mkdtempSync(join(root, `${name}-`))

type Durability = 'disk' | 'process'

const open = (path: string, durability: Durability) => {
  const env = openEnvironment({ path, durability })
  const onBadRecord = (record: object): never => {
    throw new Error(`cannot be read: ${JSON.stringify(record)}`)
  }
  const offline = offlineLmdb<string>({ env, payload: { encode: text => text, decode: text => text }, onBadRecord })
  // Each segment has a few batches, so that files come and go all the time.
  const journal = journalLmdb<string>({
    env,
    durability,
    offline,
    payload: textPayload,
    absent: '',
    onBadRecord,
    logBound: 4_000,
  })
  if (journal.sessions === undefined) throw new Error('this journal keeps sessions')
  const close = async (): Promise<void> => {
    await journal.close()
    await env.close()
  }
  return { env, journal, offline, sessions: journal.sessions, close }
}

type Open = ReturnType<typeof open>

/** Batch number `at`: an event, a message and a record, together; `isCovered` says that nothing before it is needed. */
const batchOf = (account: AccountId, at: number, isCovered: boolean): ReadonlyArray<Change<string>> => [
  bound(account, 'phone', at),
  { _tag: 'PutOffline', account, stanza: String(at), facts: { name: 'message', type: 'chat' }, at },
  { _tag: 'PutRecord', kind: 'counted', account, name: 'last', text: String(at) },
  ...(isCovered
    ? [snapshot(romeo, accountOf(unmanaged('phone'))), snapshot(juliet, accountOf(unmanaged('phone')))]
    : []),
]

/** All that a journal has of an account: the last event, the messages, the record. */
const contentOf = ({ journal, offline, sessions }: Open) => {
  const events = [...sessions.recover()].flatMap(entry => (entry._tag === 'EventLogged' ? [entry.event.at] : []))
  const ofAccount = (account: AccountId) => ({
    messages: offline.read(account).map(({ stanza }) => Number(stanza)),
    record: [...journal.records('counted', account)].map(({ text }) => Number(text)),
  })
  return { events, romeo: ofAccount(romeo), juliet: ofAccount(juliet) }
}

interface Batch {
  readonly account: AccountId
  readonly isCovered: boolean
}

/** What a journal has after these batches; events since the last snapshot of all. */
const expectedAfter = (batches: ReadonlyArray<Batch>): ReturnType<typeof contentOf> => {
  const numbered = batches.map((batch, index) => ({ ...batch, at: index + 1 }))
  const covered = numbered.filter(({ isCovered }) => isCovered).at(-1)?.at ?? 0
  const ofAccount = (account: AccountId) => {
    const messages = numbered.filter(batch => batch.account === account).map(({ at }) => at)
    return { messages, record: messages.slice(-1) }
  }
  return {
    events: numbered.filter(({ at }) => at > covered).map(({ at }) => at),
    romeo: ofAccount(romeo),
    juliet: ofAccount(juliet),
  }
}

const batches = (maxLength: number) =>
  fc.array(fc.record({ account: fc.constantFrom(romeo, juliet), isCovered: fc.boolean() }), { maxLength })

describe('a copy of a journal that is written meanwhile', () => {
  for (const durability of ['process', 'disk'] as const)
    it(`has what was done before it, each thing once, and nothing that was not: ${durability}`, () =>
      fc.assert(
        fc.asyncProperty(
          batches(60),
          fc.oneof(fc.constant([]), batches(40)),
          batches(40),
          batches(10),
          async (before, first, second, rest) => {
            const [from, to] = [folderOf('from'), folderOf('to')]
            const running = open(from, durability)
            // Nothing is trimmed before.
            expect([...running.sessions.recover()]).toEqual([])
            const done: Array<Batch> = []
            const commit = async (more: ReadonlyArray<Batch>): Promise<void> => {
              for (const batch of more) {
                await running.journal.commit(batchOf(batch.account, done.length + 1, batch.isCovered))
                done.push(batch)
              }
              // Files that nobody needs go when their content is synced elsewhere.
              await new Promise(resolve => setTimeout(resolve, 1))
            }
            await commit(before)
            const meanwhile = [first, second]
            let steps = 0
            const between = async (): Promise<void> => {
              steps += 1
              await commit(meanwhile.shift() ?? [])
            }
            await backupJournal({ from, to, between })
            // Once more only where files came and went before LMDB was copied.
            if (first.length === 0) expect(steps).toBe(2)
            const last = done.length
            await commit(rest)
            await running.close()
            const copy = open(to, durability)
            const content = contentOf(copy)
            const count = content.romeo.messages.length + content.juliet.messages.length
            expect(count).toBeGreaterThanOrEqual(before.length)
            expect(count).toBeLessThanOrEqual(last)
            expect(content).toEqual(expectedAfter(done.slice(0, count)))
            // It goes on.
            await copy.journal.commit(batchOf(romeo, count + 1, false))
            await copy.close()
            const again = open(to, durability)
            expect(contentOf(again)).toEqual(
              expectedAfter([...done.slice(0, count), { account: romeo, isCovered: false }]),
            )
            await again.close()
          },
        ),
        { numRuns: 12 },
      ))

  /** Three batches of Romeo, and a way to spoil the first of them in the log, and to mend it. */
  const spoiling = async (from: string) => {
    const running = open(from, 'process')
    for (const at of [1, 2, 3]) await running.journal.commit(batchOf(romeo, at, false))
    await running.close()
    const [name = ''] = readdirSync(join(from, 'journal'))
    const path = join(from, 'journal', name)
    const whole = readFileSync(path)
    const write = (text: string): void => {
      const file = openSync(path, 'r+')
      writeSync(file, Buffer.from(text), 0, 4, 600)
      closeSync(file)
    }
    return { spoil: () => write('XXXX'), mend: () => write(whole.toString('latin1', 600, 604)) }
  }

  it('is done once more where its writer took something back meanwhile', async () => {
    const [from, to] = [folderOf('from'), folderOf('to')]
    const { mend, spoil } = await spoiling(from)
    let calls = 0
    const between = async (): Promise<void> => {
      calls += 1
      if (calls === 2) spoil()
      if (calls === 3) mend()
    }
    expect(await backupJournal({ from, to, between })).toEqual({ damage: [] })
    expect(calls).toBe(4)
    const copy = open(to, 'process')
    expect(contentOf(copy).romeo.messages).toEqual([1, 2, 3])
    await copy.close()
  })

  it('is none where the log does not go with it', async () => {
    const [from, to] = [folderOf('from'), folderOf('to')]
    const running = open(from, 'process')
    await running.journal.commit(batchOf(romeo, 1, false))
    await running.close()
    rmSync(join(from, 'journal'), { recursive: true })
    await expect(backupJournal({ from, to })).rejects.toThrow('journal is missing')
  })

  it('tells what was damaged before', async () => {
    const [from, to] = [folderOf('from'), folderOf('to')]
    const { spoil } = await spoiling(from)
    spoil()
    const { damage } = await backupJournal({ from, to })
    expect(damage).toEqual([expect.stringMatching(/are damaged, where record 1 should be/)])
  })
})
