/**
 * A journal in memory: a commit is done when it returns, so what can be seen is performed in the same turn.
 */
import type { OldSession } from '@smacks/core'
import type { AccountId, Change, Journal, OfflineStore } from '@smacks/runtime'
import { memoryRecords } from './records.js'

export interface JournalMemoryOptions<A> {
  /** Takes the offline messages of each batch. */
  readonly offline: OfflineStore<A>
}

/**
 * A journal without a medium. Its batches cannot fail by themselves; if the offline store throws, the commit
 * rejects with an error that names the change.
 */
export const journalMemory = <A>({ offline }: JournalMemoryOptions<A>): Journal<A> => {
  const oldSessions = new Map<AccountId, ReadonlyArray<OldSession>>()
  const records = memoryRecords()
  let closed = false

  const remember = (account: AccountId, session: OldSession): void => {
    oldSessions.set(account, [session, ...without(oldSessions.get(account), session.smId)])
  }
  const forget = (account: AccountId, smId: string): void => {
    const rest = without(oldSessions.get(account), smId)
    if (rest.length === 0) oldSessions.delete(account)
    else oldSessions.set(account, rest)
  }
  const apply = (change: Change<A>): void => {
    switch (change._tag) {
      case 'PutOffline':
      case 'DropOffline':
        return offline.apply(change)
      case 'PutOldSession':
        return remember(change.account, change.session)
      case 'DropOldSession':
        return forget(change.account, change.smId)
      case 'PutRecord':
      case 'DropRecord':
        return records.apply(change)
      // Sessions do not outlive the process.
      case 'Happened':
      case 'Known':
      case 'PutSnapshot':
      case 'KeepUnacked':
      case 'ForgetKept':
        return
    }
  }

  return {
    commit: batch => {
      if (closed) return rejected('the journal is closed')
      for (const change of offlineFirst(batch)) {
        try {
          apply(change)
        } catch (cause) {
          return rejected(`${change._tag} for ${change.account}: ${String(cause)}`)
        }
      }
      return undefined
    },
    records: records.read,
    oldSessions: account => oldSessions.get(account) ?? [],
    close: async () => {
      closed = true
    },
  }
}

const without = (sessions: ReadonlyArray<OldSession> | undefined, smId: string): ReadonlyArray<OldSession> =>
  sessions === undefined ? [] : sessions.filter(session => session.smId !== smId)

/** The offline store's changes are the only ones that can fail, so they go first; the two kinds never meet. */
const offlineFirst = <A>(batch: ReadonlyArray<Change<A>>): ReadonlyArray<Change<A>> => [
  ...batch.filter(isOffline),
  ...batch.filter(change => !isOffline(change)),
]

const isOffline = (change: Change<unknown>): boolean => change._tag === 'PutOffline' || change._tag === 'DropOffline'

const rejected = (reason: string): Promise<never> => Promise.reject(new Error(`cannot commit to memory: ${reason}`))
