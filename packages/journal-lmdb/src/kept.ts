/** Kept unacked stanzas: database `journal-kept`, key `[account, resource, number]`. */
import { advance, type Counter, counterModulus, type Unacked } from '@smacks/core'
import type { AccountId } from '@smacks/runtime'
import { isLeft } from 'fp-ts/lib/Either.js'
import type { Database } from 'lmdb'
import type { Environment } from './environment.js'
import type { SessionCodecs } from './session-codecs.js'

type KeptKey = [account: AccountId, resource: string, number: Counter]

/** `put` and `forget` belong into a transaction. */
export interface KeptStanzas<A> {
  readonly put: (account: AccountId, resource: string, from: Counter, texts: ReadonlyArray<string>) => void
  readonly forget: (account: AccountId, resource: string, from: Counter, count: number) => void
  /** Throws an `Error` that names what is not there or does not decode. */
  readonly read: (account: AccountId, resource: string, from: Counter, count: number) => ReadonlyArray<Unacked<A>>
  /** How many are kept of the account, and their characters. */
  readonly measure: (account: AccountId) => { readonly count: number; readonly size: number }
  /** Who has any. */
  readonly accounts: () => ReadonlyArray<AccountId>
  /** Forgets those of the account that are not needed, and tells how many. Belongs into a transaction. */
  readonly forgetOthers: (account: AccountId, isNeeded: (resource: string, number: Counter) => boolean) => number
}

export const openKept = <A>(env: Environment, codecs: SessionCodecs<A>): KeptStanzas<A> => {
  const rows: Database<string, KeptKey> = env.openDB({ name: 'journal-kept', encoding: 'string' })

  const decoded = (account: AccountId, resource: string, number: Counter, text: string | undefined): Unacked<A> => {
    const name = `the kept stanza ${number} of ${account}/${resource}`
    if (text === undefined) throw new Error(`${name} is not there`)
    const unacked = codecs.decodeUnacked(text)
    if (isLeft(unacked)) throw new Error(`${name} does not decode: ${unacked.left}`)
    return unacked.right
  }

  return {
    put: (account, resource, from, texts) =>
      texts.forEach((text, index) => {
        rows.putSync([account, resource, advance(from, index)], text)
      }),
    forget: (account, resource, from, count) => {
      for (let index = 0; index < count; index += 1) rows.removeSync([account, resource, advance(from, index)])
    },
    read: (account, resource, from, count) => {
      // Numbers wrap: what comes after the greatest is in a range of its own.
      const before = Math.min(count, counterModulus - from)
      const found = [
        ...rangeOf(rows, account, resource, from, before),
        ...rangeOf(rows, account, resource, 0, count - before),
      ]
      return Array.from({ length: count }, (_, index) => {
        const number = advance(from, index)
        const row = found[index]
        return decoded(account, resource, number, row?.key[2] === number ? row.value : undefined)
      })
    },
    measure: account => {
      let [count, size] = [0, 0]
      for (const { value } of rows.getRange(allOf(account))) {
        count += 1
        size += value.length
      }
      return { count, size }
    },
    accounts: () => [...new Set([...rows.getKeys({})].map(([account]) => account))],
    forgetOthers: (account, isNeeded) => {
      let count = 0
      for (const key of [...rows.getKeys(allOf(account))]) {
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
  resource: string,
  from: Counter,
  count: number,
): ReadonlyArray<{ readonly key: KeptKey; readonly value: string }> =>
  count <= 0
    ? []
    : [...rows.getRange({ start: [account, resource, from], end: [account, resource, counterModulus], limit: count })]

/** No resource has a character that sorts behind. */
const allOf = (account: AccountId) => ({ start: [account, '', 0], end: [account, '\u{10ffff}', 0] })
