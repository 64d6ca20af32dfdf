/**
 * The offline store on LMDB (XEP-0160): database `offline`, key `[account, key]`, so that an account's messages
 * lie together, oldest first.
 */
import {
  type AccountId,
  type OfflineKey,
  type OfflineMessage,
  type OfflineStore,
  type Reading,
  sendersOf,
} from '@smacks/runtime'
import type { Database, Key, RootDatabase } from 'lmdb'
import { isRight } from '#fp-ts/Either'
import { decodeMessage, encodeMessage, type PayloadCodec } from './record.js'
import { nothing, openUsages } from './usage.js'

/** A record on disk that cannot be understood. It stays where it is. */
export interface BadOfflineRecord {
  readonly database: string
  readonly account: AccountId
  readonly key: OfflineKey
  /** What was expected and what was found. */
  readonly reason: string
}

export interface OfflineLmdbOptions<A> {
  /** The environment of the journal that calls `apply`. */
  readonly env: RootDatabase<string, Key>
  readonly payload: PayloadCodec<A>
  /** Told of each record that `read` finds undecodable and leaves out. */
  readonly onBadRecord: (record: BadOfflineRecord) => void
}

type MessageKey = [account: AccountId, key: OfflineKey]

const database = 'offline'

/** LMDB bounds its keys, so accounts are bounded too. Longer names are not stored. */
export const maxAccountBytes = 1900

/**
 * An offline store in an open environment. `apply` writes into the transaction it is called in, and throws an
 * `Error` if the account's name is not allowed or the payload's codec throws. `count` counts every record, also
 * those that do not decode.
 */
export const offlineLmdb = <A>({ env, payload, onBadRecord }: OfflineLmdbOptions<A>): OfflineStore<A> => {
  const messages: Database<string, MessageKey> = env.openDB({ name: database, encoding: 'string' })
  const usages = openUsages(env, messages)
  let reading: Reading = (_account, read) => read()

  const stored = (account: AccountId, limit: number, after: OfflineKey): ReadonlyArray<OfflineMessage<A>> => {
    const found: Array<OfflineMessage<A>> = []
    if (limit <= 0 || !isStorable(account)) return found
    for (const { key, value } of messages.getRange(forwards(account, after))) {
      const message = decodeMessage(payload, value)
      if (isRight(message)) found.push({ key: key[1], ...message.right })
      else onBadRecord({ database, account, key: key[1], reason: message.left })
      if (found.length >= limit) break
    }
    return found
  }

  return {
    apply: change => {
      if (change._tag === 'DropOffline') {
        if (!isStorable(change.account)) return
        for (const key of change.keys) {
          const record = messages.get([change.account, key])
          if (record === undefined) continue
          messages.removeSync([change.account, key])
          usages.remove(change.account, record)
        }
        return
      }
      const { account } = change
      checkAccount(account)
      const key = usages.lastKey() + 1
      const record = encodeMessage(payload, change)
      messages.putSync([account, key], record)
      usages.noteKey(key)
      usages.add(account, record, sendersOf(change.facts))
    },
    aroundReads: given => {
      reading = given
    },
    read: (account, limit = Number.POSITIVE_INFINITY, after = 0) =>
      reading(account, () => stored(account, limit, after)),
    count: account => reading(account, () => (isStorable(account) ? usages.of(account).count : 0)),
    usage: (account, sender) => reading(account, () => (isStorable(account) ? usages.of(account, sender) : nothing)),
  }
}

const forwards = (account: AccountId, after: OfflineKey = 0) => ({
  start: [account, after + 1],
  end: [account, Number.MAX_SAFE_INTEGER],
})

const isStorable = (account: AccountId): boolean =>
  Buffer.byteLength(account) <= maxAccountBytes && !account.includes('\0')

const checkAccount = (account: AccountId): void => {
  if (isStorable(account)) return
  const bytes = Buffer.byteLength(account)
  throw new Error(
    `the account's name has ${bytes} bytes; at most ${maxAccountBytes} are allowed, and U+0000 is not one of them`,
  )
}
