/**
 * A journal in memory: a commit is done when it returns, so what can be seen is performed in the same turn.
 */
import type { OldSession } from '@smacks/core'
import { type AccountId, type Change, ChangeRefused, type Journal, type OfflineStore } from '@smacks/runtime'
import { memoryRecords } from './records.js'

export interface JournalMemoryOptions<A> {
  /** Takes the offline messages of each batch. */
  readonly offline: OfflineStore<A>
}

/**
 * A journal without a medium. Its batches cannot fail by themselves; if the offline store throws, it is the change that
 * is to blame (`ChangeRefused`).
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
  /**
   * Messages that are stored are the only changes that can fail, so they go first: no change of the same batch can name
   * them. If one fails, those before it are dropped again.
   */
  const putAll = (changes: ReadonlyArray<PutOffline<A>>): ChangeRefused | undefined => {
    for (const [index, change] of changes.entries()) {
      try {
        offline.apply(change)
      } catch (cause) {
        dropAgain(offline, changes.slice(0, index))
        return refused(change, cause)
      }
    }
    return undefined
  }
  const apply = (change: Exclude<Change<A>, PutOffline<A>>): void => {
    switch (change._tag) {
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
      case 'EventLogged':
      case 'Baseline':
      case 'PutSnapshot':
      case 'KeepUnacked':
      case 'ForgetKept':
        return
    }
  }

  return {
    commit: batch => {
      if (closed) return Promise.reject(new Error('cannot commit to memory: the journal is closed'))
      const failure = putAll(batch.filter(isPutOffline))
      if (failure !== undefined) return Promise.reject(failure)
      for (const change of batch) if (!isPutOffline(change)) apply(change)
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

type PutOffline<A> = Extract<Change<A>, { readonly _tag: 'PutOffline' }>

const isPutOffline = <A>(change: Change<A>): change is PutOffline<A> => change._tag === 'PutOffline'

/** Later messages of an account have greater keys. */
const dropAgain = <A>(offline: OfflineStore<A>, applied: ReadonlyArray<PutOffline<A>>): void => {
  for (const account of new Set(applied.map(change => change.account))) {
    const count = applied.filter(change => change.account === account).length
    const keys = offline.read(account).map(({ key }) => key)
    offline.apply({ _tag: 'DropOffline', account, keys: keys.slice(-count) })
  }
}

const refused = (change: Change<unknown>, cause: unknown): ChangeRefused =>
  new ChangeRefused(change, `cannot commit to memory: ${change._tag} for ${change.account}: ${String(cause)}`, {
    cause,
  })
