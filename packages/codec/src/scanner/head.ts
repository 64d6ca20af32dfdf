/** The start tag of a stanza: its attributes as values, and its text without those that others write. */
import type { ByteString, ByteStringReader } from '../byte-string.js'
import { attributeBytes } from '../xml.js'
import type { ReadAttribute, StartTag } from './start-tag.js'

export class Head {
  /** Attributes by their values. */
  from: string | undefined
  to: string | undefined
  id: string | undefined
  type: string | undefined
  /** The attribute `from` as it came, with the white space in front of it. */
  stamp = '' as ByteString
  #lang = '' as ByteString
  /** What comes after the name but for the two parts that are cut out, which may be empty. */
  #start = 0
  #firstCut = 0
  #firstEnd = 0
  #secondCut = 0
  #secondEnd = 0

  constructor(private readonly read: ByteStringReader) {}

  /** Takes over what the start tag says; `lang` is what the stream's header does. */
  take(bytes: Uint8Array, nameEnd: number, tag: StartTag, lang: string | undefined): void {
    this.from = this.to = this.id = this.type = undefined
    this.stamp = '' as ByteString
    this.#start = nameEnd
    this.#firstCut = this.#firstEnd = this.#secondCut = this.#secondEnd = nameEnd
    let hasLang = false
    for (let i = 0; i < tag.count; i += 1) {
      const attribute = tag.attributes[i] as ReadAttribute
      switch (attribute.name) {
        case 'xmlns':
          this.#cut(attribute)
          break
        case 'from':
          this.from = tag.value(bytes, attribute)
          this.stamp = this.read(bytes, attribute.gap, attribute.to + 1)
          this.#cut(attribute)
          break
        case 'to':
          this.to = tag.value(bytes, attribute)
          break
        case 'id':
          this.id = tag.value(bytes, attribute)
          break
        case 'type':
          this.type = tag.value(bytes, attribute)
          break
        case 'xml:lang':
          hasLang = true
      }
    }
    this.#lang = lang === undefined || hasLang ? ('' as ByteString) : attributeBytes('xml:lang', lang)
  }

  /** What follows the name, up to the end of the stanza, without `xmlns` and `from`, and with the language of the stream. */
  tail(bytes: Uint8Array, end: number): ByteString {
    const { read } = this
    // Mostly nothing is cut, or what is in front: it is one string then, and no other is kept for it.
    let tail = read(bytes, this.#secondEnd, end)
    if (this.#secondCut > this.#firstEnd) tail = (read(bytes, this.#firstEnd, this.#secondCut) + tail) as ByteString
    if (this.#firstCut > this.#start) tail = (read(bytes, this.#start, this.#firstCut) + tail) as ByteString
    return this.#lang === '' ? tail : ((this.#lang + tail) as ByteString)
  }

  #cut({ gap, to }: ReadAttribute): void {
    this.#firstCut = this.#secondCut
    this.#firstEnd = this.#secondEnd
    this.#secondCut = gap
    this.#secondEnd = to + 1
  }
}
