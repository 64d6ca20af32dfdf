/** Links, as they are named: by the served domain and the other one. */
import { domainpartOf } from '@smacks/codec'
import type { AccountId } from '@smacks/runtime'

/** The link between a served domain and another one. */
export type LinkKey = string

export const keyOf = (here: string, there: string): LinkKey => `${here}>${there}`

export const linkKey = (account: AccountId, contact: string): LinkKey =>
  keyOf(domainpartOf(account), domainpartOf(contact))

/** The two domains of a link. */
export const domainsOf = (key: LinkKey): { readonly here: string; readonly there: string } => {
  const at = key.indexOf('>')
  return { here: key.slice(0, at), there: key.slice(at + 1) }
}
