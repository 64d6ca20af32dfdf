/**
 * How much is stored, for each account and each of its senders: database `offline-usage`, key `[account, sender]`, with an
 * empty sender for all of them. It is written in the transaction of what it counts. Where it does not fit what is stored,
 * since a program without it wrote there, it is counted anew when the store is opened.
 *
 * Under `['', 'last-key']` lies the greatest key that any message had: a key is not used again while somebody may still hold a
 * `DropOffline` for it. It is in here, and not in memory, so that a transaction that is given up leaves no trace. Programs
 * without it are told by its absence, or by what does not fit: then it is looked for once, and not at each message.
 */
import { createHash } from 'node:crypto'
import { parseJson } from '@smacks/codec'
import { type AccountId, type OfflineUsage, sendersOf } from '@smacks/runtime'
import type { Database, Key, RootDatabase } from 'lmdb'
import { isLeft } from '#fp-ts/Either'

type UsageKey = [account: AccountId, sender: string]

export const nothing: OfflineUsage = { count: 0, size: 0 }

/** What `add` and `remove` are given is a record as it is written. Both belong into a transaction. */
export interface Usages {
  readonly of: (account: AccountId, sender?: string) => OfflineUsage
  readonly add: (account: AccountId, record: string, senders: ReadonlyArray<string>) => void
  readonly remove: (account: AccountId, record: string) => void
  /** The greatest key that was noted; 0 if none was. */
  readonly lastKey: () => number
  /** Belongs into a transaction. */
  readonly noteKey: (key: number) => void
}

/** No account is called so. */
const lastKeyAt: UsageKey = ['', 'last-key']

export const openUsages = (env: RootDatabase<string, Key>, messages: Database<string, [AccountId, number]>): Usages => {
  const usages: Database<string, UsageKey> = env.openDB({ name: 'offline-usage', encoding: 'string' })

  const of = (account: AccountId, sender = ''): OfflineUsage => {
    const text = usages.get([account, keyOf(sender)])
    if (text === undefined) return nothing
    const [count = 0, size = 0] = text.split(' ').map(Number)
    return { count, size }
  }
  const change = (account: AccountId, record: string, senders: ReadonlyArray<string>, sign: 1 | -1): void => {
    const bytes = sign * Buffer.byteLength(record)
    for (const sender of ['', ...senders]) {
      const before = of(account, sender)
      const count = before.count + sign
      if (count <= 0) usages.removeSync([account, keyOf(sender)])
      else usages.putSync([account, keyOf(sender)], `${count} ${Math.max(0, before.size + bytes)}`)
    }
  }
  const add: Usages['add'] = (account, record, senders) => change(account, record, senders, 1)

  const isRight = (): boolean => {
    let count = 0
    for (const { key, value } of usages.getRange({})) if (key[1] === '') count += Number.parseInt(value, 10)
    return count === messages.getKeysCount({})
  }
  const lastKey: Usages['lastKey'] = () => Number(usages.get(lastKeyAt) ?? 0)
  const noteKey: Usages['noteKey'] = key => void usages.putSync(lastKeyAt, String(key))

  const fits = isRight()
  if (!fits || usages.get(lastKeyAt) === undefined)
    env.transactionSync(() => {
      let greatest = lastKey()
      for (const key of messages.getKeys({})) greatest = Math.max(greatest, key[1])
      noteKey(greatest)
      if (fits) return
      for (const key of [...usages.getKeys({})]) if (key[0] !== '') usages.removeSync(key)
      for (const { key, value } of messages.getRange({})) add(key[0], value, sendersIn(value))
    })

  return {
    of,
    add,
    remove: (account, record) => change(account, record, sendersIn(record), -1),
    lastKey,
    noteKey,
  }
}

/** LMDB bounds its keys, and addresses may be longer. */
const keyOf = (sender: string): string =>
  Buffer.byteLength(sender) <= longestPlain
    ? sender
    : `#${createHash('sha256').update(sender).digest('base64url').slice(0, 24)}`

const longestPlain = 24

/** Of a record that does not decode nobody is the sender. */
const sendersIn = (record: string): ReadonlyArray<string> => {
  const json = parseJson(record)
  if (isLeft(json)) return []
  const { right } = json
  if (typeof right !== 'object' || right === null || !('facts' in right)) return []
  const { facts } = right
  const from = typeof facts === 'object' && facts !== null && 'from' in facts ? facts.from : undefined
  return typeof from === 'string' ? sendersOf({ from }) : []
}
