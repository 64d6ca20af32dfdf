/** Whose an address is: ours to deliver to, or another server's. */
import { bareOf } from '@smacks/codec'
import type { AccountId } from '@smacks/runtime'
import type { Context } from './context.js'

/** The domain of an account, or of a bare JID of anybody. */
export const domainOf = (account: AccountId): string => bareOf(account.slice(account.indexOf('@') + 1))

/** True if the domain of this JID, which is normalised, is served here. */
export const isServed = (context: Pick<Context, 'domains'>, jid: string): boolean =>
  context.domains.has(domainOf(bareOf(jid)))
