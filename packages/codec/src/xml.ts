/** Elements to text. Much faster than ltx's own writer, which matters where every stanza is written once. */
import { type ByteString, utf8Bytes } from './byte-string.js'
import { Element } from './element.js'
import { utf8Length } from './utf8.js'

const escapes = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
}

const escaped = (character: string): string => escapes[character as keyof typeof escapes]

/** Text as it may stand between tags. A carriage return is written as a reference, or the reader would lose it. */
export const escapeText = (text: string): string =>
  // Most texts have nothing to escape, and to look is cheaper than to replace.
  /[&<>\r]/.test(text) ? text.replace(/[&<>\r]/g, escaped) : text

/** Text as it may stand in an attribute, whichever quotes are around it. White space survives. */
export const escapeAttribute = (text: string): string =>
  /[&<>"'\t\n\r]/.test(text) ? text.replace(/[&<>"'\t\n\r]/g, escaped) : text

const plainValue = /^[ !#-%(-;=?-~]*$/

/**
 * An attribute in UTF-8, with a blank in front. What is in it is mostly plain, and looked at once then. Stanzas of one sender come in
 * bursts, and the last value of each name is known: names are few, since none comes from outside.
 */
export const attributeBytes = (name: string, value: string): ByteString => {
  const before = latest.get(name)
  if (before?.value === value) return before.bytes
  const bytes = plainValue.test(value)
    ? (` ${name}="${value}"` as ByteString)
    : utf8Bytes(` ${name}="${escapeAttribute(value)}"`)
  latest.set(name, { value, bytes })
  return bytes
}

const latest = new Map<string, { readonly value: string; readonly bytes: ByteString }>()

/** The element as XML, without a declaration. */
export const toXml = (element: Element): string => {
  const parts: Array<string> = []
  write(parts, element)
  // Joined at once the text is one piece; put together bit by bit it would be a tree of bits, for as long as it is kept.
  return parts.join('')
}

/** How many bytes that takes in UTF-8. It costs far less than to write it. */
export const xmlBytes = ({ name, attrs, children }: Element): number => {
  let bytes = utf8Length(name) + '</>'.length
  for (const attribute in attrs) {
    const value = attrs[attribute]
    if (value !== undefined) bytes += utf8Length(attribute) + ' =""'.length + escapedBytes(value, attributeGrowth)
  }
  if (children.length > 0) bytes += utf8Length(name) + '<>'.length
  for (const child of children) bytes += child instanceof Element ? xmlBytes(child) : escapedBytes(child, textGrowth)
  return bytes
}

/** By how many bytes characters grow, by their code. */
const growthOf = (characters: string): ReadonlyArray<number> => {
  const growth = new Array<number>(0x80).fill(0)
  for (const character of characters) growth[character.charCodeAt(0)] = escaped(character).length - 1
  return growth
}
const textGrowth = growthOf('&<>\r')
const attributeGrowth = growthOf('&<>"\'\t\n\r')

const escapedBytes = (text: string, growth: ReadonlyArray<number>): number => {
  let bytes = utf8Length(text)
  for (let at = 0; at < text.length; at += 1) bytes += growth[text.charCodeAt(at)] ?? 0
  return bytes
}

const write = (parts: Array<string>, element: Element): void => {
  const { name, attrs, children } = element
  parts.push('<', name)
  for (const attribute in attrs) {
    const value = attrs[attribute]
    if (value !== undefined) parts.push(' ', attribute, '="', escapeAttribute(value), '"')
  }
  if (children.length === 0) {
    parts.push('/>')
    return
  }
  parts.push('>')
  for (const child of children) {
    if (child instanceof Element) write(parts, child)
    else parts.push(escapeText(child))
  }
  parts.push('</', name, '>')
}
