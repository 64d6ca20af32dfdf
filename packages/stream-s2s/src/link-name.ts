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
  readonly local: string
  readonly remote: string
}

/** What we send. */
export const outgoingLink = (local: string, remote: string): AccountId => `${local}>${remote}`

/** What we receive. */
export const incomingLink = (local: string, remote: string): AccountId => `${local}<${remote}`

/** The link of this name; nothing if it names an account. */
export const readLink = (id: AccountId): LinkName | undefined => {
  const at = id.search(/[<>]/)
  return at < 0
    ? undefined
    : { direction: id[at] === '>' ? 'outgoing' : 'incoming', local: id.slice(0, at), remote: id.slice(at + 1) }
}

/** The name as an operator typed it, both domains normalised; nothing if it is no name of a link. */
export const linkNamed = (typed: string): AccountId | undefined => {
  const link = readLink(typed)
  if (link === undefined) return undefined
  const local = domainOf(link.local)
  const remote = domainOf(link.remote)
  if (local === undefined || remote === undefined) return undefined
  return link.direction === 'outgoing' ? outgoingLink(local, remote) : incomingLink(local, remote)
}

/** True for the name of a link, of whatever domain. */
export const isLink = (id: AccountId): boolean => readLink(id) !== undefined

/** The resource of the one session that an outgoing link has. */
export const outgoingResource = 'stream'
