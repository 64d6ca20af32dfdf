/**
 * The `h` values of timed-out sessions on disk: database `old-sessions`, key `[account, order]`, where a later
 * session has a greater order, so that newest first is simply backwards.
 */
import { versionedRecord } from '@smacks/codec'
import { type Counter, isCounter, type OldSession, type SmId } from '@smacks/core'
import type { AccountId } from '@smacks/runtime'
import type { Database } from 'lmdb'
import { isRight } from '#fp-ts/Either'
import * as t from '#io-ts'
import type { Environment } from './environment.js'
import { checkAccount, isStorable } from './keys.js'

/** A record on disk that cannot be understood. It stays where it is. */
export interface BadRecord {
  readonly database: string
  readonly account: AccountId
  readonly key: number
  /** What was expected and what was found. */
  readonly reason: string
}

/** The old sessions of all accounts. `put` and `drop` belong into a transaction. */
export interface OldSessions {
  readonly put: (account: AccountId, session: OldSession) => void
  readonly drop: (account: AccountId, smId: SmId) => void
  readonly read: (account: AccountId) => ReadonlyArray<OldSession>
}

type OldSessionKey = [account: AccountId, order: number]

interface Stored {
  readonly key: OldSessionKey
  readonly session: OldSession
}

const database = 'old-sessions'

/** Opens the database of old sessions; `onBadRecord` is told of each record that a read finds undecodable. */
export const openOldSessions = (env: Environment, onBadRecord: (record: BadRecord) => void): OldSessions => {
  const sessions: Database<string, OldSessionKey> = env.openDB({ name: database, encoding: 'string' })

  /** Newest first. */
  const stored = (account: AccountId): ReadonlyArray<Stored> => {
    const found: Array<Stored> = []
    if (!isStorable(account)) return found
    const range = { start: [account, Number.MAX_SAFE_INTEGER], end: [account, 0], reverse: true }
    for (const { key, value } of sessions.getRange(range)) {
      const decoded = oldSessionRecord.read(value)
      if (isRight(decoded)) found.push({ key, session: decoded.right })
      else onBadRecord({ database, account, key: key[1], reason: decoded.left })
    }
    return found
  }
  const newestOrder = (account: AccountId): number => {
    const range = { start: [account, Number.MAX_SAFE_INTEGER], end: [account, 0], reverse: true, limit: 1 }
    for (const key of sessions.getKeys(range)) return key[1]
    return 0
  }
  const drop = (account: AccountId, smId: SmId): void => {
    for (const { key, session } of stored(account)) if (session.smId === smId) sessions.removeSync(key)
  }

  return {
    put: (account, { smId, h, at }) => {
      checkAccount(account)
      drop(account, smId)
      sessions.putSync([account, newestOrder(account) + 1], oldSessionRecord.write({ smId, h, at }))
    },
    drop,
    read: account => stored(account).map(({ session }) => session),
  }
}

const CounterCodec = new t.Type<Counter>(
  'unsigned 32-bit integer',
  (value): value is Counter => typeof value === 'number' && isCounter(value),
  (value, context) => (typeof value === 'number' && isCounter(value) ? t.success(value) : t.failure(value, context)),
  t.identity,
)

const oldSessionRecord = versionedRecord(t.type({ smId: t.string, h: CounterCodec, at: t.number }, 'old session'))
