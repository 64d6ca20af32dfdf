/** Kept unacked stanzas: database `journal-kept`, key `[account, resource, position]`. */
import { advance, type Counter, counterModulus, type Resource, type Unacked } from '@smacks/core'
import type { AccountId } from '@smacks/runtime'
import type { Database } from 'lmdb'
import { type Either, isLeft, left, right } from '#fp-ts/Either'
import type { Environment } from './environment.js'
import { entriesOf, isStorable, resourceKey } from './keys.js'
import type { SessionCodecs } from './session-codecs.js'

/** What stands for a resource in a key. */
export type ResourceKey = string

type KeptKey = [account: AccountId, resource: ResourceKey, position: Counter]

/** `put` and `forget` belong into a transaction. */
export interface KeptStanzas<A> {
  readonly put: (account: AccountId, resource: Resource, from: Counter, texts: ReadonlyArray<string>) => void
  readonly forget: (account: AccountId, resource: Resource, from: Counter, count: number) => void
  /** The stanzas, or the name of the first that is not there or does not decode, and why. */
  readonly read: (
    account: AccountId,
    resource: Resource,
    from: Counter,
    count: number,
  ) => Either<string, ReadonlyArray<Unacked<A>>>
  /** How many there are from the number `from` on, without a gap; `most` at most. */
  readonly count: (account: AccountId, resource: Resource, from: Counter, most: number) => number
  /** All that are kept of the account: what stands for the resource, the number, and how many characters. */
  readonly all: (account: AccountId) => Iterable<readonly [resource: ResourceKey, position: Counter, size: number]>
  /** Who has any. */
  readonly accounts: () => ReadonlyArray<AccountId>
  /** Forgets those of the account that are not needed, by what stands for the resource in their keys, and tells how many. Belongs into a transaction. */
  readonly forgetOthers: (account: AccountId, isNeeded: (resource: ResourceKey, position: Counter) => boolean) => number
}

export const openKept = <A>(env: Environment, codecs: SessionCodecs<A>): KeptStanzas<A> => {
  const rows: Database<string, KeptKey> = env.openDB({ name: 'journal-kept', encoding: 'string' })

  const ofAccount = (account: AccountId) => entriesOf(account, rows.getRange({ start: [account] }))

  const decoded = (name: string, text: string | undefined): Either<string, Unacked<A>> => {
    if (text === undefined) return left(`${name} is not there (journal-kept)`)
    const unacked = codecs.decodeUnacked(text)
    return isLeft(unacked) ? left(`${name} does not decode (journal-kept): ${unacked.left}`) : unacked
  }

  return {
    put: (account, resource, from, texts) => {
      const name = resourceKey(account, resource)
      texts.forEach((text, index) => {
        rows.putSync([account, name, advance(from, index)], text)
      })
    },
    forget: (account, resource, from, count) => {
      const name = resourceKey(account, resource)
      for (let index = 0; index < count; index += 1) rows.removeSync([account, name, advance(from, index)])
    },
    read: (account, resource, from, count) => {
      const name = resourceKey(account, resource)
      // Positions wrap: what comes after the greatest is in a range of its own.
      const before = Math.min(count, counterModulus - from)
      const found = isStorable(account)
        ? new Map([...rangeOf(rows, account, name, from, before), ...rangeOf(rows, account, name, 0, count - before)])
        : new Map<Counter, string>()
      const unacked: Array<Unacked<A>> = []
      for (let index = 0; index < count; index += 1) {
        const position = advance(from, index)
        const one = decoded(`the kept stanza ${position} of ${account}/${resource}`, found.get(position))
        if (isLeft(one)) return one
        unacked.push(one.right)
      }
      return right(unacked)
    },
    count: (account, resource, from, most) => {
      if (!isStorable(account)) return 0
      const name = resourceKey(account, resource)
      let count = 0
      while (count < most && rows.doesExist([account, name, advance(from, count)])) count += 1
      return count
    },
    all: function* (account) {
      for (const { key, value } of ofAccount(account)) yield [key[1], key[2], value.length]
    },
    accounts: () => [...new Set([...rows.getKeys({})].map(([account]) => account))],
    forgetOthers: (account, isNeeded) => {
      let count = 0
      for (const { key } of [...ofAccount(account)]) {
        if (isNeeded(key[1], key[2])) continue
        rows.removeSync(key)
        count += 1
      }
      return count
    },
  }
}

const rangeOf = (
  rows: Database<string, KeptKey>,
  account: AccountId,
  resource: ResourceKey,
  from: Counter,
  count: number,
): ReadonlyArray<readonly [Counter, string]> =>
  count <= 0
    ? []
    : Array.from(
        rows.getRange({ start: [account, resource, from], end: [account, resource, from + count] }),
        ({ key, value }) => [key[2], value] as const,
      )
