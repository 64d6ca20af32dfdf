/**
 * Accounts of 0.1.0 whose domain was configured in A-labels, such as `xn--bcher-kva.example`. Domains are U-labels now (RFC
 * 7622 §3.2.1), so at the start all that is stored of such accounts goes under the name that they have now.
 */
import { bareJid, parseJid } from '@smacks/codec'
import type { AccountId } from '@smacks/runtime'
import { isNone } from '#fp-ts/Option'
import type { Environment } from './environment.js'

/** Keys of records: an account and more, an account, or the number of a row in the journal's log. */
type Key = AccountId | number | [account: AccountId, ...rest: Array<number | string>]

/** Renames them, all or none, and returns the old and new names. An account whose new name is taken keeps the old one. */
export const renameALabels = (env: Environment): ReadonlyMap<AccountId, AccountId> => {
  const accounts = env.openDB<unknown, string>({ name: 'accounts', encoding: 'json' })
  const renamed = new Map<AccountId, AccountId>()
  const keys = [...accounts.getKeys({})].filter(key => key.includes('xn--'))
  for (const key of keys) {
    const [domain = '', local = ''] = key.split(' ')
    const now = inULabels(`${local}@${domain}`)
    if (now === undefined || accounts.doesExist(keyOf(now))) continue
    renamed.set(`${local}@${domain}`, now)
  }
  if (renamed.size === 0) return renamed
  const others = [...env.getKeys({})].map(String).filter(name => name !== 'accounts' && name !== 'secrets')
  const stores = others.map(name => env.openDB<string, Key>({ name, encoding: 'string' }))
  env.transactionSync(() => {
    for (const store of stores)
      for (const { key, value } of [...store.getRange({})]) {
        const [nowKey, now] = typeof key === 'number' ? [key, inLines(value, renamed)] : [underNow(key, renamed), value]
        if (nowKey === key && now === value) continue
        store.putSync(nowKey, now)
        if (nowKey !== key) store.removeSync(key)
      }
    for (const [before, now] of renamed) {
      accounts.putSync(keyOf(now), accounts.get(keyOf(before)))
      accounts.removeSync(keyOf(before))
    }
  })
  return renamed
}

const underNow = (key: Exclude<Key, number>, renamed: ReadonlyMap<AccountId, AccountId>): Key => {
  if (typeof key === 'string') return renamed.get(key) ?? key
  const now = renamed.get(key[0])
  return now === undefined ? key : [now, ...key.slice(1)]
}

/** Each line of a row says first whose it is. */
const inLines = (row: string, renamed: ReadonlyMap<AccountId, AccountId>): string =>
  row
    .split('\n')
    .map(line => {
      const [start = '', account] = /^\["((?:[^"\\]|\\.)*)"/.exec(line) ?? []
      const now = account === undefined ? undefined : renamed.get(account)
      return now === undefined ? line : `[${JSON.stringify(now)}${line.slice(start.length)}`
    })
    .join('\n')

/** The account's name now, if it is another one. */
const inULabels = (account: AccountId): AccountId | undefined => {
  const jid = parseJid(account)
  if (isNone(jid)) return undefined
  const now = bareJid(jid.value)
  return now === account ? undefined : now
}

/** The key of an account: domain first. */
const keyOf = (account: AccountId): string => {
  const at = account.indexOf('@')
  return `${account.slice(at + 1)} ${account.slice(0, at)}`
}
