/** Kept stanzas as they will be when all is done in LMDB that the log says; for whoever may change nothing. */
import { advance, type Counter, type Resource } from '@smacks/core'
import type { AccountId } from '@smacks/runtime'
import type { KeptStanzas, ResourceKey } from './kept.js'
import { resourceKey } from './keys.js'
import { pendingActs } from './pending-acts.js'
import type { Stored } from './stored.js'

export interface KeptCounts {
  readonly accounts: () => Iterable<AccountId>
  readonly count: KeptStanzas<unknown>['count']
  /** How many are kept of the account, and their characters. */
  readonly measure: (account: AccountId) => { readonly count: number; readonly size: number }
}

/** Characters, by position; nothing where the stanza goes. */
type Changes = Map<ResourceKey, Map<Counter, number | undefined>>

export const keptWithPending = <A>(stored: Stored<A>): KeptCounts => {
  const { kept } = stored
  const changed = changesIn(stored)
  const stateOf = (account: AccountId): ReadonlyMap<string, number> => {
    const sizes = new Map<string, number>()
    for (const [resource, position, size] of kept.all(account)) sizes.set(`${position} ${resource}`, size)
    for (const [resource, positions] of changed.get(account) ?? [])
      for (const [position, size] of positions)
        if (size === undefined) sizes.delete(`${position} ${resource}`)
        else sizes.set(`${position} ${resource}`, size)
    return sizes
  }
  return {
    accounts: () =>
      [...new Set([...kept.accounts(), ...changed.keys()])].filter(one => !changed.has(one) || stateOf(one).size > 0),
    count: (account, resource, from, most) => {
      const positions = changed.get(account)?.get(resourceKey(account, resource))
      if (positions === undefined) return kept.count(account, resource, from, most)
      const isThere = (position: Counter): boolean =>
        positions.has(position) ? positions.get(position) !== undefined : kept.count(account, resource, position, 1) > 0
      let count = 0
      while (count < most && isThere(advance(from, count))) count += 1
      return count
    },
    measure: account => {
      const sizes = [...stateOf(account).values()]
      return { count: sizes.length, size: sizes.reduce((sum, size) => sum + size, 0) }
    },
  }
}

const changesIn = <A>(stored: Stored<A>): ReadonlyMap<AccountId, Changes> => {
  const changed = new Map<AccountId, Changes>()
  const put = (account: AccountId, resource: Resource, position: Counter, size: number | undefined): void => {
    const changes: Changes = changed.get(account) ?? new Map()
    changed.set(account, changes)
    const key = resourceKey(account, resource)
    const positions = changes.get(key) ?? new Map<Counter, number | undefined>()
    changes.set(key, positions)
    positions.set(position, size)
  }
  for (const { acts } of pendingActs(stored).rows)
    for (const act of acts) {
      if (act._tag === 'Keep')
        act.texts.forEach((text, index) => {
          put(act.account, act.resource, advance(act.from, index), text.length)
        })
      if (act._tag === 'Forget')
        for (let index = 0; index < act.count; index += 1)
          put(act.account, act.resource, advance(act.from, index), undefined)
    }
  return changed
}
