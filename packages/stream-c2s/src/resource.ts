/** Resources: those that clients ask for, and those that they are given (RFC 6120 §7, XEP-0386 §3.2.1). */

import { createHash } from 'node:crypto'
import { type Element, parseJid } from '@smacks/codec'
import type { Resource } from '@smacks/core'
import type { AccountId } from '@smacks/runtime'
import { ns } from '@smacks/stream'
import { isNone } from '#fp-ts/Option'

/** Bytes of a full JID at most: the journal's keys have a bounded size. */
export const longestFullJid = 1_800

/** Whether the journal can keep a session of this name. */
export const isShortEnough = (account: AccountId, resource: Resource): boolean =>
  Buffer.byteLength(`${account}/${resource}`) <= longestFullJid

/** The resource as it is compared; nothing if it cannot be one. */
export const normalResource = (account: AccountId, wanted: string): string | undefined => {
  const jid = parseJid(`${account}/${wanted}`)
  return isNone(jid) ? undefined : jid.value.resource
}

/**
 * The resource of Bind 2: the client's tag, if it can be part of one, and what tells its installations apart. The same
 * installation gets the same resource again, so that its former session gives way.
 */
export const taggedResource = (
  account: AccountId,
  authenticate: Element,
  bind: Element,
  freshId: () => string,
): string => {
  const installation = installationOf(authenticate)
  const own = installation === undefined ? freshId() : digest(account, installation)
  const tag = bind.getChildText('tag', ns.bind2) ?? ''
  const tagged = tag === '' ? undefined : normalResource(account, `${tag}/${own}`)
  return tagged !== undefined && isShortEnough(account, tagged) ? tagged : own
}

/** The id of the installation, a UUID (XEP-0388 §2.3). Anything else is ignored: it may be the same elsewhere. */
const installationOf = (authenticate: Element): string | undefined => {
  const id = authenticate.getChild('user-agent', ns.sasl2)?.attrs.id?.toLowerCase()
  return id !== undefined && uuid.test(id) ? id : undefined
}

const uuid = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/

/** The id itself must not be seen in the resource; 96 bits of its digest keep installations apart. */
const digest = (account: AccountId, installation: string): string =>
  createHash('sha256').update(`${account}\n${installation}`).digest('base64url').slice(0, 16)
