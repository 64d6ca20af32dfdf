/**
 * The quarantine: database `journal-quarantine`, key `[account, part]`. What is journalled of an account of which something
 * does not decode lies here as it was, so that nothing overwrites it until somebody repairs it. Part 0 says why and up to
 * which row of the log, part 1 is the snapshot, the parts from 2 on are the lines of the log.
 */
import type { AccountId } from '@smacks/runtime'
import type { Database } from 'lmdb'
import type { Environment } from './environment.js'

export interface Quarantined {
  readonly account: AccountId
  readonly reason: string
  /** The last row of the log that is here. */
  readonly upTo: number
  /** As it was, if there was one. */
  readonly snapshot?: string
  /** As they were, oldest first. */
  readonly lines: ReadonlyArray<string>
}

/** `put` and `drop` belong into a transaction. */
export interface Quarantine {
  readonly put: (quarantined: Quarantined) => void
  readonly drop: (account: AccountId) => void
  readonly read: (account: AccountId) => Quarantined | undefined
  /** Who is here. */
  readonly accounts: () => ReadonlyArray<AccountId>
}

type Key = [account: AccountId, part: number]

const [headPart, snapshotPart, firstLine] = [0, 1, 2]

export const openQuarantine = (env: Environment): Quarantine => {
  const parts: Database<string, Key> = env.openDB({ name: 'journal-quarantine', encoding: 'string' })
  const drop = (account: AccountId): void => {
    for (const key of [...parts.getKeys(allOf(account))]) parts.removeSync(key)
  }
  return {
    put: ({ account, reason, upTo, snapshot, lines }) => {
      drop(account)
      parts.putSync([account, headPart], `${upTo} ${reason}`)
      if (snapshot !== undefined) parts.putSync([account, snapshotPart], snapshot)
      lines.forEach((line, index) => {
        parts.putSync([account, firstLine + index], line)
      })
    },
    drop,
    read: account => {
      const head = parts.get([account, headPart])
      if (head === undefined) return undefined
      const space = head.indexOf(' ')
      const snapshot = parts.get([account, snapshotPart])
      const lines = [...parts.getRange({ start: [account, firstLine], end: allOf(account).end })].map(
        ({ value }) => value,
      )
      return {
        account,
        reason: head.slice(space + 1),
        upTo: Number(head.slice(0, space)),
        ...(snapshot === undefined ? {} : { snapshot }),
        lines,
      }
    },
    accounts: () => [...new Set([...parts.getKeys({})].map(([account]) => account))],
  }
}

const allOf = (account: AccountId) => ({ start: [account, 0], end: [account, Number.MAX_SAFE_INTEGER] })
