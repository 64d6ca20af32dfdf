/** The addresses of a stream header (RFC 6120 §§4.7.1, 4.7.2) and of whom SASL lets in. */
import { bareJid, type Jid, parseJid, type StreamFault, type StreamHeader } from '@smacks/codec'
import type { AccountId } from '@smacks/runtime'
import { brief } from '@smacks/stream'
import { toUndefined } from '#fp-ts/Option'

/** The account of a user of a domain: its bare JID, normalised. Nothing if there can be no such user. */
export const accountOf = (username: string, domain: string): AccountId | undefined => {
  const jid = parsed(`${username}@${domain}`)
  return jid === undefined || jid.local === '' || jid.resource !== '' ? undefined : bareJid(jid)
}

/** Whom a header claims to come from, if it is a user's address: the bare JID, normalised. */
export const claimedAccount = ({ from }: StreamHeader): AccountId | undefined => {
  const jid = from === undefined ? undefined : parsed(from)
  return jid === undefined || jid.local === '' ? undefined : bareJid(jid)
}

/** The `to` of our header: the bare JID that the client's stated, as it stated it. */
export const addresseeOf = ({ from }: StreamHeader): string | undefined =>
  from === undefined || parsed(from) === undefined ? undefined : from.replace(/\/.*$/s, '')

/**
 * What is wrong with a `from` on a stream to this domain, once the account is authenticated if it is. Texts that are
 * no addresses are ignored: there are clients that send such.
 */
export const fromFault = (
  header: StreamHeader,
  domain: string,
  account: AccountId | undefined,
): StreamFault | undefined => {
  const jid = header.from === undefined ? undefined : parsed(header.from)
  if (jid === undefined) return undefined
  // XEP-0388 §2.1.
  if (jid.domain !== domain)
    return {
      condition: 'invalid-from',
      text: `The stream is to '${domain}' and from '${brief(header.from ?? '')}', of another domain.`,
    }
  const claimed = claimedAccount(header)
  return account === undefined || claimed === undefined || claimed === account
    ? undefined
    : { condition: 'invalid-from', text: `The stream is from '${brief(header.from ?? '')}', but you are '${account}'.` }
}

const parsed = (text: string): Jid | undefined => toUndefined(parseJid(text))
