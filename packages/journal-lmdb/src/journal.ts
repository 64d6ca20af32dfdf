/**
 * The journal on LMDB. A batch is one nested transaction: all of it or nothing. While a transaction is under
 * way, further batches queue up and go into the next one together, so that they share its cost (group commit).
 */
import type { AccountId, Change, Journal, OfflineStore } from '@smacks/runtime'
import { commitFailure } from './commit-failure.js'
import type { Environment } from './environment.js'
import { type BadRecord, openOldSessions } from './old-sessions.js'

export interface JournalLmdbOptions<A> {
  /** Stays open when the journal is closed. Its durability is the journal's. */
  readonly env: Environment
  /** Takes the offline messages of each batch; on the same environment, so that both are durable together. */
  readonly offline: OfflineStore<A>
  /** Told of each record that a read finds undecodable. Such a record stays on disk. */
  readonly onBadRecord: (record: BadRecord) => void
}

/**
 * A journal in an open environment. A batch that cannot be committed rejects with an `Error` that names the
 * environment, the change if one is to blame, and the cause; other batches are not affected.
 */
export const journalLmdb = <A>({ env, offline, onBadRecord }: JournalLmdbOptions<A>): Journal<A> => {
  const oldSessions = openOldSessions(env, onBadRecord)
  let closed = false
  let last: Promise<unknown> = Promise.resolve()

  const apply = (change: Change<A>): void => {
    switch (change._tag) {
      case 'PutOffline':
      case 'DropOffline':
        return offline.apply(change)
      case 'PutOldSession':
        return oldSessions.put(change.account, change.session)
      case 'DropOldSession':
        return oldSessions.drop(change.account, change.smId)
    }
  }
  const commitAll = async (batch: ReadonlyArray<Change<A>>): Promise<void> => {
    try {
      if (closed) throw new Error('the journal is closed')
      await env.childTransaction(() => {
        for (const change of batch) naming(change, apply)
      })
    } catch (cause) {
      throw await commitFailure(env, cause)
    }
  }

  return {
    commit: batch => {
      if (batch.length === 0) return undefined
      const done = commitAll(batch)
      last = done.catch(() => undefined)
      return done
    },
    oldSessions: (account: AccountId) => oldSessions.read(account),
    close: async () => {
      closed = true
      await last
    },
  }
}

/** Whoever reads the error must know which account was to blame. */
const naming = <A>(change: Change<A>, apply: (change: Change<A>) => void): void => {
  try {
    apply(change)
  } catch (cause) {
    throw new Error(`${change._tag} for ${change.account}: ${String(cause)}`, { cause })
  }
}
