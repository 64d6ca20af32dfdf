/**
 * Strings that come again and again, such as names, namespaces and addresses: each is made once, and is found by its bytes.
 * What is kept of a stanza shares its strings with others.
 */
import type { ByteStringReader } from '../byte-string.js'

/** A power of two. What meets another in its place replaces it, so nobody can make this grow. */
const places = 2048

/** Longer strings are made each time. */
const longestWord = 64

export class Words {
  readonly #words = new Array<string>(places).fill('')

  constructor(private readonly read: ByteStringReader) {}

  /** The string of these bytes, which are of ASCII. */
  of(bytes: Uint8Array, start: number, end: number): string {
    const length = end - start
    if (length > longestWord) return this.read(bytes, start, end)
    let hash = length
    for (let at = start; at < end; at += 1) hash = (Math.imul(hash, 31) + Number(bytes[at])) | 0
    const place = (hash ^ (hash >>> 15)) & (places - 1)
    const word = this.#words[place] as string
    if (isAt(bytes, start, length, word)) return word
    const made = this.read(bytes, start, end)
    this.#words[place] = made
    return made
  }
}

const isAt = (bytes: Uint8Array, start: number, length: number, word: string): boolean => {
  if (word.length !== length) return false
  for (let at = 0; at < length; at += 1) if (bytes[start + at] !== word.charCodeAt(at)) return false
  return true
}
