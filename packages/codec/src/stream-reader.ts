/** One XML stream (RFC 6120 §4), from bytes to first-level elements. */
import { SaxesParser } from 'saxes'
import { Element } from './element.js'
import type { StreamFault, StreamHeader } from './stream.js'

declare class TextDecoder {
  constructor(label: string, options: { fatal: boolean })
  decode(bytes: Uint8Array, options: { stream: boolean }): string
}

/** What a peer may send at most. */
export interface StreamLimits {
  /** Bytes of the stream header, and of each first-level element. */
  readonly stanzaBytes: number
  /** Levels of elements, a first-level element being 1. */
  readonly depth: number
  /** Attributes of one element, declarations of namespaces included. */
  readonly attributes: number
}

/** Who is told, in the order of the stream. After `close` or `fault` nothing more comes. */
export interface StreamReaderHandlers {
  readonly header: (header: StreamHeader) => void
  readonly element: (element: Element) => void
  readonly close: () => void
  readonly fault: (fault: StreamFault) => void
}

export interface StreamReader {
  readonly write: (bytes: Uint8Array) => void
  /** True if the stream would end in the middle of a header or an element if it ended now. */
  readonly midElement: () => boolean
}

export const createStreamReader = (limits: StreamLimits, handlers: StreamReaderHandlers): StreamReader => {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  const parser = new SaxesParser({ xmlns: true, position: false })
  let depth = 0
  let current: Element | undefined
  let over = false
  parser.on('error', error => {
    if (!over) {
      over = true
      handlers.fault({ condition: 'not-well-formed', text: error.message })
    }
  })
  parser.on('opentag', tag => {
    if (over) return
    const attrs: Record<string, string> = {}
    for (const name in tag.attributes) attrs[name] = tag.attributes[name]?.value ?? ''
    depth++
    if (depth === 1) {
      const { to, from, id, version } = attrs
      const header: { -readonly [K in keyof StreamHeader]: StreamHeader[K] } = { xmlns: attrs.xmlns ?? '' }
      if (to !== undefined) header.to = to
      if (from !== undefined) header.from = from
      if (id !== undefined) header.id = id
      if (version !== undefined) header.version = version
      if (attrs['xml:lang'] !== undefined) header.lang = attrs['xml:lang']
      handlers.header(header)
      return
    }
    if (depth > limits.depth + 1) {
      over = true
      handlers.fault({ condition: 'policy-violation' })
      return
    }
    if (depth === 2 && attrs.xmlns === 'jabber:client') delete attrs.xmlns
    const opened = new Element(tag.name, attrs)
    if (current !== undefined) current.cnode(opened)
    current = opened
  })
  parser.on('text', text => {
    if (!over) current?.t(text)
  })
  parser.on('closetag', () => {
    if (over) return
    depth--
    if (depth === 0) {
      over = true
      handlers.close()
      return
    }
    const closed = current
    current = closed?.parent ?? undefined
    if (depth === 1 && closed !== undefined) handlers.element(closed)
  })
  return {
    write: bytes => {
      if (!over) parser.write(decoder.decode(bytes, { stream: true }))
    },
    midElement: () => depth > 1,
  }
}
