/** What bytes mean to the scanner. */

export const byte = {
  space: 0x20,
  ampersand: 0x26,
  apostrophe: 0x27,
  quote: 0x22,
  slash: 0x2f,
  colon: 0x3a,
  semicolon: 0x3b,
  less: 0x3c,
  equals: 0x3d,
  greater: 0x3e,
  question: 0x3f,
  bracket: 0x5d,
} as const

/** What a byte is inside of text and of the value of an attribute. */
export const kind = {
  plain: 0,
  less: 1,
  ampersand: 2,
  /** Either quote: plain in text. */
  quote: 3,
  greater: 4,
  /** A tab or a line end: plain in text; a parser changes them in a value. */
  white: 5,
  /** The first byte of a character beyond ASCII. */
  lead: 6,
  /** What XML does not have, what a parser changes, and what begins no character. */
  unusual: 7,
} as const

const kindOf = (code: number): number => {
  if (code === byte.less) return kind.less
  if (code === byte.ampersand) return kind.ampersand
  if (code === byte.quote || code === byte.apostrophe) return kind.quote
  if (code === byte.greater) return kind.greater
  if (code === 0x09 || code === 0x0a) return kind.white
  if (code < 0x20) return kind.unusual
  if (code < 0x80) return kind.plain
  return code >= 0xc2 && code <= 0xf4 ? kind.lead : kind.unusual
}

const table = (of: (code: number) => number): Uint8Array => Uint8Array.from({ length: 0x100 }, (_, code) => of(code))

export const kinds = table(kindOf)

const matching = (pattern: RegExp): Uint8Array =>
  table(code => (code < 0x80 && pattern.test(String.fromCharCode(code)) ? 1 : 0))

/** Characters that begin names, and of which names are: those of ASCII, without the colon. */
export const nameStarts = matching(/[A-Za-z_]/)
export const nameCharacters = matching(/[-.\w]/)

/** Characters of the namespaces that are usual: those of URIs (RFC 3986 §2) but those that have a meaning in XML. */
export const namespaceCharacters = matching(/[-!#$%()*+,./:;=?@\w~[\]]/)

/** The references that XML itself declares, without their ampersand. */
export const references: ReadonlyArray<Uint8Array> = ['amp;', 'lt;', 'gt;', 'quot;', 'apos;'].map(name =>
  Uint8Array.from(name, character => character.charCodeAt(0)),
)
