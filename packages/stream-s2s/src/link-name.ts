/**
 * The names of links between a served domain and another. The runtime knows a link as it knows an account, and no JID has
 * `<` or `>` in its domain (RFC 7622 §3.2), so no name is both.
 */

import { domainOf } from '@smacks/codec'
import type { AccountId } from '@smacks/runtime'

/** One direction of the traffic of two domains; each has streams of its own (RFC 6120 §2.5). */
export interface LinkName {
  readonly direction: 'incoming' | 'outgoing'
  /** A domain that is served here. */
  readonly here: string
  readonly there: string
}

/** What we send. */
export const outgoingLink = (here: string, there: string): AccountId => `${here}>${there}`

/** What we receive. */
export const incomingLink = (here: string, there: string): AccountId => `${here}<${there}`

/** The link of this name; nothing if it names an account. */
export const readLink = (id: AccountId): LinkName | undefined => {
  const at = id.search(/[<>]/)
  return at < 0
    ? undefined
    : { direction: id[at] === '>' ? 'outgoing' : 'incoming', here: id.slice(0, at), there: id.slice(at + 1) }
}

/** The name as an operator typed it, both domains normalised; nothing if it is no name of a link. */
export const linkNamed = (typed: string): AccountId | undefined => {
  const link = readLink(typed)
  if (link === undefined) return undefined
  const here = domainOf(link.here)
  const there = domainOf(link.there)
  if (here === undefined || there === undefined) return undefined
  return link.direction === 'outgoing' ? outgoingLink(here, there) : incomingLink(here, there)
}

/** True for the name of a link, of whatever domain. */
export const isLink = (id: AccountId): boolean => readLink(id) !== undefined

/** The resource of the one session that an outgoing link has. */
export const outgoingResource = 'stream'
