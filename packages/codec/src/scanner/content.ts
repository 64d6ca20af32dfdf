/** What is inside of a stanza, or of another first-level element. */
import type { ChildOutline, InnerOutline } from '../outline.js'
import type { StreamLimits } from '../stream-limits.js'
import { byte, kind, kinds } from './bytes.js'
import { behindCharacter, behindReference, incomplete, unusual } from './characters.js'
import { behindName, type StartTag } from './start-tag.js'
import type { Words } from './words.js'

/** Elements inside each other that are followed here. */
const deepest = 32

export class Content {
  children: Array<ChildOutline> = []
  /** There are characters beyond ASCII in it. */
  isWide = false
  #bytes: Uint8Array = new Uint8Array()
  #xmlns = ''
  /** Elements that are open, the stanza being the first. */
  #depth = 0
  #deepest = 0
  #elementsLeft = 0
  #mostAttributes = 0
  /** Where the names of the open elements begin and end. */
  readonly #nameStarts = new Int32Array(deepest + 1)
  readonly #nameEnds = new Int32Array(deepest + 1)
  /** The namespace that holds in each of them; empty for the stream's. */
  readonly #namespaces = new Array<string>(deepest + 1).fill('')
  #grandchildren: Array<InnerOutline> = []

  constructor(
    private readonly words: Words,
    private readonly tag: StartTag,
  ) {}

  /** There is nothing in the stanza. */
  none(tagEnd: number): number {
    this.children = []
    this.isWide = false
    return tagEnd
  }

  /**
   * Reads on from behind the start tag of an element whose name is between these indices; to behind its closing tag. `own`: its
   * namespace, empty for the stream's.
   */
  read(
    bytes: Uint8Array,
    tagEnd: number,
    nameStart: number,
    nameEnd: number,
    { xmlns }: { readonly xmlns: string },
    { depth, elements, attributes }: StreamLimits,
    own = '',
  ): number {
    this.children = []
    this.isWide = false
    this.#bytes = bytes
    this.#xmlns = xmlns
    this.#deepest = Math.min(depth, deepest)
    this.#elementsLeft = elements - 1
    this.#mostAttributes = attributes
    this.#depth = 0
    this.#open(nameStart, nameEnd, own)
    let at = tagEnd
    while (this.#depth > 0) {
      at = this.#text(at)
      if (at <= 0) return at
      if (at + 1 >= bytes.length) return incomplete
      at = bytes[at + 1] === byte.slash ? this.#close(at + 2) : this.#child(at + 1)
      if (at <= 0) return at
    }
    return at
  }

  #open(nameStart: number, nameEnd: number, xmlns: string): void {
    this.#depth += 1
    this.#nameStarts[this.#depth] = nameStart
    this.#nameEnds[this.#depth] = nameEnd
    this.#namespaces[this.#depth] = xmlns
  }

  /** Reads text up to the tag behind it. */
  #text(start: number): number {
    const bytes = this.#bytes
    const end = bytes.length
    let at = start
    while (at < end) {
      const code = Number(bytes[at])
      switch (kinds[code]) {
        case kind.plain:
        case kind.quote:
        case kind.white:
          at += 1
          break
        case kind.less:
          return at
        case kind.greater:
          // The end of a section without its beginning.
          if (bytes[at - 1] === byte.bracket && bytes[at - 2] === byte.bracket) return unusual
          at += 1
          break
        case kind.ampersand:
          at = behindReference(bytes, at, end)
          if (at <= 0) return at
          break
        case kind.lead:
          this.isWide = true
          at = behindCharacter(bytes, at, end)
          if (at <= 0) return at
          break
        default:
          return unusual
      }
    }
    return incomplete
  }

  #close(start: number): number {
    const bytes = this.#bytes
    let at = start
    const nameEnd = Number(this.#nameEnds[this.#depth])
    for (let name = Number(this.#nameStarts[this.#depth]); name < nameEnd; name += 1, at += 1) {
      if (at >= bytes.length) return incomplete
      if (bytes[at] !== bytes[name]) return unusual
    }
    if (at >= bytes.length) return incomplete
    if (bytes[at] !== byte.greater) return unusual
    this.#depth -= 1
    return at + 1
  }

  #child(nameStart: number): number {
    const bytes = this.#bytes
    const nameEnd = behindName(bytes, nameStart, bytes.length)
    if (nameEnd <= 0) return nameEnd
    const { tag } = this
    const tagEnd = tag.scan(bytes, nameEnd, bytes.length)
    if (tagEnd <= 0) return tagEnd
    const around = this.#namespaces[this.#depth] as string
    // Where the stream's namespace holds already, it is taken out; and of what has too many levels, elements or attributes all is.
    if (tag.xmlns === this.#xmlns && around === '') return unusual
    if (this.#depth >= this.#deepest || this.#elementsLeft === 0 || tag.count > this.#mostAttributes) return unusual
    this.#elementsLeft -= 1
    this.isWide ||= tag.isWide
    const xmlns = tag.xmlns ?? around
    if (this.#depth <= 2) this.#outline(nameStart, nameEnd, xmlns)
    if (!tag.isEmpty) this.#open(nameStart, nameEnd, xmlns)
    return tagEnd
  }

  #outline(nameStart: number, nameEnd: number, xmlns: string): void {
    const name = this.words.of(this.#bytes, nameStart, nameEnd)
    if (this.#depth === 2) {
      this.#grandchildren.push({ name, xmlns })
      return
    }
    this.#grandchildren = []
    this.children.push({ name, xmlns, by: this.#by(), children: this.#grandchildren })
  }

  #by(): string | undefined {
    const by = this.tag.attribute('by')
    return by === undefined ? undefined : this.tag.value(this.#bytes, by)
  }
}
