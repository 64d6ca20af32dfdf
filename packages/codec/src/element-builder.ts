/** Elements from the events of an XML parser, in document order. */
import type { SaxesTagNS } from 'saxes'
import { type Attributes, Element } from './element.js'

export interface ElementBuilder {
  /** Takes an attribute of the start tag that is being read, and tells how many that tag has so far. */
  readonly attribute: (name: string, value: string) => number
  /** The attributes of the start tag that was read; the next ones are another tag's. */
  readonly attributes: () => Attributes
  /** No open element has a prefix or declares a default namespace: that of the stream holds inside all of them. */
  readonly inherits: () => boolean
  /** Opens an element inside the one that is open. */
  readonly open: (name: string, attrs: Attributes) => Element
  /** Adds text to the element that is open, if one is. */
  readonly text: (text: string) => void
  /** Closes the element that is open; returns it if no other is around it. */
  readonly close: () => Element | undefined
  /** Forgets all elements that are open: what comes inside of them is not kept. */
  readonly abandon: () => void
}

export const createElementBuilder = (): ElementBuilder => {
  let attrs: Attributes = {}
  let count = 0
  /** The elements that are open, outermost first. */
  const around: Array<Element> = []
  return {
    attribute: (name, value) => {
      attrs[name] = value
      count += 1
      return count
    },
    attributes: () => {
      const read = attrs
      attrs = {}
      count = 0
      return read
    },
    inherits: () => around.every(({ name, attrs }) => attrs.xmlns === undefined && !name.includes(':')),
    open: (name, attributes) => {
      const opened = new Element(name)
      opened.attrs = attributes
      const parent = around[around.length - 1]
      if (parent !== undefined) {
        opened.parent = parent
        parent.children.push(opened)
      }
      around.push(opened)
      return opened
    },
    text: text => {
      const current = around[around.length - 1]
      if (current === undefined) return
      const { children } = current
      const last = children.length - 1
      const before = children[last]
      // A character data section splits what is one text.
      if (typeof before === 'string') children[last] = before + text
      else children.push(text)
    },
    close: () => {
      const closed = around.pop()
      return around.length === 0 ? closed : undefined
    },
    abandon: () => {
      around.length = 0
    },
  }
}

/** What the parser lets pass though it is not a name in a namespace: a local part that begins like no name. */
const misnamed = /^(?:[-.0-9]|\u00b7|[\u0300-\u036f]|\u203f|\u2040)/

/** The first name of the tag whose part behind the prefix is no name (XML-NAMES §4). */
export const misnamedIn = (tag: SaxesTagNS, attrs: Attributes): string | undefined => {
  if (tag.prefix !== '' && misnamed.test(tag.local)) return tag.name
  for (const name in attrs) {
    const colon = name.indexOf(':')
    if (colon > 0 && misnamed.test(name.slice(colon + 1))) return name
  }
  return undefined
}
