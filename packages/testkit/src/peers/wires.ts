/**
 * The transport of a peer: effects to XML on a line, and what comes out of the line to elements. Each end of a line
 * that the peer has not closed is a wire.
 */
import {
  createStreamReader,
  type Element,
  encodeNonza,
  type Stanza,
  type StreamReader,
  streamNamespace,
  withDelay,
} from '@smacks/codec'
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
  /** `</stream:stream>` came, so the end of the line is no surprise. */
  isOver: boolean
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

export const createWires = (options: WiresOptions): Wires => {
  const open = new OpenWires(options)
  return {
    take: end => open.take(end),
    close: (wire, error) => open.close(wire.id, error),
    answer: ({ id }, nonza) => open.send(id, encodeNonza(nonza)),
    write: ({ id }, xml) => open.writeLater(id, xml),
    isOpen: ({ id }) => open.isOpen(id),
    open: () => open.all(),
    transport: {
      sendStanza: (id, stanza, facts, delayedSince) =>
        open.send(
          id,
          delayedSince === undefined ? stanza.xml : withDelay(stanza, facts, options.domain, delayedSince).xml,
        ),
      sendNonza: (id, nonza) => {
        if (nonza._tag === 'Enabled') open.flush()
        open.send(id, encodeNonza(nonza))
        if (nonza._tag === 'Enabled') open.flush()
      },
      close: (id, error) => open.close(id, error),
      awaitDrain: id => open.awaitDrain(id),
      drop: id => open.end(id, ''),
      adopt: (id, _account, resource) => open.adopt(id, resource),
      flush: () => open.flush(),
    },
  }
}

class OpenWires {
  private readonly wires = new Map<ConnectionId, OpenWire>()
  private readonly unflushed = new Set<OpenWire>()
  private readonly drains = new Map<OpenWire, () => void>()
  private flushIsDue = false

  constructor(private readonly options: WiresOptions) {}

  isOpen(id: ConnectionId): boolean {
    return this.wires.has(id)
  }

  all(): ReadonlyArray<Wire> {
    return [...this.wires.values()]
  }

  adopt(id: ConnectionId, resource: Resource): void {
    const wire = this.wires.get(id)
    if (wire !== undefined) wire.resource = resource
  }

  // What comes

  take(end: LineEnd): Wire {
    const wire: OpenWire = { id: end.id, resource: undefined, end, buffered: '', erred: false, isOver: false }
    const reader = this.readerOf(wire)
    this.wires.set(wire.id, wire)
    end.listen({
      received: bytes => {
        if (this.isOpen(wire.id)) reader.write(bytes)
      },
      ended: () => this.lose(wire),
      lost: () => this.lose(wire),
    })
    return wire
  }

  private readerOf(wire: OpenWire): StreamReader {
    const { handler } = this.options
    return createStreamReader(limits, {
      header: () => handler.opened(wire),
      element: element => {
        if (!this.isOpen(wire.id)) return
        if (element.getName() === 'error' && element.getNS() === streamNamespace) wire.erred = true
        else handler.element(wire, element)
      },
      close: () => {
        wire.isOver = true
        if (this.isOpen(wire.id)) handler.closed(wire, wire.erred)
      },
      fault: ({ condition, text }) => {
        throw new Error(`what came over ${wire.id} is no stream: ${condition}, ${text}`)
      },
    })
  }

  private lose(wire: OpenWire): void {
    if (!this.isOpen(wire.id) || wire.isOver) return
    this.forget(wire)
    this.options.handler.lost(wire)
    wire.end.end()
  }

  // What is sent

  send(id: ConnectionId, xml: string): void {
    this.options.onSend(id, xml)
    this.buffer(id, xml)
  }

  writeLater(id: ConnectionId, xml: string): void {
    this.buffer(id, xml)
    if (this.flushIsDue) return
    this.flushIsDue = true
    this.options.turns.atEnd(() => {
      this.flushIsDue = false
      this.flush()
    })
  }

  flush(): void {
    for (const wire of this.unflushed) {
      const { buffered } = wire
      wire.buffered = ''
      wire.end.write(utf8(buffered))
      const tell = this.drains.get(wire)
      this.drains.delete(wire)
      if (tell !== undefined) wire.end.whenArrived(() => this.options.turns.atEnd(tell))
    }
    this.unflushed.clear()
  }

  awaitDrain(id: ConnectionId): void {
    const wire = this.wires.get(id)
    if (wire === undefined) return
    this.drains.set(wire, () => (this.isOpen(id) ? this.options.handler.drained(wire) : undefined))
    this.unflushed.add(wire)
  }

  close(id: ConnectionId, error?: StreamError): void {
    this.end(id, `${error === undefined ? '' : xmlStreamFraming.error(error)}${xmlStreamFraming.close}`)
  }

  /** Sends these last words; the line is heard no more. */
  end(id: ConnectionId, lastWords: string): void {
    const wire = this.wires.get(id)
    if (wire === undefined) return
    this.buffer(id, lastWords)
    this.flush()
    this.forget(wire)
    wire.end.end()
  }

  private buffer(id: ConnectionId, xml: string): void {
    const wire = this.wires.get(id)
    if (wire === undefined) return
    wire.buffered += xml
    this.unflushed.add(wire)
  }

  private forget(wire: OpenWire): void {
    this.wires.delete(wire.id)
    this.unflushed.delete(wire)
    this.drains.delete(wire)
    wire.end.listen(ignoring)
  }
}

/** The line still stands, but nobody hears it. */
const ignoring = { received: () => {}, ended: () => {}, lost: () => {} }
