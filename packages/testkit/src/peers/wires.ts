/**
 * The transport of a peer: effects to XML on a line, and what comes out of the line to elements. Each end of a line
 * that the peer has not closed is a wire.
 */
import { createStreamReader, type Element, encodeNonza, type Stanza, streamNamespace, withDelay } from '@smacks/codec'
import type { ConnectionId, Nonza, Resource, StreamError } from '@smacks/core'
import type { Transport, Turns } from '@smacks/runtime'
import { xmlStreamFraming } from '@smacks/stream'
import type { LineEnd } from '../link/line.js'
import { utf8 } from './bytes.js'

/** What a wire tells the peer, in the order it happened. */
export interface WireHandler {
  /** The stream header came. */
  readonly opened: (wire: Wire) => void
  readonly element: (wire: Wire, element: Element) => void
  /** `</stream:stream>` came; `erred` if a stream error came before it. */
  readonly closed: (wire: Wire, erred: boolean) => void
  /** All that the core waited for has arrived. */
  readonly drained: (wire: Wire) => void
  /** The line is gone, or ended without `</stream:stream>`. */
  readonly lost: (wire: Wire) => void
}

export interface Wire {
  readonly id: ConnectionId
  /** The resource that the connection is bound to, once it is. */
  resource: Resource | undefined
}

export interface Wires {
  readonly transport: Transport<Stanza>
  /** Takes an end of a line. */
  readonly take: (end: LineEnd) => Wire
  /** Writes at the end of the turn. */
  readonly write: (wire: Wire, xml: string) => void
  /** Sends what the core answered to a question, like all that it sends. */
  readonly answer: (wire: Wire, nonza: Nonza) => void
  /** Ends the stream and hears the line no more. */
  readonly close: (wire: Wire, error?: StreamError) => void
  readonly isOpen: (wire: Wire) => boolean
  /** The ones that are not closed. */
  readonly open: () => ReadonlyArray<Wire>
}

interface OpenWire extends Wire {
  readonly end: LineEnd
  buffered: string
  /** A stream error came. */
  erred: boolean
}

const limits = { headerBytes: 10_000, stanzaBytes: 65_536, depth: 32, elements: 1000, attributes: 64 }

export interface WiresOptions {
  readonly turns: Turns
  readonly handler: WireHandler
  /** The server's name, in whose name delays are stated. */
  readonly domain: string
  /** Sees what the core wants to be sent, before it is. */
  readonly onSend: (connection: ConnectionId, xml: string) => void
}

export const createWires = ({ turns, handler, domain, onSend }: WiresOptions): Wires => {
  const wires = new Map<ConnectionId, OpenWire>()
  const unflushed = new Set<OpenWire>()
  const drains = new Map<OpenWire, () => void>()
  let flushIsDue = false

  const flush = (): void => {
    for (const wire of unflushed) {
      const { buffered } = wire
      wire.buffered = ''
      wire.end.write(utf8(buffered))
      const tell = drains.get(wire)
      drains.delete(wire)
      if (tell !== undefined) wire.end.whenArrived(() => turns.atEnd(tell))
    }
    unflushed.clear()
  }
  const flushLater = (): void => {
    if (flushIsDue) return
    flushIsDue = true
    turns.atEnd(() => {
      flushIsDue = false
      flush()
    })
  }
  const buffer = (id: ConnectionId, xml: string): void => {
    const wire = wires.get(id)
    if (wire === undefined) return
    wire.buffered += xml
    unflushed.add(wire)
  }
  const send = (id: ConnectionId, xml: string): void => {
    onSend(id, xml)
    buffer(id, xml)
  }
  const close = ({ id }: Wire, error?: StreamError): void =>
    end(id, `${error === undefined ? '' : xmlStreamFraming.error(error)}${xmlStreamFraming.close}`)
  const end = (id: ConnectionId, farewell: string): void => {
    const wire = wires.get(id)
    if (wire === undefined) return
    buffer(id, farewell)
    flush()
    forget(wire)
    wire.end.end()
  }
  const forget = (wire: OpenWire): void => {
    wires.delete(wire.id)
    unflushed.delete(wire)
    drains.delete(wire)
    wire.end.listen(deaf)
  }

  const take = (end: LineEnd): Wire => {
    const wire: OpenWire = { id: end.id, resource: undefined, end, buffered: '', erred: false }
    const isOpen = (): boolean => wires.has(wire.id)
    /** `</stream:stream>` came, so the end of the line is no surprise. */
    let isOver = false
    const lose = (): void => {
      if (!isOpen() || isOver) return
      forget(wire)
      handler.lost(wire)
      wire.end.end()
    }
    const reader = createStreamReader(limits, {
      header: () => handler.opened(wire),
      element: element => {
        if (!isOpen()) return
        if (element.getName() === 'error' && element.getNS() === streamNamespace) wire.erred = true
        else handler.element(wire, element)
      },
      close: () => {
        isOver = true
        if (isOpen()) handler.closed(wire, wire.erred)
      },
      fault: ({ condition, text }) => {
        throw new Error(`what came over ${wire.id} is no stream: ${condition}, ${text}`)
      },
    })
    wires.set(wire.id, wire)
    end.listen({
      received: bytes => {
        if (isOpen()) reader.write(bytes)
      },
      ended: lose,
      lost: lose,
    })
    return wire
  }

  return {
    take,
    close,
    answer: ({ id }, nonza) => send(id, encodeNonza(nonza)),
    write: ({ id }, xml) => {
      buffer(id, xml)
      flushLater()
    },
    isOpen: ({ id }) => wires.has(id),
    open: () => [...wires.values()],
    transport: {
      sendStanza: (id, stanza, facts, delayedSince) =>
        send(id, delayedSince === undefined ? stanza.xml : withDelay(stanza.xml, facts, domain, delayedSince)),
      sendNonza: (id, nonza) => {
        if (nonza._tag === 'Enabled') flush()
        send(id, encodeNonza(nonza))
        if (nonza._tag === 'Enabled') flush()
      },
      close: (id, error) => {
        const wire = wires.get(id)
        if (wire !== undefined) close(wire, error)
      },
      awaitDrain: id => {
        const wire = wires.get(id)
        if (wire === undefined) return
        drains.set(wire, () => (wires.has(id) ? handler.drained(wire) : undefined))
        unflushed.add(wire)
      },
      drop: id => end(id, ''),
      adopt: (id, _account, resource) => {
        const wire = wires.get(id)
        if (wire !== undefined) wire.resource = resource
      },
      flush,
    },
  }
}

/** The line still stands, but nobody hears it. */
const deaf = { received: () => {}, ended: () => {}, lost: () => {} }
