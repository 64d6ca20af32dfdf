/** The transport: listens and connects, and hands each connection to its handler. */
import type { Socket } from 'node:net'
import { type ByteString, type ByteStringReader, StanzaScanner } from '@smacks/codec'
import type { ConnectionId } from '@smacks/core'
import type { Connection, ConnectionHandler, Connections } from '@smacks/stream'
import { type Admission, createAdmission, plainAddress } from './addresses.js'
import { createDialer } from './dialer.js'
import type { RemoteEndpoint, TcpEndpoint } from './endpoints.js'
import { type BoundAddress, createListeners } from './listeners.js'
import type { TcpLog } from './log.js'
import { createTurnCounter } from './loop-turns.js'
import { OpenConnections } from './open-connections.js'
import { defaultTcpLimits, type TcpTransportOptions } from './options.js'
import { createRefusals } from './refusals.js'
import { type ConnectionContext, TcpConnection } from './tcp-connection.js'
import { createAuthorities, createTlsUpgrade } from './tls.js'
import type { Traffic } from './traffic.js'
import type { UnsentTotal } from './unsent-total.js'

export interface TcpTransport extends Connections {
  /**
   * Connects. Once that is done `accept` says who handles the connection; or `failed` is told why it could not be.
   * Neither is called inside this call, nor after the returned function was called, which gives up, nor after `stop`.
   */
  readonly connect: (
    endpoint: RemoteEndpoint,
    accept: (connection: Connection) => ConnectionHandler,
    failed: (reason: string) => void,
  ) => () => void
  /**
   * Listens, at as many endpoints as wanted. Tells where, or rejects with an `Error` that names the endpoint and
   * says why not.
   */
  readonly listen: (endpoint: TcpEndpoint) => Promise<BoundAddress>
  /** How many connections are open, including those that are being closed. */
  readonly connections: () => number
  readonly traffic: () => Traffic
  /** What was sent to a connection and has not left, in bytes; 0 if there is no such connection. */
  readonly unsent: (id: ConnectionId) => number
  /** Takes nothing in until `resume`: no connection is read, and new ones are closed. What is sent leaves. */
  readonly suspend: () => void
  readonly resume: () => void
  /** Accepts no more connections; those that stand are not touched. */
  readonly stopListening: () => void
  /**
   * Stops listening and connecting, drops all connections, and resolves when all are closed: in at most five seconds.
   * Whoever negotiates may be about to resume a session, so no stream is closed.
   */
  readonly stop: () => Promise<void>
}

const defaultConnectTimeout = 30_000

const silentLog: TcpLog = { info: () => {}, warn: () => {} }

const boundless: UnsentTotal = { changed: () => {}, forget: () => {} }

/** A transport for connections of clients, or of servers, over TCP and TLS. */
export const createTcpTransport = (options: TcpTransportOptions): TcpTransport => {
  const limits = { ...defaultTcpLimits, ...options.limits }
  const { log = silentLog, now = () => performance.now(), connectTimeout = defaultConnectTimeout } = options
  const open = new OpenConnections(limits.silenceSeconds)
  const admission = createAdmission(limits, log, now)
  const refusals = createRefusals(options.refusal)
  const context = createContext({ ...options, log, now, limits }, open, admission)
  const start = createStart(options, context, open, admission)
  const dialer = createDialer(connectTimeout)
  let isSuspended = false

  const begin = (socket: Socket, arrival: Arrival): void => {
    const connection = start(socket, arrival)
    if (isSuspended) connection.pauseReading()
  }
  const onSocket = (socket: Socket, directTls: boolean): void => {
    const address = plainAddress(socket.remoteAddress ?? '')
    if (address === '' || isSuspended) {
      socket.destroy()
      return
    }
    const reason = admission.refusal(address)
    if (reason === undefined) begin(socket, { address, directTls, accept: options.accept })
    else refusals.refuse(socket, reason, directTls)
  }
  const listeners = createListeners({ onSocket, hasTls: options.tls !== undefined, log })

  return {
    find: id => open.get(id),
    toWrite: id => open.toWrite(id),
    flush: () => open.flush(),
    listen: listeners.listen,
    connect: (endpoint, accept, failed) =>
      dialer.dial(endpoint, {
        connected: socket => {
          const address = plainAddress(socket.remoteAddress ?? '')
          begin(socket, { address, directTls: endpoint.directTls, accept, serverName: endpoint.serverName })
        },
        failed,
      }),
    connections: () => open.size,
    traffic: () => ({ ...context.traffic }),
    unsent: id => open.get(id)?.unsent() ?? 0,
    suspend: () => {
      isSuspended = true
      for (const connection of open) connection.pauseReading()
    },
    resume: () => {
      isSuspended = false
      for (const connection of open) connection.resumeReading()
    },
    stopListening: listeners.stop,
    stop: async () => {
      listeners.stop()
      dialer.stop()
      refusals.stop()
      await open.stop()
    },
  }
}

/** A Buffer makes strings of its bytes faster than other arrays, and what sockets read is one. */
const bufferBytes: ByteStringReader = (bytes, start, end) => {
  const buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return buffer.toString('latin1', start, end) as ByteString
}

/** What is known of a new connection. */
interface Arrival {
  readonly address: string
  readonly directTls: boolean
  readonly accept: (connection: Connection) => ConnectionHandler
  /** It was us who connected, to a server of this name. */
  readonly serverName?: string
}

const createContext = (
  {
    limits,
    tls,
    peers,
    now,
    log,
    onTlsFailure,
    unsent,
  }: TcpTransportOptions & Pick<ConnectionContext, 'limits' | 'log' | 'now'>,
  open: OpenConnections,
  admission: Admission,
): ConnectionContext => ({
  limits,
  upgrade: tls && createTlsUpgrade(tls, peers),
  authorities: createAuthorities(tls ?? (() => ({}))),
  now,
  log,
  unsent: unsent ?? boundless,
  scanner: new StanzaScanner(bufferBytes),
  turn: createTurnCounter(),
  traffic: { received: 0, sent: 0 },
  onTlsFailure: (connection, reason) => onTlsFailure?.(connection, reason),
  onEstablished: connection => admission.settle(connection),
  onClosed: connection => {
    open.delete(connection)
    admission.leave(connection)
    unsent?.forget(connection)
  },
})

/** Makes a connection of a socket, and begins to read it. */
const createStart = (
  { idPrefix = 'tcp' }: TcpTransportOptions,
  context: ConnectionContext,
  open: OpenConnections,
  admission: Admission,
) => {
  let serial = 0
  return (socket: Socket, { address, directTls, accept, serverName }: Arrival): TcpConnection => {
    serial += 1
    const connection = new TcpConnection(`${idPrefix}-${serial}`, address, socket, context, serverName)
    open.add(connection)
    if (serverName === undefined) admission.enter(connection)
    connection.open(accept(connection), directTls)
    return connection
  }
}
