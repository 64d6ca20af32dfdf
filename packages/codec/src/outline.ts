/** What is asked of a stanza on its way: how it is addressed, and which elements are in it. */
import { Element } from './element.js'

/** A stanza without what it says. Each has all fields, since objects of one shape are made and read fastest. */
export interface StanzaOutline {
  readonly name: string
  readonly from: string | undefined
  readonly to: string | undefined
  readonly id: string | undefined
  readonly type: string | undefined
  /** The elements directly inside, in their order. */
  readonly children: ReadonlyArray<ChildOutline>
}

/** An element in a stanza. */
export interface ChildOutline extends InnerOutline {
  /** Its attribute `by` (XEP-0359 §3). */
  readonly by: string | undefined
  /** The elements directly inside. */
  readonly children: ReadonlyArray<InnerOutline>
}

/** An element further inside, by its name. */
export interface InnerOutline {
  /** Without a prefix. */
  readonly name: string
  /** The namespace that holds for it; empty for that of the stream. */
  readonly xmlns: string
}

/** The outline of a parsed stanza. */
export const outlineOf = (stanza: Element): StanzaOutline => ({
  name: stanza.name,
  from: stanza.attrs.from,
  to: stanza.attrs.to,
  id: stanza.attrs.id,
  type: stanza.attrs.type,
  children: elementsIn(stanza).map(child => ({
    ...named(child),
    by: child.attrs.by,
    children: elementsIn(child).map(named),
  })),
})

/** The first element of this name and namespace, if there is one. */
export const childOf = <C extends InnerOutline>(
  { children }: { readonly children: ReadonlyArray<C> },
  name: string,
  xmlns: string,
): C | undefined => children.find(child => child.name === name && child.xmlns === xmlns)

const elementsIn = (element: Element): ReadonlyArray<Element> =>
  element.children.filter(child => child instanceof Element)

const named = (element: Element): InnerOutline => ({ name: element.getName(), xmlns: element.getNS() ?? '' })
