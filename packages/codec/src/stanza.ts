/** Stanzas as the server passes them around, and what is made of them. */
import type { StanzaName } from '@smacks/core'
import * as Either from '#fp-ts/Either'
import { type Attributes, Element, element } from './element.js'
import { stanzaErrorNamespace } from './namespaces.js'
import { parseElement } from './parse-element.js'
import { toXml } from './xml.js'

/** True for the names of the three stanzas (RFC 6120 §8). */
export const isStanzaName = (name: string): name is StanzaName =>
  name === 'message' || name === 'presence' || name === 'iq'

/** True for a first-level element that is a stanza of the stream's content namespace. */
export const isStanza = (element: Element): boolean => isStanzaName(element.name) && element.attrs.xmlns === undefined

/** Why a stanza that came, and counts, is answered with an error and goes nowhere. */
export interface StanzaFault {
  readonly condition: 'jid-malformed' | 'policy-violation'
  /** One English sentence that names the thing, its value and what is allowed. */
  readonly text?: string
}

/**
 * A stanza: parsed until it is written, and from then on text, since text is what waits in queues and a tree takes
 * ten times the memory. Never mutated.
 */
export class Stanza {
  #form: Element | string
  /** What was parsed of the text. */
  #parsed: Element | undefined

  private constructor(
    form: Element | string,
    /** Present if it is to be answered with an error, and not to be routed. */
    readonly fault?: StanzaFault,
  ) {
    this.#form = form
  }

  /** A stanza that came and counts, but goes nowhere: its name and its addresses, for the answer. */
  static refused(addressed: Element, fault: StanzaFault): Stanza {
    return new Stanza(addressed, fault)
  }

  /** Takes an element, which is not copied: nobody changes it from here on. */
  static fromElement(element: Element): Stanza {
    return new Stanza(element)
  }

  /** Takes trusted text: one element, as this package wrote it. */
  static fromXml(xml: string): Stanza {
    return new Stanza(xml)
  }

  /** The stanza, parsed. Throws if it was made from text that is not one element. */
  get element(): Element {
    if (typeof this.#form !== 'string') return this.#form
    if (this.#parsed === undefined) {
      const parsed = parseElement(this.#form)
      if (Either.isLeft(parsed)) throw new Error(`stanza text is not one XML element: ${parsed.left}`)
      this.#parsed = parsed.right
    }
    return this.#parsed
  }

  /**
   * The stanza with its name and its attributes at least: enough for an answer, and little work also where it is large. Of
   * text, what is inside is left out.
   */
  get head(): Element {
    if (typeof this.#form !== 'string' || this.#parsed !== undefined) return this.element
    // What is written here has no '>' in an attribute.
    const startTag = this.#form.slice(0, this.#form.indexOf('>'))
    return Stanza.fromXml(startTag.endsWith('/') ? `${startTag}>` : `${startTag}/>`).element
  }

  /** The stanza, written. */
  get xml(): string {
    if (typeof this.#form !== 'string') this.#form = toXml(this.#form)
    return this.#form
  }

  /** The stanza, written, for an onlooker: it stays parsed, so that nobody who works on it has to parse it again. */
  peekXml(): string {
    return typeof this.#form === 'string' ? this.#form : toXml(this.#form)
  }
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
