/**
 * The journal: a log in files, and LMDB for what is read again. A batch is one record of the log, all of it or nothing; what it
 * says of LMDB is done there later, and before anybody reads it.
 *
 * With durability `process` a commit is done when it returns: it is one `write`. With `disk` it is asynchronous, since a sync
 * takes milliseconds; batches that come meanwhile wait.
 */
import type { PayloadCodec } from '@smacks/codec'
import type { LogFolder } from '@smacks/log-file'
import { type AccountId, BatchStores, type Journal, type OfflineStore, type RegisteredStore } from '@smacks/runtime'
import { Applying } from './applying.js'
import type { Commits } from './commits.js'
import { Compaction } from './compaction.js'
import { DiskCommits } from './disk-commits.js'
import { EmptiedAccounts } from './emptied-accounts.js'
import type { Environment, EnvironmentOptions } from './environment.js'
import { existingLogFolder } from './log-rows.js'
import { NeededRows } from './needed-rows.js'
import { type BadRecord, openOldSessions } from './old-sessions.js'
import { openLog } from './open-log.js'
import { offlineStore, oldSessionsStore, recordsStore } from './own-stores.js'
import { ProcessCommits } from './process-commits.js'
import { unknownAccount } from './quarantine.js'
import { openRecords } from './records.js'
import { sessionCodecs } from './session-codecs.js'
import type { SessionParts } from './session-parts.js'
import { sessionJournal } from './session-store.js'
import { SetAside } from './set-aside.js'
import { openStored } from './stored.js'

export interface JournalLmdbOptions<A> {
  /** Stays open when the journal is closed. */
  readonly env: Environment
  /** That of the environment. */
  readonly durability: EnvironmentOptions['durability']
  /** Takes the offline messages of each batch; on the same environment, so that both are durable together. */
  readonly offline: OfflineStore<A>
  /** Stores of packages that take part in its batches, in the same environment. */
  readonly stores?: ReadonlyArray<RegisteredStore<never>>
  /** How stanzas are written; what it reads is what it wrote. */
  readonly payload: PayloadCodec<A>
  /** Stands for stanzas that came and were counted: they are journalled without what is in them. */
  readonly absent: A
  /** Told of each record that a read finds undecodable. Such a record stays on disk. */
  readonly onBadRecord: (record: BadRecord) => void
  /** Bytes of the log above which snapshots take its place; 32 Mi unless told. */
  readonly logBound?: number
  /** Where the log's files are; in the folder `journal` of the environment's directory unless told. */
  readonly folder?: LogFolder
}

const defaultLogBound = 32 * 1024 * 1024

/** The log has so many segments when it has as much as it may. */
const segmentsInBound = 8

const largestSegment = 8 * 1024 * 1024

/**
 * A journal in an open environment, which nobody else may journal to meanwhile. A batch that cannot be committed rejects
 * with an `Error` that names the environment and the cause; with a `ChangeRefused` if a change is to blame. Other batches are not
 * affected. The same array may be committed again then, and counts once. Throws an `Error` that says what to do if the log
 * cannot be used as it lies there.
 */
export const journalLmdb = <A>(options: JournalLmdbOptions<A>): Journal<A> => {
  const { env, offline, payload, onBadRecord, stores = [], logBound = defaultLogBound } = options
  const codecs = sessionCodecs(payload, options.absent)
  const oldSessions = openOldSessions(env, onBadRecord)
  const records = openRecords(env)
  const own = [offlineStore(offline, payload), oldSessionsStore(oldSessions), recordsStore(records)] as const
  const others = new BatchStores<A>(own, stores)
  const segmentSize = Math.min(Math.max(Math.floor(logBound / segmentsInBound), 1), largestSegment)
  const { folder, log, name, pending } = openLog({ ...options, folder: options.folder, segmentSize, codecs })
  const stored = openStored(env, codecs, folder)
  const setAside = new SetAside(stored)
  const needed = new NeededRows()
  const emptied = new EmptiedAccounts()
  const compaction = new Compaction(needed, logBound)
  const parts: SessionParts<A> = { stored, needed, compaction, setAside, emptied, beyond: seq => log.beyond(seq) }
  const tellFault = (account: AccountId, key: number, reason: string): void =>
    onBadRecord({ database: 'journal', account, key, reason })
  const applying = new Applying<A>({
    ...parts,
    log,
    name,
    others,
    onFault: ({ account, seq, error }) => tellFault(account, seq, `it cannot be applied: ${String(error)}`),
  })
  for (const row of pending.rows) applying.add(row)
  for (const { account = unknownAccount, seq, reason } of pending.faults) {
    tellFault(account, seq, reason)
    if (account !== unknownAccount) setAside.add(account, `journal, row ${seq}: ${reason}`)
  }
  // Offline messages and what packages store are read past the journal.
  const deferring = [offline, ...stores].map(store => store.aroundReads !== undefined)
  const made = { env, parts, log, applying, others, defersAll: deferring.every(Boolean) }
  const commits: Commits<A> = options.durability === 'disk' ? new DiskCommits(made) : new ProcessCommits(made)
  const { reading } = commits
  for (const store of [offline, ...stores]) store.aroundReads?.(reading)
  let isClosed = false

  return {
    commit: batch => {
      if (batch.length === 0) return undefined
      if (isClosed) return Promise.reject(new Error('cannot commit: the journal is closed'))
      return commits.commit(batch)
    },
    oldSessions: account => reading(account, () => oldSessions.read(account)),
    records: (kind, account) => {
      // Of all accounts there may be more than fits into memory, so these are read one by one.
      if (account === undefined) commits.bringUpToDate()
      // This opens the database, which a transaction that is given up would take along.
      const found = records.read(kind, account)
      return account === undefined ? found : reading(account, () => [...found])
    },
    sessions: sessionJournal({
      parts,
      bringUpToDate: () => commits.bringUpToDate(),
      reading,
      onOrphan: ({ seq, line, reason }) =>
        onBadRecord({ database: 'journal-log', account: unknownAccount, key: seq, reason: `line ${line}: ${reason}` }),
    }),
    close: async () => {
      isClosed = true
      await commits.close()
      log.close()
    },
  }
}

/**
 * Has all in LMDB that the log says of it, as whoever reads or changes LMDB without a journal needs it. Only for the owner of the
 * directory, while no journal is open there. Does nothing where no log is.
 */
export const settleLog = async <A>(options: JournalLmdbOptions<A>): Promise<void> => {
  if (existingLogFolder(options.env) !== undefined) await journalLmdb(options).close()
}
