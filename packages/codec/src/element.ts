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
  findNS(prefix?: string): string | undefined
  attr(name: string): string | undefined
  getAttr(name: string, xmlns?: string): string | null | undefined
  getChild(name: string, xmlns?: string): Element | undefined
  getChildren(name: string, xmlns?: string): Array<Element>
  getChildElements(): Array<Element>
  getChildText(name: string, xmlns?: string): string | null
  /** The text directly inside, joined. */
  getText(): string
  text(): string
  root(): Element

  /** Adds a child element and returns the child. */
  c(name: string, attrs?: Attributes): Element
  /** Adds text and returns this element. */
  t(text: string): this
  /** Adds a child and returns it. */
  cnode<C extends ElementChild>(child: C): C
  append(...children: ReadonlyArray<ElementChild>): void
  prepend(...children: ReadonlyArray<ElementChild>): void
  /** The parent, or itself at the root. */
  up(): Element
  toString(): string
}

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
