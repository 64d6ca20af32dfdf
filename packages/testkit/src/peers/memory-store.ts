/**
 * Journal and offline store of a peer, in memory. A commit may take a time of virtual time, as on a slow disk, so that
 * what is durable and what is visible fall apart.
 */
import type { OldSession, StanzaFacts } from '@smacks/core'
import { type AccountId, after, type Change, type Journal } from '@smacks/runtime'
import type { VirtualHost } from '../virtual-host.js'

export interface MemoryStore<A> {
  readonly journal: Journal<A>
  /** The messages that were stored offline and are durable, in order. */
  readonly stored: ReadonlyArray<StoredMessage<A>>
  /** Changes that are not durable yet. */
  readonly underWay: () => number
}

export interface StoredMessage<A> {
  readonly stanza: A
  readonly facts: StanzaFacts
}

export interface MemoryStoreOptions {
  readonly host: Pick<VirtualHost, 'clock' | 'timers'>
  /** Names the peer, for keys of timers. */
  readonly name: string
  /** Milliseconds that a commit takes; 0: it is done when it returns. */
  readonly commitTime: number
}

export const createMemoryStore = <A>({ host, name, commitTime }: MemoryStoreOptions): MemoryStore<A> => {
  const stored: Array<StoredMessage<A>> = []
  const old = new Map<AccountId, ReadonlyArray<OldSession>>()
  let commits = 0
  let underWay = 0

  const oldSessions = (account: AccountId): ReadonlyArray<OldSession> => old.get(account) ?? []
  const apply = (change: Change<A>): void => {
    switch (change._tag) {
      case 'PutOffline':
        stored.push({ stanza: change.stanza, facts: change.facts })
        return
      case 'DropOffline':
        throw new Error('no peer reads what it stored offline, so none drops it')
      case 'PutOldSession':
        old.set(change.account, [change.session, ...oldSessions(change.account)])
        return
      case 'DropOldSession':
        old.set(
          change.account,
          oldSessions(change.account).filter(({ smId }) => smId !== change.smId),
        )
        return
      default:
        // Sessions do not outlive the pair, and its application keeps no records.
        return
    }
  }

  return {
    journal: {
      commit: batch => {
        if (commitTime === 0) {
          batch.forEach(apply)
          return undefined
        }
        commits += 1
        underWay += batch.length
        const key = `commit\n${name}\n${commits}`
        return afterwards(done =>
          host.timers.arm(key, after(host.clock, commitTime), () => {
            batch.forEach(apply)
            underWay -= batch.length
            done()
          }),
        )
      },
      oldSessions,
      records: () => [],
      close: () => Promise.resolve(),
    },
    stored,
    underWay: () => underWay,
  }
}

/**
 * A promise that keeps to virtual time: whoever waits for it is called in the same call that resolves it. A real one
 * would call later, when the host of the test likes, and no virtual clock could wait for that.
 */
const afterwards = (begin: (done: () => void) => void): Promise<void> => {
  const waiting: Array<() => unknown> = []
  let isDone = false
  begin(() => {
    isDone = true
    for (const call of waiting.splice(0)) call()
  })
  const promise = {
    // biome-ignore lint/suspicious/noThenProperty: it stands in for a promise.
    then: (call: () => unknown) => {
      if (isDone) call()
      else waiting.push(call)
      return promise
    },
  }
  return promise as unknown as Promise<void>
}
