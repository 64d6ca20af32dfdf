/**
 * XML as the black-box client reads it: a parser of its own, so that it shares no mistake with the server it
 * judges.
 */
import { SaxesParser } from 'saxes'

/** One element, read-only. */
export interface Xml {
  /** The local name. */
  readonly name: string
  /** The namespace, resolved; `''` for none. */
  readonly ns: string
  readonly attrs: Readonly<Record<string, string>>
  readonly children: ReadonlyArray<Xml>
  /** The text of the element itself, without its children's. */
  readonly text: string
}

/** What a stream tells, in order. */
export type StreamItem =
  | { readonly kind: 'header'; readonly header: Xml }
  | { readonly kind: 'element'; readonly element: Xml }
  | { readonly kind: 'close' }

interface Growing extends Xml {
  readonly children: Growing[]
  text: string
}

/** Reads one stream, from its header to its end tag; a restart wants a new one. Throws on what is not well-formed. */
export const createStreamParser = (take: (item: StreamItem) => void): { readonly write: (text: string) => void } => {
  const parser = new SaxesParser({ xmlns: true })
  const open: Growing[] = []
  parser.on('error', error => {
    throw error
  })
  parser.on('opentag', tag => {
    const attrs = Object.fromEntries(Object.entries(tag.attributes).map(([name, attribute]) => [name, attribute.value]))
    const element: Growing = { name: tag.local, ns: tag.uri, attrs, children: [], text: '' }
    if (open.length === 0) take({ kind: 'header', header: element })
    else if (open.length > 1) open[open.length - 1]?.children.push(element)
    open.push(element)
  })
  parser.on('text', text => {
    const element = open[open.length - 1]
    if (element !== undefined && open.length > 1) element.text += text
  })
  parser.on('closetag', () => {
    const element = open.pop()
    if (element === undefined) return
    if (open.length === 0) take({ kind: 'close' })
    else if (open.length === 1) take({ kind: 'element', element })
  })
  return { write: text => void parser.write(text) }
}

/** The stanzas that XEP-0198 counts. */
export const isStanza = (element: Xml): boolean =>
  element.ns === 'jabber:client' && ['message', 'presence', 'iq'].includes(element.name)

/** The first child of this name, and of this namespace if given. */
export const child = (element: Xml | undefined, name: string, ns?: string): Xml | undefined =>
  element?.children.find(it => it.name === name && (ns === undefined || it.ns === ns))

/** The child at the end of a path of names. */
export const at = (element: Xml | undefined, ...path: ReadonlyArray<string>): Xml | undefined =>
  path.reduce<Xml | undefined>((found, name) => child(found, name), element)

/** The text of a message's body; nothing where there is none. */
export const bodyOf = (element: Xml): string | undefined => child(element, 'body')?.text

/** `text` made fit for an attribute or a text node. */
export const escapeXml = (text: string): string =>
  text.replace(/[&<>"']/g, character => `&#${character.charCodeAt(0)};`)

/** An element as a test's failure shows it. */
export const show = (element: Xml): string => {
  const attrs = Object.entries(element.attrs).map(([name, value]) => ` ${name}='${value}'`)
  const inside = element.children.map(show).join('') + element.text
  return inside === ''
    ? `<${element.name}${attrs.join('')}/>`
    : `<${element.name}${attrs.join('')}>${inside}</${element.name}>`
}
