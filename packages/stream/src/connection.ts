/**
 * One connection as the reference server sees it: XML elements in, XML text out. TCP, TLS, framing and
 * limits are behind it.
 */
import type { ByteString, Element, Stanza, StreamFault, StreamHeader } from '@smacks/codec'
import type { Ack, ConnectionId, Request } from '@smacks/core'
import type { Framing } from './framing.js'

/**
 * What a connection tells whoever handles it, in the order it happened. After `streamClosed` and `faulted` nothing
 * comes but `drained`, and after `lost` nothing at all.
 */
export interface ConnectionHandler {
  /** A stream header came (RFC 6120 §4.2); again after each `restart`. */
  readonly streamOpened: (header: StreamHeader) => void
  /** A whole first-level element came. */
  readonly element: (element: Element) => void
  /** It is a stanza. Without this handler it is told as `element`, and has to be parsed for that. */
  readonly stanza?: (stanza: Stanza) => void
  /** It is `<r/>` or `<a/>`, as right as it is frequent. Without this handler it is told as `element`. */
  readonly nonza?: (nonza: Ack | Request) => void
  /** All of one read was told. Something may have been told outside of a read, and then this does not follow. */
  readonly readEnded?: () => void
  /** A stanza came that is beyond a limit; of it only what an answer needs is left. The stream goes on. */
  readonly overLimit: (stanza: Element, fault: StreamFault) => void
  /** `</stream:stream>` came. */
  readonly streamClosed: () => void
  /** The peer broke a rule of XML, of the stream or of a limit. Nothing more is read; the handler closes. */
  readonly faulted: (fault: StreamFault) => void
  /** The line dropped: FIN without `</stream:stream>`, RST, failed TLS, or a reader so slow that its buffer overflowed. */
  readonly lost: (reason: string) => void
  /** All that was written has left, after a time when it had not, or after somebody asked to be told. */
  readonly drained: () => void
  /** Nothing came for the time of `silenceSeconds`; told again after each further such time. */
  readonly silent: () => void
}

/** Channel bindings (RFC 5929, RFC 9266) by name. */
export type ChannelBindingType = 'tls-exporter' | 'tls-server-end-point' | 'tls-unique'

/** The certificate that the peer showed in the TLS handshake. */
export interface PeerCertificate {
  /** In DER. */
  readonly der: Uint8Array
  /**
   * Why its chain is not to be trusted, in the words of OpenSSL, such as `CERT_HAS_EXPIRED`; nothing if it is. Of several
   * reasons it is the last that was found, so none may be forgiven. A certificate for servers alone is good for a peer that
   * connects, too. Names are not looked at.
   */
  readonly distrust: string | undefined
}

/** A line to a peer that carries one stream after another, as TLS and authentication begin new ones. */
export interface Connection {
  readonly id: ConnectionId
  /** How streams are framed here. */
  readonly framing: Framing
  /** What is told now came in a read whose end will be told (`readEnded`). */
  readonly isReading: boolean
  /** The peer's address, without its port. */
  readonly remoteAddress: string
  /** TLS protects the connection. */
  readonly secure: () => boolean
  /**
   * The channel binding data, if TLS is on and gives it. `tls-unique` is the first Finished message of the handshake:
   * the client's, or ours where the TLS session was resumed. It is given on TLS 1.3 too, where the standard leaves it
   * undefined, since there are clients that know no other. `tls-exporter` comes from TLS 1.3 on.
   */
  readonly channelBinding: (type: ChannelBindingType) => Uint8Array | undefined
  /** What the peer showed, on a transport of servers; nothing without TLS. */
  readonly peerCertificate: () => PeerCertificate | undefined
  /**
   * Buffers a stream header, a whole first-level element, or what keeps the connection alive; it leaves in one write with
   * all else of this turn. Nothing happens once closed.
   */
  readonly write: (xml: string) => void
  /** The same of what is in UTF-8 already, as what passes through is. */
  readonly writeBytes: (bytes: ByteString) => void
  /** The same, but what was buffered leaves first, these elements in a write of their own, and what follows in a later turn. */
  readonly writeAlone: (elements: ReadonlyArray<string>) => void
  /** Asks for `drained`, once all that was written before has left; not told inside this call. */
  readonly awaitDrain: () => void
  /**
   * Writes, then starts TLS (RFC 6120 §5): as server, or as client if it was us who connected. `opening` is the first
   * thing that is said inside TLS. The next thing read is a stream header, inside TLS. If the peer
   * sent more than whitespace behind the element that is being handled, it is not read and `faulted` follows, since
   * others may have put it there. Throws an `Error` if TLS is on already or not configured.
   */
  readonly startTls: (proceed: string, opening?: string) => void
  /**
   * Expects a new stream header next (RFC 6120 §4.3.3). Called while an element is handled, that header may directly
   * follow the element, also in the same packet; after `established`, or some 500 tags, `faulted` follows instead.
   */
  readonly restart: () => void
  /**
   * The peer has shown who it is: from here on it may send what `limits` allow, also after `restart`. Until then it is
   * held to `unauthenticated`.
   */
  readonly authenticated: () => void
  /** Counts so many bytes more as read, of `bytesPerSecond`: what came costs more work than its size tells. */
  readonly charge: (bytes: number) => void
  /**
   * Reads nothing more until `resume`, so that what takes a while can be answered before anything else is. Called while an
   * element is handled, what was read behind it already waits too; after `established` it does not.
   */
  readonly pause: () => void
  /** Reads again, first what waited. */
  readonly resume: () => void
  /** Tells that negotiation is over: no `restart` or `startTls` will follow. The input is read faster from here on. */
  readonly established: () => void
  /**
   * Buffers `xml` and the end of the stream, ends the connection when they have left, and destroys it if the peer
   * does not end it in a bounded time. The handler hears nothing more.
   */
  readonly close: (xml?: string) => void
  /**
   * The same without a word: the peer finds the stream unfinished, and may resume what it carried (XEP-0198 §7).
   */
  readonly drop: () => void
  /** Ends the connection at once. The handler hears nothing more. */
  readonly destroy: () => void
}
