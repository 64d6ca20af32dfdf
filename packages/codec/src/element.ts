/** XML elements. The only file of smacks that imports ltx, and only its `Element`, which runs on any platform. */
import LtxElement from 'ltx/src/Element.js'

/** A child of an element: another element, or text. */
export type ElementChild = Element | string

/** Attributes by their name as written, prefix included. */
export interface Attributes {
  [name: string]: string | undefined
}

/**
 * An ltx element. Whoever is handed one treats it as a value and changes nothing: stanzas share their parts.
 * Only whoever makes an element calls its builders (`c`, `t`, `cnode`, `append`, `up`), before passing it on.
 */
export interface Element {
  /** The name as written, prefix included. */
  readonly name: string
  attrs: Attributes
  children: Array<ElementChild>
  parent: Element | null

  /** True if it has this name, prefix aside, and this namespace if one is given. */
  is(name: string, xmlns?: string): boolean
  /** The name without its prefix. */
  getName(): string
  /** The namespace, as far as this element or an ancestor declares it. */
  getNS(): string | undefined
  /** The namespace of a prefix, or without one the default namespace, as far as this element or an ancestor declares it. */
  findNS(prefix?: string): string | undefined
  /** The attribute of this name as written, prefix included. */
  attr(name: string): string | undefined
  /** The attribute of this name, without a namespace or in `xmlns`, whatever its prefix is. */
  getAttr(name: string, xmlns?: string): string | null | undefined
  /** The first child element of this name, and of this namespace if one is given. */
  getChild(name: string, xmlns?: string): Element | undefined
  /** All child elements of this name, and of this namespace if one is given. */
  getChildren(name: string, xmlns?: string): Array<Element>
  /** All child elements, without the text between them. */
  getChildElements(): Array<Element>
  /** The text directly inside the first such child, joined; `null` if there is no such child. */
  getChildText(name: string, xmlns?: string): string | null
  /** The text directly inside, joined. */
  getText(): string
  /** The same as `getText`. */
  text(): string
  /** The outermost ancestor, or itself. */
  root(): Element

  /** Adds a child element and returns the child. */
  c(name: string, attrs?: Attributes): Element
  /** Adds text and returns this element. */
  t(text: string): this
  /** Adds a child and returns it. */
  cnode<C extends ElementChild>(child: C): C
  /** Adds children behind all others. */
  append(...children: ReadonlyArray<ElementChild>): void
  /** Adds each before all others, so that the last one comes first. */
  prepend(...children: ReadonlyArray<ElementChild>): void
  /** The parent, or itself at the root. */
  up(): Element
  /** The element, written; `toXml` is faster and writes what every recipient can parse. */
  toString(): string
}

/** Makes elements without children. */
export interface ElementConstructor {
  new (name: string, attrs?: Attributes): Element
}

/** The class of ltx: `instanceof` tells an element from text. */
export const Element: ElementConstructor = LtxElement

/** Makes an element; attributes that are `undefined` are left out. */
export const element = (
  name: string,
  attrs: Readonly<Attributes> = {},
  ...children: ReadonlyArray<ElementChild>
): Element => {
  const made = new Element(name)
  for (const key in attrs) {
    const value = attrs[key]
    if (value !== undefined) made.attrs[key] = value
  }
  for (const child of children) made.cnode(child)
  return made
}
