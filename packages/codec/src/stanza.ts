/** Stanzas as the server passes them around, and what is made of them. */
import * as Either from '#fp-ts/Either'
import { type ByteString, isAscii, textOfBytes, utf8Bytes } from './byte-string.js'
import { type Attributes, Element, element } from './element.js'
import { stanzaErrorNamespace } from './namespaces.js'
import { outlineOf, type StanzaOutline } from './outline.js'
import { parseElement } from './parse-element.js'
import { type ScannedStanza, scanText } from './scanner/scanner.js'
import { isStanzaName } from './stanza-name.js'
import { usualElement } from './usual-element.js'
import { utf8Length } from './utf8.js'
import { attributeBytes, toXml } from './xml.js'

/** True for a first-level element that is a stanza of the stream's content namespace. */
export const isStanza = (element: Element): boolean => isStanzaName(element.name) && element.attrs.xmlns === undefined

/** Why a stanza that came, and counts, is answered with an error and goes nowhere. */
export interface StanzaFault {
  readonly condition: 'jid-malformed' | 'policy-violation'
  /** One English sentence that names the thing, its value and what is allowed. */
  readonly text?: string
}

/**
 * A stanza, in the form that it came in. What came usual is never parsed: its outline has what is asked of it on its way, and
 * its bytes leave as they came. Once it was written it is text, and nothing else is kept: a tree takes ten times the memory,
 * and text is what waits in queues. Never mutated.
 */
export class Stanza {
  /** Of what was scanned: the outline, the attribute `from` with a blank in front, and what else follows the name. */
  #outline: StanzaOutline | undefined
  #from = '' as ByteString
  #tail = '' as ByteString
  #isWide = true
  #element: Element | undefined
  #text: string | undefined
  #bytes: ByteString | undefined

  private constructor(
    element: Element | undefined,
    text: string | undefined,
    /** Present if it is to be answered with an error, and not to be routed. */
    readonly fault?: StanzaFault,
  ) {
    this.#element = element
    this.#text = text
  }

  /** A stanza that came and counts, but goes nowhere: its name and its addresses, for the answer. */
  static refused(addressed: Element, fault: StanzaFault): Stanza {
    return new Stanza(addressed, undefined, fault)
  }

  /** Takes an element, which is not copied: nobody changes it from here on. */
  static fromElement(element: Element): Stanza {
    return new Stanza(element, undefined)
  }

  /** Takes trusted text: one element, as this package wrote it or let it pass. */
  static fromXml(text: string): Stanza {
    return new Stanza(undefined, text)
  }

  /** Takes trusted bytes of one element, as text is taken by `fromXml`. */
  static fromBytes(bytes: ByteString): Stanza {
    const stanza = new Stanza(undefined, undefined)
    stanza.#bytes = bytes
    return stanza
  }

  /** A stanza that nobody has parsed. */
  static fromScanned({ outline, from, tail, isWide }: ScannedStanza): Stanza {
    const stanza = new Stanza(undefined, undefined)
    stanza.#outline = outline
    stanza.#from = from
    stanza.#tail = tail
    stanza.#isWide = isWide
    return stanza
  }

  /** How it is addressed, and which elements are in it. What is text has to be scanned, or even parsed, for that. */
  get outline(): StanzaOutline {
    return this.#outline ?? this.#scanned()?.outline ?? outlineOf(this.element)
  }

  /** Whether there is a tree of it in memory. */
  get isParsed(): boolean {
    return this.#element !== undefined
  }

  /** The stanza, parsed. Throws if it was made from text that is not one element. */
  get element(): Element {
    if (this.#element === undefined && this.#outline !== undefined)
      this.#element = usualElement(textOfBytes(this.#joined(this.#outline)))
    if (this.#element === undefined) {
      const parsed = parseElement(this.peekXml())
      if (Either.isLeft(parsed)) throw new Error(`stanza text is not one XML element: ${parsed.left}`)
      this.#element = parsed.right
    }
    return this.#element
  }

  /**
   * The stanza with its name, `from`, `to`, `id` and `type` at least: enough for an answer, and little work also where it is
   * large. Of what is not parsed, what is inside is left out.
   */
  get head(): Element {
    if (this.#element !== undefined) return this.#element
    if (this.#outline !== undefined) {
      const { name, from, to, id, type } = this.#outline
      return element(name, { from, to, id, type })
    }
    const text = this.peekXml()
    // What is written here, or let pass, has no '>' in an attribute.
    const startTag = text.slice(0, text.indexOf('>'))
    return Stanza.fromXml(startTag.endsWith('/') ? `${startTag}>` : `${startTag}/>`).element
  }

  /** The stanza, written. */
  get xml(): string {
    this.#write()
    return this.#text ?? textOfBytes(this.#bytes as ByteString)
  }

  /** The stanza, written, in UTF-8. */
  get bytes(): ByteString {
    this.#write()
    if (this.#bytes === undefined) {
      this.#bytes = utf8Bytes(this.#text as string)
      // What has left waits as what it left as.
      this.#text = undefined
    }
    return this.#bytes
  }

  /** Its length in bytes, written. */
  get size(): number {
    if (this.#bytes !== undefined) return this.#bytes.length
    if (this.#outline === undefined) return utf8Length(this.xml)
    return '<'.length + this.#outline.name.length + this.#from.length + this.#tail.length
  }

  /** The stanza, written, for an onlooker: it stays as it is, so that nobody who works on it has to parse it again. */
  peekXml(): string {
    if (this.#text !== undefined) return this.#text
    if (this.#bytes !== undefined) return textOfBytes(this.#bytes)
    return this.#outline === undefined ? toXml(this.element) : textOfBytes(this.#joined(this.#outline))
  }

  /** As it stands in an element of another namespace, where it has to state its own. It stays in the form that it has. */
  inside(xmlns: string): ByteString {
    const bytes = this.#bytes ?? (this.#outline === undefined ? utf8Bytes(this.peekXml()) : this.#joined(this.#outline))
    const nameEnd = bytes.search(/[ />]/)
    return `${bytes.slice(0, nameEnd)}${attributeBytes('xmlns', xmlns)}${bytes.slice(nameEnd)}` as ByteString
  }

  /**
   * The same from this address, and to that one if it is given and the stanza has no other. What is usual is not parsed for
   * it: its start tag begins anew, and the rest is what came. The text is the same whatever form the stanza is in.
   */
  sent(from: string, to?: string): Stanza {
    const outline = this.#outline
    if (outline === undefined) {
      const scanned = this.#scanned()
      return scanned === undefined
        ? Stanza.fromElement(sentElement(this.element, from, to))
        : Stanza.fromScanned(scanned).sent(from, to)
    }
    const { name, id, type, children } = outline
    const addressee = outline.to === undefined && to !== undefined ? attributeBytes('to', to) : ''
    const sender = attributeBytes('from', from)
    return Stanza.fromScanned({
      outline: { name, from, to: outline.to ?? to, id, type, children },
      from: sender,
      tail: (addressee + this.#tail) as ByteString,
      isWide: this.#isWide || !isAscii(sender) || !isAscii(addressee),
    })
  }

  /** What is found in what is only text; nothing if that is unusual. */
  #scanned(): ScannedStanza | undefined {
    return this.#element === undefined ? scanText(this.#bytes ?? utf8Bytes(this.xml)) : undefined
  }

  #write(): void {
    if (this.#text !== undefined || this.#bytes !== undefined) return
    if (this.#outline === undefined) this.#text = toXml(this.element)
    else {
      this.#bytes = this.#joined(this.#outline)
      if (!this.#isWide) this.#text = this.#bytes
    }
    this.#element = this.#outline = undefined
    this.#from = this.#tail = '' as ByteString
  }

  #joined({ name }: StanzaOutline): ByteString {
    return `<${name}${this.#from}${this.#tail}` as ByteString
  }
}

/** The element from and to these addresses, which come first. */
const sentElement = (original: Element, from: string, to: string | undefined): Element => {
  const { from: _, ...others } = original.attrs
  const sent = element(original.name, { from, ...(others.to === undefined ? { to } : {}), ...others })
  sent.children = original.children
  return sent
}

/** The same element with some attributes replaced, or removed where `undefined`. Children are shared. */
export const withAttributes = (original: Element, attrs: Readonly<Attributes>): Element => {
  const copy = new Element(original.name)
  copy.children = original.children
  // No `delete`: it would make every later access slow.
  for (const name in original.attrs) {
    const value = Object.hasOwn(attrs, name) ? attrs[name] : original.attrs[name]
    if (value !== undefined) copy.attrs[name] = value
  }
  for (const name in attrs) {
    const value = attrs[name]
    if (value !== undefined) copy.attrs[name] = value
  }
  return copy
}

/** What a sender can do about an error (RFC 6120 §8.3.2). */
export type StanzaErrorType = 'auth' | 'cancel' | 'continue' | 'modify' | 'wait'

/** The error reply to a stanza (RFC 6120 §8.3): `from` and `to` swapped, same id, the condition and nothing else inside. */
export const stanzaError = (
  stanza: Element,
  type: StanzaErrorType,
  condition: string,
  options: { readonly text?: string; readonly by?: string } = {},
): Element =>
  element(
    stanza.name,
    { from: stanza.attrs.to, to: stanza.attrs.from, id: stanza.attrs.id, type: 'error' },
    element(
      'error',
      { type, by: options.by },
      element(condition, { xmlns: stanzaErrorNamespace }),
      ...(options.text === undefined
        ? []
        : [element('text', { xmlns: stanzaErrorNamespace, 'xml:lang': 'en' }, options.text)]),
    ),
  )
