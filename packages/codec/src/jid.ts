/**
 * Addresses (RFC 7622), normalised so that equal addresses are equal texts.
 *
 * The local part follows UsernameCaseMapped and the resource OpaqueString (RFC 8265 §§3.3, 4.2). The domain is in U-labels,
 * so that both ways to write one are equal.
 */
import * as Option from '#fp-ts/Option'
import { obeyBidiRule } from './bidi-rule.js'
import { hasALabels, inUnicodeLabels } from './idna.js'
import { ownText } from './own-text.js'
import { contextHolds, isAscii, isFreeform, isIdentifier } from './precis.js'
import { utf8Length } from './utf8.js'

/** An address in its parts, normalised; a part that is absent is `''`. */
export interface Jid {
  readonly local: string
  readonly domain: string
  readonly resource: string
}

/** Bytes of a part at most (RFC 7622 §3.1). */
const partBytes = 1023

/** Two separators and three parts; a longer text is not even looked at. */
const textLength = 3 * partBytes + 2

/** Addresses kept in each of the two generations of the cache. */
const cacheSize = 1024

/**
 * The address that a text states, `None` if it states none: an empty part, a part of more than 1023 bytes, or a
 * character where it is not allowed. Answers for recent texts are remembered.
 */
export const parseJid = (text: string): Option.Option<Jid> => {
  const known = recent.get(text)
  if (known !== undefined) return known
  if (text.length > textLength) return Option.none
  const own = ownText(text)
  const parsed = older.get(own) ?? parse(own)
  remember(own, parsed)
  return parsed
}

/** The address without its resource: of an account or a domain. */
export const bareJid = ({ local, domain }: Jid): string => (local === '' ? domain : `${local}@${domain}`)

/** The whole address. */
export const formatJid = (jid: Jid): string => (jid.resource === '' ? bareJid(jid) : `${bareJid(jid)}/${jid.resource}`)

/** The text before the first `/`. For texts that are normalised already: nothing is checked. */
export const bareOf = (text: string): string => {
  const slash = text.indexOf('/')
  return slash === -1 ? text : text.slice(0, slash)
}

/** The text after the first `/`, `''` if there is none. For texts that are normalised already: nothing is checked. */
export const resourceOf = (text: string): string => {
  const slash = text.indexOf('/')
  return slash === -1 ? '' : text.slice(slash + 1)
}

/** The domain, without a local part and a resource. For texts that are normalised already: nothing is checked. */
export const domainpartOf = (text: string): string => {
  const bare = bareOf(text)
  return bare.slice(bare.indexOf('@') + 1)
}

/**
 * The domain that a text names as an address, normalised, also if another part of it makes it no address; nothing if there
 * is none.
 */
export const domainInAddress = (text: string | undefined): string | undefined => {
  if (text === undefined) return undefined
  const jid = parseJid(text)
  if (jid._tag === 'Some') return jid.value.domain
  const written = domainpartOf(text)
  const domain = written.length > partBytes ? Option.none : parseJid(written)
  return domain._tag === 'Some' && domain.value.local === '' ? domain.value.domain : undefined
}

/** The domain of an address that is a domain and nothing else, normalised; nothing if the text is any other. */
export const domainOf = (text: string): string | undefined => {
  const jid = parseJid(text)
  return jid._tag === 'None' || jid.value.local !== '' || jid.value.resource !== '' ? undefined : jid.value.domain
}

/**
 * True if a session with this full JID may send a stanza with this `from`: its full JID, or its bare JID (RFC 6120
 * §8.1.2.1).
 */
export const isOwnAddress = (from: string, fullJid: string): boolean => {
  if (from === fullJid) return true
  const claimed = parseJid(from)
  if (claimed._tag === 'None') return false
  const normalised = formatJid(claimed.value)
  return normalised === fullJid || normalised === bareOf(fullJid)
}

// Two generations, so that forgetting costs nothing and what is asked for often stays.
let recent = new Map<string, Option.Option<Jid>>()
let older = new Map<string, Option.Option<Jid>>()

const remember = (text: string, parsed: Option.Option<Jid>): void => {
  if (recent.size >= cacheSize) {
    older = recent
    recent = new Map()
  }
  recent.set(text, parsed)
}

const parse = (text: string): Option.Option<Jid> => {
  const slash = text.indexOf('/')
  const bare = slash === -1 ? text : text.slice(0, slash)
  const at = bare.indexOf('@')
  const local = at === -1 ? '' : normalLocal(bare.slice(0, at))
  const domain = normalDomain(bare.slice(at + 1))
  const resource = slash === -1 ? '' : normalResource(text.slice(slash + 1))
  return local === undefined || domain === undefined || resource === undefined
    ? Option.none
    : Option.some({ local, domain, resource })
}

const fits = (part: string): boolean => part !== '' && (part.length * 3 <= partBytes || utf8Length(part) <= partBytes)

// Local part

const plainLocal = /^[a-z0-9._-]+$/
/** Characters of another width than usual (RFC 8265 §3.3.1). */
const otherWidths = /[\u3000\uff01-\uffef]/gu

const normalLocal = (written: string): string | undefined => {
  if (plainLocal.test(written)) return fits(written) ? written : undefined
  const mapped = written
    .replace(otherWidths, wide => wide.normalize('NFKC'))
    .toLowerCase()
    .normalize('NFC')
  return isIdentifier(mapped) && contextHolds(mapped) && obeyBidiRule([mapped]) && fits(mapped) ? mapped : undefined
}

// Domain

const plainDomain = /^[a-z0-9]+(?:[.-][a-z0-9]+)*$/
const asciiLabel = /^(?!-)[a-z0-9_-]{1,63}(?<!-)$/
/** Dots of East Asian scripts (RFC 5895 §2). */
const otherDots = /[\u3002\uff0e\uff61]/g

const normalDomain = (written: string): string | undefined => {
  if (written.startsWith('[')) return isIpv6Literal(written) ? written.toLowerCase() : undefined
  const mapped = plainDomain.test(written) ? written : mappedDomain(written)
  if (!fits(mapped)) return undefined
  if (isAscii(mapped) && !hasALabels(mapped))
    return mapped.split('.').every(each => asciiLabel.test(each)) ? mapped : undefined
  const unicode = inUnicodeLabels(mapped)
  return unicode !== undefined && fits(unicode) ? unicode : undefined
}

/** A last dot is ignored (RFC 7622 §3.2). */
const mappedDomain = (written: string): string =>
  written
    .replace(otherDots, '.')
    .replace(otherWidths, wide => wide.normalize('NFKC'))
    .toLowerCase()
    .normalize('NFC')
    .replace(/\.$/, '')

const ipv6Group = /^[0-9a-f]{1,4}$/i
const ipv4 = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}$/

/** An IPv6 address in brackets (RFC 3986 §3.2.2), without a zone. */
const isIpv6Literal = (text: string): boolean => {
  if (!text.endsWith(']')) return false
  const halves = text.slice(1, -1).split('::')
  if (halves.length > 2) return false
  const groups = halves.flatMap(half => (half === '' ? [] : half.split(':')))
  const last = groups.at(-1) ?? ''
  const embedded = ipv4.test(last)
  const count = groups.length + (embedded ? 1 : 0)
  return (
    (embedded ? groups.slice(0, -1) : groups).every(group => ipv6Group.test(group)) &&
    (halves.length === 2 ? count <= 7 : count === 8)
  )
}

// Resource

const plainResource = /^[\x20-\x7e]+$/

const normalResource = (written: string): string | undefined => {
  if (plainResource.test(written)) return fits(written) ? written : undefined
  const mapped = written.replace(/\p{Zs}/gu, ' ').normalize('NFC')
  return isFreeform(mapped) && contextHolds(mapped) && fits(mapped) ? mapped : undefined
}
