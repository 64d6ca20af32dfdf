/** Addresses (RFC 7622). */
import * as Option from 'fp-ts/lib/Option.js'

/** An address in its parts, normalised; a part that is absent is `''`. */
export interface Jid {
  readonly local: string
  readonly domain: string
  readonly resource: string
}

export const parseJid = (text: string): Option.Option<Jid> => {
  const slash = text.indexOf('/')
  const bare = slash < 0 ? text : text.slice(0, slash)
  const at = bare.indexOf('@')
  const local = (at < 0 ? '' : bare.slice(0, at)).toLowerCase().normalize('NFC')
  const domain = bare.slice(at + 1).toLowerCase()
  const resource = slash < 0 ? '' : text.slice(slash + 1)
  if (domain === '' || at === 0 || (slash >= 0 && resource === '')) return Option.none
  return Option.some({ local, domain, resource })
}

export const bareJid = ({ local, domain }: Jid): string => (local === '' ? domain : `${local}@${domain}`)

export const formatJid = (jid: Jid): string => (jid.resource === '' ? bareJid(jid) : `${bareJid(jid)}/${jid.resource}`)

/** The text before the first `/`. */
export const bareOf = (text: string): string => {
  const slash = text.indexOf('/')
  return slash < 0 ? text : text.slice(0, slash)
}

/** The text after the first `/`, `''` if there is none. */
export const resourceOf = (text: string): string => {
  const slash = text.indexOf('/')
  return slash < 0 ? '' : text.slice(slash + 1)
}
