/** What takes more than a look at one byte: characters beyond ASCII, and references. */
import { byte, references } from './bytes.js'

/** It is right as far as it has come. Indices behind what was read are greater. */
export const incomplete = 0
/** It may be right or wrong: the parser is to say. */
export const unusual = -1

/**
 * The index behind the character beyond ASCII that begins here, if it is one of XML (section 2.2) in UTF-8 (RFC 3629 §4).
 */
export const behindCharacter = (bytes: Uint8Array, at: number, end: number): number => {
  const lead = Number(bytes[at])
  const length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4
  for (let next = at + 1; next < at + length; next += 1) {
    if (next === end) return incomplete
    if ((Number(bytes[next]) & 0xc0) !== 0x80) return unusual
  }
  return isCharacter(lead, Number(bytes[at + 1]), Number(bytes[at + 2])) ? at + length : unusual
}

const isCharacter = (lead: number, second: number, third: number): boolean =>
  lead < 0xe0 || (lead < 0xf0 ? isThree(lead, second, third) : isFour(lead, second))

/** No overlong form, no surrogate, neither U+FFFE nor U+FFFF. */
const isThree = (lead: number, second: number, third: number): boolean => {
  if (lead === 0xe0) return second >= 0xa0
  if (lead === 0xed) return second <= 0x9f
  return lead !== 0xef || second !== 0xbf || third < 0xbe
}

/** No overlong form, nothing beyond U+10FFFF. */
const isFour = (lead: number, second: number): boolean =>
  lead === 0xf0 ? second >= 0x90 : lead !== 0xf4 || second <= 0x8f

/** The index behind the reference that begins here, with an ampersand. */
export const behindReference = (bytes: Uint8Array, at: number, end: number): number => {
  for (const name of references) {
    const behind = behindWord(bytes, at + 1, end, name)
    if (behind !== unusual) return behind
  }
  return unusual
}

/** The index behind these bytes, if they are here. */
export const behindWord = (bytes: Uint8Array, at: number, end: number, word: ArrayLike<number>): number => {
  for (let i = 0; i < word.length; i += 1) {
    if (at + i >= end) return incomplete
    if (bytes[at + i] !== word[i]) return unusual
  }
  return at + word.length
}

/** The index of the first byte from here on that is no white space of XML. */
export const behindSpace = (bytes: Uint8Array, start: number): number => {
  let at = start
  for (; at < bytes.length; at += 1) {
    const code = bytes[at]
    if (code !== byte.space && code !== 0x0a && code !== 0x0d && code !== 0x09) break
  }
  return at
}
