/** Which sessions there are, in an order that pages can be made of, and which address may have been meant. */
import type { Session } from '@smacks/core'
import type { AccountId, Runtime } from '@smacks/runtime'
import { distance } from 'fastest-levenshtein'

type Accounts = Pick<Runtime<unknown>, 'account' | 'accounts'>

export interface Found {
  readonly account: AccountId
  readonly session: Session<unknown>
}

/** Where a page ended. */
export interface Place {
  readonly account: AccountId
  readonly resource: string
}

/** The sessions of an account, or the one of this resource. */
export const sessionsOf = (runtime: Accounts, account: AccountId, resource?: string): ReadonlyArray<Found> =>
  runtime
    .account(account)
    .sessions.filter(session => resource === undefined || session.resource === resource)
    .map(session => ({ account, session }))

/** All sessions behind the place, or those of one account, by account and resource, each found when it is asked for. */
export function* sessionsBehind(runtime: Accounts, after?: Place, only?: AccountId): Generator<Found, void, undefined> {
  const all = only === undefined ? [...runtime.accounts()] : [only]
  const accounts = all.filter(account => after === undefined || account >= after.account).sort()
  for (const account of accounts) {
    const found = [...sessionsOf(runtime, account)].sort((one, other) => order(one.session, other.session))
    for (const one of found)
      if (after === undefined || account > after.account || one.session.resource > after.resource) yield one
  }
}

const order = (one: Session<unknown>, other: Session<unknown>): number => (one.resource < other.resource ? -1 : 1)

/** So many addresses are named. */
const namedAtMost = 3

/** Characters of an address that are compared, since that takes time with their square. */
const comparedCharacters = 100

/** Addresses of sessions like the one that there is not: the others of its account, then those that are spelled like it. */
export const nearTo = (runtime: Accounts, account: AccountId, resource?: string): ReadonlyArray<string> => {
  const own = sessionsOf(runtime, account)
  if (own.length > 0) return own.map(addressOf).slice(0, namedAtMost)
  const wanted = (resource === undefined ? account : `${account}/${resource}`).slice(0, comparedCharacters)
  return [...sessionsBehind(runtime)]
    .map(found => {
      const address = addressOf(found)
      const compared = (resource === undefined ? found.account : address).slice(0, comparedCharacters)
      return { address, far: distance(wanted, compared), most: Math.max(wanted.length, compared.length) / 2 }
    })
    .filter(({ far, most }) => far < most)
    .sort((one, other) => one.far - other.far)
    .slice(0, namedAtMost)
    .map(({ address }) => address)
}

export const addressOf = ({ account, session: { resource } }: Found): string => `${account}/${resource}`
