/**
 * Elements from text that the scanner found well-formed. Nothing is checked again, so it takes a small part of the time that
 * a parser takes; what comes of it is the same.
 */
import { type Attributes, Element } from './element.js'

/** The references of XML. */
const characters: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

/** The value of text, or of an attribute. */
export const withoutReferences = (text: string): string =>
  text.includes('&') ? text.replace(/&(\w+);/g, (_, name: string) => String(characters[name])) : text

/** The element that this text is: one that a scanner took, written in no other way than it came. */
export const usualElement = (text: string): Element => {
  let open: Element | undefined
  for (let at = 0; ; ) {
    const end = text.indexOf('>', at)
    if (text[at + 1] === '/') {
      const around: Element | null = (open as Element).parent
      if (around === null) return open as Element
      open = around
    } else {
      const isEmpty = text[end - 1] === '/'
      const made = opened(text, at + 1, isEmpty ? end - 1 : end)
      if (open !== undefined) {
        made.parent = open
        open.children.push(made)
      }
      if (!isEmpty) open = made
      else if (open === undefined) return made
    }
    at = text.indexOf('<', end)
    if (at > end + 1) open?.children.push(withoutReferences(text.slice(end + 1, at)))
  }
}

/** The element whose name begins at `start`; `end` is behind its attributes. */
const opened = (text: string, start: number, end: number): Element => {
  const blank = text.indexOf(' ', start)
  const hasNoMore = blank < 0 || blank >= end
  const made = new Element(text.slice(start, hasNoMore ? end : blank))
  if (!hasNoMore) made.attrs = attributesIn(text, blank, end)
  return made
}

const attributesIn = (text: string, start: number, end: number): Attributes => {
  const attrs: Attributes = {}
  for (let at = start; ; ) {
    while (at < end && text[at] === ' ') at += 1
    if (at >= end) return attrs
    const equals = text.indexOf('=', at)
    const valueEnd = text.indexOf(text.charAt(equals + 1), equals + 2)
    attrs[text.slice(at, equals)] = withoutReferences(text.slice(equals + 2, valueEnd))
    at = valueEnd + 1
  }
}
