/** Stanzas without what was said in them. */
import { utf8Length } from '../utf8.js'

/**
 * The text of a stanza, each byte of its character data and of most attributes' values replaced by `x`: as many bytes
 * as before, and the same `stanzaFacts`. So a redacted recording replays as the recording itself does.
 *
 * What stays readable is what decisions and diagnoses depend on: the names of elements and attributes, namespaces, and
 * in every element the values of the attributes `id`, `type`, `from`, `to`, `stamp`, `by` and `xml:lang`. So it is
 * still told who wrote to whom, when, how much, and what kind of thing; and what is said by the mere name of an
 * element, such as a mood (XEP-0107) or a chat state (XEP-0085). Not told are bodies, subjects, statuses, forms, keys,
 * hashes, links and encrypted payloads.
 *
 * `xml` is one element, written by anyone. In text that is none, such as a comment, all that is no tag is replaced.
 */
export const redact = (xml: string): string =>
  xml.replace(pieces, piece => {
    if (!piece.startsWith('<') || piece === '<') return masked(piece)
    return piece.startsWith(sectionStart) ? redactedSection(piece) : piece.replace(attributes, redactedAttribute)
  })

/** A section of character data; a tag; text; the beginning of what is none of these. */
const pieces = /<!\[CDATA\[.*?\]\]>|<\/?[^\s<>/="'!?][^<>"']*(?:(?:"[^"]*"|'[^']*')[^<>"']*)*>|[^<]+|</gs

/** Looked for behind white space only: an element's name, however long, is not tried at each of its characters. */
const attributes = /(?<=\s)([^\s<>/="']+)(\s*=\s*)("[^"]*"|'[^']*')/g

const kept: ReadonlySet<string> = new Set(['by', 'from', 'id', 'stamp', 'to', 'type', 'xml:lang', 'xmlns'])

const redactedAttribute = (whole: string, name: string, equals: string, quoted: string): string => {
  if (kept.has(name) || name.startsWith('xmlns:')) return whole
  const quote = quoted.charAt(0)
  return `${name}${equals}${quote}${masked(quoted.slice(1, -1))}${quote}`
}

const sectionStart = '<![CDATA['
const sectionEnd = ']]>'

const redactedSection = (section: string): string =>
  `${sectionStart}${masked(section.slice(sectionStart.length, -sectionEnd.length))}${sectionEnd}`

const masked = (text: string): string => 'x'.repeat(utf8Length(text))
