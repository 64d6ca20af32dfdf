/**
 * The journal on LMDB. A batch is one transaction: all of it or nothing.
 *
 * With durability `process` a commit is done when it returns: without a sync it takes some 30 µs, less than to wait for a
 * thread. With `disk` it is asynchronous, since a sync takes milliseconds; batches that come meanwhile wait.
 */
import type { PayloadCodec } from '@smacks/codec'
import { BatchStores, type Change, type Journal, type OfflineStore, type RegisteredStore } from '@smacks/runtime'
import { commitFailure } from './commit-failure.js'
import { DiskReservation } from './disk-reservation.js'
import type { Environment, EnvironmentOptions } from './environment.js'
import { type BadRecord, openOldSessions } from './old-sessions.js'
import { offlineStore, oldSessionsStore, recordsStore } from './own-stores.js'
import { unknownAccount } from './quarantine.js'
import { openRecords } from './records.js'
import { sessionCodecs } from './session-codecs.js'
import { openSessionStore } from './session-store.js'
import { openStored } from './stored.js'
import { type RowNumbers, type Stores, transactionOf } from './transaction.js'

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
  /** Characters of the log above which snapshots take its place; 32 Mi unless told. */
  readonly logBound?: number
}

const defaultLogBound = 32 * 1024 * 1024

/**
 * A journal in an open environment. A batch that cannot be committed rejects with an `Error` that names the
 * environment and the cause; with a `ChangeRefused` if a change is to blame. Other batches are not affected. The same array may be
 * committed again then, and counts once.
 */
export const journalLmdb = <A>(options: JournalLmdbOptions<A>): Journal<A> => {
  const { env, durability, offline, payload, onBadRecord, stores = [] } = options
  const oldSessions = openOldSessions(env, onBadRecord)
  const records = openRecords(env)
  const sessions = openSessionStore<A>({
    stored: openStored(env, sessionCodecs(payload, options.absent)),
    logBound: options.logBound ?? defaultLogBound,
    onOrphan: ({ seq, line, reason }) =>
      onBadRecord({ database: 'journal-log', account: unknownAccount, key: seq, reason: `line ${line}: ${reason}` }),
  })
  const own = [offlineStore(offline, payload), oldSessionsStore(oldSessions), recordsStore(records)] as const
  const others = new BatchStores<A>(own, stores)
  const commits = new Commits(env, { sessions, others })
  let closed = false

  return {
    commit: batch => {
      if (batch.length === 0) return undefined
      if (closed) return Promise.reject(new Error('cannot commit: the journal is closed'))
      return durability === 'disk' ? commits.later(batch) : commits.now(batch)
    },
    oldSessions: oldSessions.read,
    records: records.read,
    sessions: {
      recover: sessions.recover,
      kept: sessions.kept,
      countKept: sessions.countKept,
      wanted: sessions.wanted,
    },
    close: async () => {
      closed = true
      await commits.ended()
    },
  }
}

/** Batches on their way to the disk, in order, one at a time: what the one before needs of the log must be known. */
class Commits<A> {
  private readonly numbers: RowNumbers = new WeakMap()
  private readonly reservation: DiskReservation
  /** How many wait for others or for the disk. */
  private underWay = 0
  private last: Promise<unknown> = Promise.resolve()

  constructor(
    private readonly env: Environment,
    private readonly stores: Stores<A>,
  ) {
    this.reservation = new DiskReservation(env)
  }

  /** Done on return, unless it has to wait. */
  now(batch: ReadonlyArray<Change<A>>): Promise<void> | undefined {
    if (this.underWay > 0) return this.later(batch)
    try {
      const transaction = transactionOf(batch, this.stores, this.numbers)
      this.reservation.reserve(transaction.size)
      this.env.transactionSync(transaction.run)
      // An asynchronous transaction of this process may have taken it in, and is then under way itself.
      if (!transaction.isCommitted()) return this.later(batch)
      transaction.conclude()
      return undefined
    } catch (cause) {
      return this.follow(this.refuse(cause))
    }
  }

  later(batch: ReadonlyArray<Change<A>>): Promise<void> {
    return this.follow(this.inTurn(batch, this.last))
  }

  /** Resolves when nothing is under way. */
  async ended(): Promise<void> {
    await this.last
  }

  private follow(done: Promise<void>): Promise<void> {
    this.last = done.catch(() => undefined)
    return done
  }

  private async inTurn(batch: ReadonlyArray<Change<A>>, before: Promise<unknown>): Promise<void> {
    this.underWay += 1
    try {
      await before
      const transaction = transactionOf(batch, this.stores, this.numbers)
      this.reservation.reserve(transaction.size)
      await this.env.childTransaction(transaction.run)
      transaction.conclude()
    } catch (cause) {
      return await this.refuse(cause)
    } finally {
      this.underWay -= 1
    }
  }

  private async refuse(cause: unknown): Promise<never> {
    this.reservation.forget()
    throw await commitFailure(this.env, cause)
  }
}
