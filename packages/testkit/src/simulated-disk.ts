/**
 * A disk that forgets what was not synced, at the port of the journal: for tests of what a power loss leaves. A commit is
 * done when the test syncs, and not before.
 */
import { type AccountId, type Journal, type OfflineStore, sendersOf } from '@smacks/runtime'
import { DiskContents } from './simulated-disk/contents.js'

export interface SimulatedDisk<A> {
  /** What a process has that begins now. The one before it has ended: its commits are never done. */
  readonly open: () => OpenDisk<A>
  /** Makes durable what was written; its commits are done. */
  readonly sync: () => void
  /**
   * The power is gone, and with it what was not synced; but a disk may have written more than it had promised: the first
   * `written` of these batches, none unless told.
   */
  readonly losePower: (written?: number) => void
  /** The next commit rejects with this. */
  readonly failNext: (error: Error) => void
  /** Batches that are not durable yet. */
  readonly unsynced: () => number
}

export interface OpenDisk<A> {
  /** It keeps sessions. Reads see what is durable. */
  readonly journal: Journal<A>
  readonly offline: Pick<OfflineStore<A>, 'count' | 'read' | 'usage'>
}

export interface SimulatedDiskOptions {
  /** So many entries of the log, and snapshots are wanted; 1,000 unless told. */
  readonly logBound?: number
}

interface Written<A> {
  readonly batch: Parameters<Journal<A>['commit']>[0]
  readonly done: () => void
}

export const createSimulatedDisk = <A>({ logBound = 1000 }: SimulatedDiskOptions = {}): SimulatedDisk<A> => {
  const contents = new DiskContents<A>(logBound)
  let written: Array<Written<A>> = []
  let failure: Error | undefined
  let lives = 0

  const write = (batch: Written<A>['batch']): Promise<void> => {
    if (failure !== undefined) {
      const rejected = Promise.reject(failure)
      failure = undefined
      return rejected
    }
    return new Promise(done => {
      written.push({ batch, done })
    })
  }
  const sync = (): void => {
    const synced = written
    written = []
    for (const { batch } of synced) contents.apply(batch)
    for (const { done } of synced) done()
  }
  const losePower = (survivors = 0): void => {
    for (const { batch } of written.slice(0, survivors)) contents.apply(batch)
    written = []
    lives += 1
  }
  const open = (): OpenDisk<A> => {
    losePower()
    const life = lives
    let closed = false
    const journal: Journal<A> = {
      commit: batch => {
        if (batch.length === 0) return undefined
        if (closed) return Promise.reject(new Error('cannot commit to the simulated disk: the journal is closed'))
        return life === lives ? write(batch) : new Promise(() => {})
      },
      oldSessions: account => contents.oldSessions(account),
      records: (kind, account) => contents.records(kind, account),
      sessions: {
        recover: () => contents.recover(),
        kept: (...which) => contents.kept(...which),
        countKept: (...which) => contents.countKept(...which),
        wanted: limit => contents.wanted(limit),
      },
      close: async () => {
        closed = true
      },
    }
    return { journal, offline: offlineOf(contents) }
  }

  return {
    open,
    sync,
    losePower,
    failNext: error => {
      failure = error
    },
    unsynced: () => written.length,
  }
}

const offlineOf = <A>(contents: DiskContents<A>): OpenDisk<A>['offline'] => {
  const all = (account: AccountId) => contents.offline(account, Number.POSITIVE_INFINITY, 0)
  return {
    read: (account, limit = Number.POSITIVE_INFINITY, after = 0) => contents.offline(account, limit, after),
    count: account => all(account).length,
    usage: (account, sender) => {
      const counted = all(account).filter(({ facts }) => sender === undefined || sendersOf(facts).includes(sender))
      return {
        count: counted.length,
        size: counted.reduce((sum, { stanza }) => sum + JSON.stringify(stanza).length, 0),
      }
    },
  }
}
