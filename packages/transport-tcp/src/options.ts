/** What a transport is made of, and its limits. */
import type { SecureContextOptions } from 'node:tls'
import type { StreamLimits } from '@smacks/codec'
import type { AccountId } from '@smacks/runtime'
import type { Connection, ConnectionHandler } from './connection.js'

/** All that a peer, or all peers of one address, can make the transport hold, do or wait for. */
export interface TcpLimits extends StreamLimits {
  /** Open connections of one address; more are refused. */
  readonly connectionsPerAddress: number
  /** Bytes read a second from one connection, with a burst of one second; 0: no limit. */
  readonly bytesPerSecond: number
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
  connectionsPerAddress: 100,
  bytesPerSecond: 0,
  silenceSeconds: 300,
  outboxBytes: 8 * 1024 * 1024,
  stopReadingAbove: 256 * 1024,
  resumeReadingBelow: 64 * 1024,
}

/** Where the transport tells its operator something. A logger of pino fits. */
export interface TcpLog {
  readonly info: (message: string) => void
  readonly warn: (message: string) => void
}

export interface TcpTransportOptions {
  /** A peer connected: says who handles it. Called before anything is read. */
  readonly accept: (connection: Connection) => ConnectionHandler
  /** What differs from `defaultTcpLimits`. */
  readonly limits?: Partial<TcpLimits>
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
  /** By default nothing is logged. */
  readonly log?: TcpLog
  /** The entity that delayed an account's stanzas (XEP-0203 `from`); by default the account's domain. */
  readonly delayFrom?: (account: AccountId) => string
}
