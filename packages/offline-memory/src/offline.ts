/** An offline store in memory (XEP-0160). Its changes take effect at once and cannot fail. */
import { type AccountId, type OfflineKey, type OfflineMessage, type OfflineStore, sendersOf } from '@smacks/runtime'

export interface OfflineMemoryOptions<A> {
  /** How large a stanza is, in bytes; all are 0 unless told. */
  readonly sizeOf?: (stanza: A) => number
}

/** An empty store. Keys are never used twice, also not after their message is dropped. */
export const offlineMemory = <A>({ sizeOf = () => 0 }: OfflineMemoryOptions<A> = {}): OfflineStore<A> => {
  const messages = new Map<AccountId, Map<OfflineKey, OfflineMessage<A>>>()
  let lastKey: OfflineKey = 0

  const put = (account: AccountId, message: OfflineMessage<A>): void => {
    const present = messages.get(account)
    if (present === undefined) messages.set(account, new Map([[message.key, message]]))
    else present.set(message.key, message)
  }
  const drop = (account: AccountId, keys: ReadonlyArray<OfflineKey>): void => {
    const present = messages.get(account)
    if (present === undefined) return
    for (const key of keys) present.delete(key)
    if (present.size === 0) messages.delete(account)
  }
  const usage = new Map<string, { count: number; size: number }>()
  const count = (account: AccountId, { stanza, facts }: OfflineMessage<A>, sign: 1 | -1): void => {
    for (const sender of [undefined, ...sendersOf(facts)]) {
      const key = keyOf(account, sender)
      const before = usage.get(key) ?? { count: 0, size: 0 }
      const after = { count: before.count + sign, size: before.size + sign * sizeOf(stanza) }
      if (after.count === 0) usage.delete(key)
      else usage.set(key, after)
    }
  }

  return {
    apply: change => {
      if (change._tag === 'DropOffline') {
        const present = messages.get(change.account)
        for (const key of new Set(change.keys)) {
          const message = present?.get(key)
          if (message !== undefined) count(change.account, message, -1)
        }
        return drop(change.account, change.keys)
      }
      lastKey += 1
      const { account, stanza, facts, at } = change
      const message = { key: lastKey, stanza, facts, at }
      put(account, message)
      count(account, message, 1)
    },
    read: (account, limit = Number.POSITIVE_INFINITY, after = 0) => {
      const found: Array<OfflineMessage<A>> = []
      for (const message of messages.get(account)?.values() ?? []) {
        if (found.length >= limit) break
        if (message.key > after) found.push(message)
      }
      return found
    },
    count: account => messages.get(account)?.size ?? 0,
    usage: (account, sender) => usage.get(keyOf(account, sender)) ?? { count: 0, size: 0 },
  }
}

const keyOf = (account: AccountId, sender = ''): string => `${account}\n${sender}`
