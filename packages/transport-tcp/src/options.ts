/** What a transport is made of, and its limits. */
import type { SecureContextOptions } from 'node:tls'
import type { StreamLimits } from '@smacks/codec'
import type { Connection, ConnectionHandler } from '@smacks/stream'
import type { TcpLog } from './log.js'
import type { UnsentTotal } from './unsent-total.js'

/** All that a peer, or all peers of one address, can make the transport hold, do or wait for. */
export interface TcpLimits extends StreamLimits {
  /** What holds instead until the peer is authenticated. */
  readonly unauthenticated: Pick<StreamLimits, 'depth' | 'elements' | 'stanzaBytes'>
  /** Connections that were made to us; more are refused. */
  readonly connections: number
  /**
   * Connections of peers that connected and are not established. One more takes the place of the oldest if that had its
   * time, and is refused if not.
   */
  readonly pendingConnections: number
  /** Those of them that come from one address, or from one IPv6 network of 64 bits; more are refused. */
  readonly connectionsPerAddress: number
  /** Bytes read a second from one connection, elements costing some more; 0: no limit. */
  readonly bytesPerSecond: number
  /** Bytes that are read at once before that counts. */
  readonly burstBytes: number
  /** The peer is called silent after so long without a byte; 0: never. */
  readonly silenceSeconds: number
  /**
   * A connection with more unsent output than this is lost. What one turn wrote into a line that was clear, such as
   * all unacked stanzas after a resumption, comes on top: the peer gets its time to take it.
   * Output is measured in bytes; in UTF-16 units while it waits as text.
   */
  readonly outboxBytes: number
  /** With more unsent output than this, nothing more is read from the peer. */
  readonly stopReadingAbove: number
  /** Reading goes on when the unsent output is at most this. */
  readonly resumeReadingBelow: number
}

/** Limits for a server that talks to clients. */
export const defaultTcpLimits: TcpLimits = {
  headerBytes: 10_000,
  stanzaBytes: 262_144,
  depth: 64,
  elements: 10_000,
  attributes: 64,
  unauthenticated: { stanzaBytes: 10_000, depth: 16, elements: 256 },
  connections: 5000,
  pendingConnections: 1000,
  connectionsPerAddress: 100,
  bytesPerSecond: 0,
  burstBytes: 1024 * 1024,
  silenceSeconds: 300,
  outboxBytes: 8 * 1024 * 1024,
  stopReadingAbove: 256 * 1024,
  resumeReadingBelow: 64 * 1024,
}

export interface TcpTransportOptions {
  /** A peer connected: says who handles it. Called before anything is read. */
  readonly accept: (connection: Connection) => ConnectionHandler
  /** What differs from `defaultTcpLimits`. */
  readonly limits?: Partial<TcpLimits>
  /** Bounds what is unsent on all connections, also of other transports that share it; by default nothing does. */
  readonly unsent?: UnsentTotal
  /** What is said to a peer that is refused, where it is said in the clear; by default nothing. */
  readonly refusal?: (reason: string) => string
  /**
   * Certificate, key and whatever else TLS is to use, asked for at each handshake: a new object takes effect with the
   * next one. TLS below 1.2 and renegotiation are off in any case. Without it there is no TLS.
   */
  readonly tls?: () => SecureContextOptions
  /**
   * Who connects: clients, or servers, which are asked for a certificate and are named so by ALPN (XEP-0368). With
   * `servers` the options of `tls` need the authorities (`ca`) that are trusted. By default clients.
   */
  readonly peers?: 'clients' | 'servers'
  /** What the ids of connections begin with; `tcp` by default. Two transports of one loop need different ones. */
  readonly idPrefix?: string
  /** How long it may take until an outgoing connection stands, in milliseconds; 30,000 by default. */
  readonly connectTimeout?: number
  /** Milliseconds on a clock that never goes back; by default the host's `performance.now`. */
  readonly now?: () => number
  /** Told of each TLS handshake that came to nothing, on whichever side: that connection is lost. */
  readonly onTlsFailure?: (connection: Pick<Connection, 'id' | 'remoteAddress'>, reason: string) => void
  /** By default nothing is logged. */
  readonly log?: TcpLog
}
