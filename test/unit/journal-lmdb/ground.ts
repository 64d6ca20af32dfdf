/** What these tests stand on: a directory, stores in it, and words for changes. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Account, defaultConfig, type Event, freshOutbound, type Session } from '@smacks/core'
import { type BadRecord, type Environment, journalLmdb, openEnvironment } from '@smacks/journal-lmdb'
import { offlineLmdb } from '@smacks/offline-lmdb'
import type { AccountId, Change, Journal, Journalled, SessionJournal } from '@smacks/runtime'
import { afterEach, beforeEach, expect, vi } from 'vitest'
import { failingFolder } from './failing-folder.js'
import { type RawLog, rawLogIn } from './raw-log.js'
import { textPayload } from './text-payload.js'

export const romeo = 'romeo@example.net'
export const juliet = 'juliet@example.org'

export interface OpenStores {
  readonly env: Environment
  readonly journal: Journal<string>
  readonly sessions: SessionJournal<string>
  readonly bad: ReadonlyArray<BadRecord>
  /** The next batch cannot be written. */
  readonly failNext: () => void
}

/** What is read of an environment past its journal must be there. */
const journals = new WeakMap<Environment, Journal<string>>()

const upToDate = (env: Environment): Environment => {
  void journals.get(env)?.records('tests')
  return env
}

/** A directory for each test, and what is opened in it. */
export const ground = () => {
  let path = ''
  let opened: Array<Environment> = []
  beforeEach(() => {
    path = mkdtempSync(join(tmpdir(), 'smacks-'))
  })
  const closeAll = async () => {
    for (const env of opened) await env.close()
    opened = []
  }
  afterEach(async () => {
    await closeAll()
    rmSync(path, { recursive: true })
  })
  /** Opens them; what was open is closed before. */
  const open = async (options: { durability?: 'disk' | 'process'; logBound?: number } = {}): Promise<OpenStores> => {
    await closeAll()
    const { durability = 'process', ...others } = options
    const env = openEnvironment({ path, durability })
    opened.push(env)
    const bad: Array<BadRecord> = []
    const onBadRecord = (record: BadRecord) => void bad.push(record)
    const offline = offlineLmdb<string>({ env, payload: { encode: text => text, decode: text => text }, onBadRecord })
    const { failNext, folder } = failingFolder(path, durability)
    const journal = journalLmdb<string>({
      env,
      folder,
      durability,
      offline,
      payload: textPayload,
      absent: '',
      onBadRecord,
      ...others,
    })
    if (journal.sessions === undefined) throw new Error('this journal keeps sessions')
    journals.set(env, journal)
    return { env, journal, sessions: journal.sessions, bad, failNext }
  }
  return { open, path: () => path }
}

// Words

export const happened = (account: AccountId, event: Event<string>): Change<string> => ({
  _tag: 'EventLogged',
  account,
  event,
})

export const bound = (account: AccountId, resource = 'phone', at = 1000): Change<string> =>
  happened(account, { _tag: 'SessionBound', at, resource, connection: `${account}-${resource}` })

export const submitted = (account: AccountId, stanza: string, at = 1000): Change<string> =>
  happened(account, {
    _tag: 'StanzaSubmitted',
    at,
    resource: 'phone',
    stanza,
    facts: { name: 'message', type: 'chat' },
  })

export const snapshot = (account: AccountId, state: Account<string>): Change<string> => ({
  _tag: 'PutSnapshot',
  account,
  state,
  config: defaultConfig,
})

export const keep = (
  account: AccountId,
  resource: string,
  from: number,
  ...stanzas: ReadonlyArray<string>
): Change<string> => ({
  _tag: 'KeepUnacked',
  account,
  resource,
  from,
  unacked: stanzas.map(stanza => ({ stanza, facts: { name: 'message', type: 'chat' }, at: 1000 })),
})

export const accountOf = (...sessions: ReadonlyArray<Session<string>>): Account<string> => ({
  sessions,
  oldSessions: [],
})

export const unmanaged = (resource: string): Session<string> => ({ _tag: 'Unmanaged', resource, connection: 'c1' })

/** A session that hibernates, with so many stanzas kept behind number 4. */
export const hibernating = (resource: string, kept: number): Session<string> => ({
  _tag: 'Hibernating',
  resource,
  role: 'receiving',
  version: 'urn:xmpp:sm:3',
  resumption: { smId: `sm-${resource}`, seconds: 600 },
  inbound: { handled: 3 },
  outbound: {
    ...freshOutbound,
    acked: 4,
    spilled: kept,
    unacked: { front: [], offset: 0, back: undefined, length: kept, unloaded: kept },
  },
  deadlines: { ackDelay: undefined, ackHold: undefined, hibernation: 5000, readProbe: undefined },
  since: 1000,
  usesArchive: false,
})

// What is told

export const told = ({ sessions }: Pick<OpenStores, 'sessions'>): ReadonlyArray<Journalled<string>> => [
  ...sessions.recover(),
]

/** One line an entry. */
export const lines = (entries: Iterable<Journalled<unknown>>): ReadonlyArray<string> => [...entries].map(lineOf)

const lineOf = (entry: Journalled<unknown>): string => {
  switch (entry._tag) {
    case 'EventLogged':
      return `${entry.account} ${entry.event._tag} ${entry.event.at}`
    case 'Baseline':
      return `${entry.account} knows ${entry.state.sessions.map(({ resource }) => resource).join(' ')}`
    case 'Undecodable':
      return `${entry.account} does not decode: ${entry.reason}`
  }
}

export const rawLog = (env: Environment): RawLog => rawLogIn(upToDate(env))

export const rawSnapshots = (env: Environment) =>
  upToDate(env).openDB<string, string>({ name: 'journal-snapshots', encoding: 'string' })

export const rawKept = (env: Environment) =>
  upToDate(env).openDB<string, [string, string, number]>({ name: 'journal-kept', encoding: 'string' })

export const rawQuarantine = (env: Environment) =>
  upToDate(env).openDB<string, [string, number]>({ name: 'journal-quarantine', encoding: 'string' })

/** Resolves when the log has no more rows than this: what nobody needs goes once LMDB is synced. */
export const trimmed = async (env: Environment, rows: number): Promise<void> => {
  await vi.waitFor(() => expect(rawLogIn(env).rows().size).toBeLessThanOrEqual(rows), { timeout: 10_000, interval: 1 })
}
