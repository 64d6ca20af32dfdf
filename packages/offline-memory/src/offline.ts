/** An offline store in memory (XEP-0160). Its changes take effect at once and cannot fail. */
import type { AccountId, OfflineKey, OfflineMessage, OfflineStore } from '@smacks/runtime'

/** An empty store. Keys are never used twice, also not after their message is dropped. */
export const offlineMemory = <A>(): OfflineStore<A> => {
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

  return {
    apply: change => {
      if (change._tag === 'DropOffline') return drop(change.account, change.keys)
      lastKey += 1
      put(change.account, { key: lastKey, stanza: change.stanza, facts: change.facts, at: change.at })
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
  }
}
