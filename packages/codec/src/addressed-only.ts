/** What is left of a stanza that is beyond a limit: what its answer needs, which is no stanza beyond a limit. */
import { type Element, element } from './element.js'

/** RFC 7622 §3.1: three parts of 1023 bytes, and what is between them. */
const longestJid = 3071
const longestId = 1023

export const addressedOnly = ({ name, attrs: { from, id, to, type } }: Element): Element =>
  element(name, { from: bounded(from), id: unless(id, longestId), to: bounded(to), type: unless(type, longestId) })

const unless = (value: string | undefined, longest: number): string | undefined =>
  value === undefined || value.length > longest ? undefined : value

/** Of an address that is too long its domain is left, since that says whether the stanza may come on the stream. */
const bounded = (jid: string | undefined): string | undefined => {
  if (jid === undefined || jid.length <= longestJid) return jid
  return unless(jid.replace(/\/.*$/s, '').replace(/^[^@]*@/, ''), longestJid)
}
