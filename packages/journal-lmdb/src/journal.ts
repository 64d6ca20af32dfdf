/**
 * The journal on LMDB. A batch is one transaction: all of it or nothing.
 *
 * With durability `process` a commit is done when it returns: without a sync it takes some 30 µs, less than to wait for a
 * thread. With `disk` it is asynchronous, since a sync takes milliseconds; batches that come meanwhile wait.
 */
import type { PayloadCodec } from '@smacks/codec'
import type { AccountId, Change, Journal, OfflineStore, RecordChange, SessionChange } from '@smacks/runtime'
import { commitFailure } from './commit-failure.js'
import type { Environment, EnvironmentOptions } from './environment.js'
import { type BadRecord, openOldSessions } from './old-sessions.js'
import { openRecords } from './records.js'
import { sessionCodecs } from './session-codecs.js'
import { openSessionStore } from './session-store.js'
import { openStored } from './stored.js'

export interface JournalLmdbOptions<A> {
  /** Stays open when the journal is closed. */
  readonly env: Environment
  /** That of the environment. */
  readonly durability: EnvironmentOptions['durability']
  /** Takes the offline messages of each batch; on the same environment, so that both are durable together. */
  readonly offline: OfflineStore<A>
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
 * environment, the change if one is to blame, and the cause; other batches are not affected. The same array may be
 * committed again then, and counts once.
 */
export const journalLmdb = <A>(options: JournalLmdbOptions<A>): Journal<A> => {
  const { env, durability, offline, onBadRecord } = options
  const oldSessions = openOldSessions(env, onBadRecord)
  const records = openRecords(env)
  const sessions = openSessionStore<A>({
    stored: openStored(env, sessionCodecs(options.payload, options.absent)),
    logBound: options.logBound ?? defaultLogBound,
    onBadLine: (key, reason) => onBadRecord({ database: 'journal-log', account: '', key, reason }),
  })
  /** The number that each batch was stored under, or was to be: a commit that failed may be durable all the same. */
  const numbers = new WeakMap<ReadonlyArray<Change<A>>, number>()
  let closed = false
  let last: Promise<unknown> = Promise.resolve()

  const applyOther = (change: OtherChange<A>): void => {
    switch (change._tag) {
      case 'PutOffline':
      case 'DropOffline':
        return offline.apply(change)
      case 'PutOldSession':
        return oldSessions.put(change.account, change.session)
      case 'DropOldSession':
        return oldSessions.drop(change.account, change.smId)
      case 'PutRecord':
      case 'DropRecord':
        return records.apply(change)
    }
  }

  /** The batch as a transaction, and what is to be done when it is committed. */
  const transactionOf = (batch: ReadonlyArray<Change<A>>): { run: () => void; conclude: () => void } => {
    const others = batch.filter(isOther)
    // A database can't be opened in a transaction.
    for (const change of others) if (isRecord(change)) records.open(change.kind)
    const { store, conclude } = sessions.prepare(batch.filter(isOfSessions))
    const tried = numbers.get(batch)
    let seq = 0
    return {
      run: () => {
        seq = tried ?? 0
        if (tried !== undefined && sessions.isStored(tried)) return
        seq = sessions.nextSeq()
        numbers.set(batch, seq)
        for (const change of others) naming(change, applyOther)
        store(seq)
      },
      conclude: () => conclude(seq),
    }
  }

  const commitNow = (batch: ReadonlyArray<Change<A>>): void => {
    const { run, conclude } = transactionOf(batch)
    env.transactionSync(run)
    conclude()
  }

  /** One at a time: what the one before needs of the log must be known. */
  const commitLater = async (batch: ReadonlyArray<Change<A>>, before: Promise<unknown>): Promise<void> => {
    await before
    try {
      const { run, conclude } = transactionOf(batch)
      await env.childTransaction(run)
      conclude()
    } catch (cause) {
      throw await commitFailure(env, cause)
    }
  }

  const committed = (batch: ReadonlyArray<Change<A>>): Promise<void> | undefined => {
    if (durability === 'disk') return commitLater(batch, last)
    try {
      commitNow(batch)
      return undefined
    } catch (cause) {
      return commitFailure(env, cause).then(error => Promise.reject(error))
    }
  }

  return {
    commit: batch => {
      if (batch.length === 0) return undefined
      if (closed) return Promise.reject(new Error('cannot commit: the journal is closed'))
      const done = committed(batch)
      if (done !== undefined) last = done.catch(() => undefined)
      return done
    },
    oldSessions: (account: AccountId) => oldSessions.read(account),
    records: records.read,
    sessions: { recover: sessions.recover, kept: sessions.kept, wanted: sessions.wanted },
    close: async () => {
      closed = true
      await last
    },
  }
}

type OtherChange<A> = Exclude<Change<A>, SessionChange<A>>

const isOfSessions = <A>(change: Change<A>): change is SessionChange<A> => {
  switch (change._tag) {
    case 'Happened':
    case 'Known':
    case 'PutSnapshot':
    case 'KeepUnacked':
    case 'ForgetKept':
      return true
    default:
      return false
  }
}

const isOther = <A>(change: Change<A>): change is OtherChange<A> => !isOfSessions(change)

const isRecord = (change: { readonly _tag: string }): change is RecordChange =>
  change._tag === 'PutRecord' || change._tag === 'DropRecord'

/** Whoever reads the error must know which account was to blame. */
const naming = <C extends { readonly _tag: string; readonly account: AccountId }>(
  change: C,
  apply: (change: C) => void,
): void => {
  try {
    apply(change)
  } catch (cause) {
    throw new Error(`${change._tag} for ${change.account}: ${String(cause)}`, { cause })
  }
}
