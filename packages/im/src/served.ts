/** Whose an address is: ours to deliver to, or another server's. */
import { bareOf } from '@smacks/codec'
import type { AccountId } from '@smacks/runtime'

/** The domain of an account, or of a bare JID of anybody. */
export const domainOf = (account: AccountId): string => bareOf(account.slice(account.indexOf('@') + 1))

/** True if the domain of this JID, which is normalised, is served here. */
export const isServed = ({ domains }: { readonly domains: Pick<ReadonlySet<string>, 'has'> }, jid: string): boolean =>
  domains.has(domainOf(bareOf(jid)))
