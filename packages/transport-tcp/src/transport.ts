/** The transport: listens, hands each connection to its handler, and writes what the loop sends. */
import { lookup as lookupHost } from 'node:dns'
import { connect, createServer, isIP, type LookupFunction, type Server, type Socket } from 'node:net'
import { encodeNonza, encodeStreamError, type Stanza, withDelay } from '@smacks/codec'
import type { ConnectionId } from '@smacks/core'
import type { AccountId, Transport } from '@smacks/runtime'
import type { Connection, ConnectionHandler } from '@smacks/stream'
import { createAdmission, plainAddress } from './addresses.js'
import { createTurnCounter } from './loop-turns.js'
import { defaultTcpLimits, type TcpLog, type TcpTransportOptions } from './options.js'
import { createRefusals } from './refusals.js'
import { type Surroundings, sweepsOfSilence, TcpConnection } from './tcp-connection.js'
import { createAuthorities, createTlsUpgrade } from './tls.js'
import type { UnsentTotal } from './unsent-total.js'

/** Where to listen. */
export interface TcpEndpoint {
  /** An address of this machine, IPv4 or IPv6, or a name of one. */
  readonly host: string
  /** 0: any that is free. */
  readonly port: number
  /** TLS from the first byte (XEP-0368) instead of STARTTLS. */
  readonly directTls: boolean
}

/** Where to connect. */
export interface RemoteEndpoint {
  /** A name or an address, IPv4 or IPv6, without brackets. */
  readonly host: string
  readonly port: number
  /** TLS from the first byte (XEP-0368) instead of STARTTLS. */
  readonly directTls: boolean
  /** Whom TLS is to ask for (SNI). */
  readonly serverName: string
  /** Which addresses may be connected to, of those that the host has; by default all. */
  readonly permits?: (address: string) => boolean
}

export interface TcpTransport extends Transport<Stanza> {
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
  readonly listen: (endpoint: TcpEndpoint) => Promise<{ readonly host: string; readonly port: number }>
  /** How many connections are open, including those that are being closed. */
  readonly connections: () => number
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

/**
 * No keepalive of TCP: Node sets when it begins, and libuv the rest, so that ten probes within ten seconds that are lost
 * would end an idle line whose network was away for just that time. Who is silent is asked by the handler instead
 * (`silent`), and the line is given up only if that is not answered in its time.
 */
const socketOptions = { allowHalfOpen: true, noDelay: true, keepAlive: false } as const

const defaultConnectTimeout = 30_000

const silentLog: TcpLog = { info: () => {}, warn: () => {} }

const boundless: UnsentTotal = { changed: () => {}, forget: () => {} }

/** A transport for connections of clients, or of servers, over TCP and TLS. */
export const createTcpTransport = (options: TcpTransportOptions): TcpTransport => {
  const limits = { ...defaultTcpLimits, ...options.limits }
  const log = options.log ?? silentLog
  const now = options.now ?? (() => performance.now())
  const delayFrom = options.delayFrom ?? domainOf
  const { idPrefix = 'tcp', connectTimeout = defaultConnectTimeout } = options
  const open = new Map<ConnectionId, TcpConnection>()
  const admission = createAdmission(limits, log, now)
  const refusals = createRefusals(options.refusal)
  const servers = new Set<Server>()
  /** Give up connections that do not stand yet. */
  const cancels = new Set<() => void>()
  let dirty: Array<TcpConnection> = []
  let serial = 0
  let suspended = false
  let stopped = false
  let whenEmpty: (() => void) | undefined

  const surroundings: Surroundings = {
    limits,
    upgrade: options.tls && createTlsUpgrade(options.tls, options.peers),
    authorities: createAuthorities(options.tls ?? (() => ({}))),
    now,
    log,
    unsent: options.unsent ?? boundless,
    turn: createTurnCounter(),
    settle: connection => admission.settle(connection),
    forget: connection => {
      open.delete(connection.id)
      admission.leave(connection)
      options.unsent?.forget(connection)
      if (open.size === 0) whenEmpty?.()
    },
  }

  const welcome = (socket: Socket, directTls: boolean): void => {
    const address = plainAddress(socket.remoteAddress ?? '')
    if (address === '' || suspended) {
      socket.destroy()
      return
    }
    const reason = admission.refusal(address)
    if (reason === undefined) take(socket, address, undefined).open(options.accept, directTls)
    else refusals.refuse(socket, reason, directTls)
  }

  const take = (socket: Socket, address: string, serverName: string | undefined) => {
    serial += 1
    const connection = new TcpConnection(`${idPrefix}-${serial}`, address, socket, surroundings, serverName)
    open.set(connection.id, connection)
    if (serverName === undefined) admission.enter(connection)
    return {
      open: (accept: (connection: Connection) => ConnectionHandler, directTls: boolean): void => {
        connection.open(accept(connection), directTls)
        if (suspended) connection.listenNot()
      },
    }
  }

  const touch = (id: ConnectionId): TcpConnection | undefined => {
    const connection = open.get(id)
    if (connection !== undefined && !connection.dirty) {
      connection.dirty = true
      dirty.push(connection)
    }
    return connection
  }

  const stopListening = (): void => {
    for (const server of servers) server.close()
    servers.clear()
  }

  const sweeps =
    limits.silenceSeconds > 0
      ? setInterval(
          () => {
            for (const connection of open.values()) connection.sweep()
          },
          (limits.silenceSeconds * 1000) / sweepsOfSilence,
        ).unref()
      : undefined

  return {
    sendStanza: (id, stanza, facts, delayedSince) => {
      const connection = touch(id)
      if (connection === undefined) return
      const { account } = connection
      const delayed = delayedSince !== undefined && account !== undefined
      connection.send(delayed ? withDelay(stanza.xml, facts, delayFrom(account), delayedSince) : stanza.xml)
    },
    sendNonza: (id, nonza) => touch(id)?.sendNonza(encodeNonza(nonza), nonza._tag === 'Enabled'),
    close: (id, error) => open.get(id)?.close(error && encodeStreamError(error)),
    awaitDrain: id => touch(id)?.awaitDrain(),
    drop: id => open.get(id)?.drop(),
    adopt: (id, account) => open.get(id)?.adopt(account),
    flush: () => {
      const waiting = dirty
      dirty = []
      for (const connection of waiting) {
        connection.dirty = false
        connection.flush()
      }
    },
    listen: async endpoint => {
      if (endpoint.directTls && options.tls === undefined)
        throw new Error(`Cannot listen on ${nameOf(endpoint)} with direct TLS: no certificate is configured.`)
      const server = createServer(socketOptions)
      server.on('connection', socket => welcome(socket, endpoint.directTls))
      await started(server, endpoint)
      server.on('error', error => log.warn(`The listener on ${nameOf(endpoint)} failed: ${error.message}`))
      servers.add(server)
      return boundTo(server, endpoint)
    },
    connect: (endpoint, accept, failed) => {
      // Whoever waited for the DNS or for a timer comes too late.
      if (stopped) return () => {}
      const cancel = connecting(endpoint, connectTimeout, {
        connected: socket => {
          cancels.delete(cancel)
          take(socket, plainAddress(socket.remoteAddress ?? ''), endpoint.serverName).open(accept, endpoint.directTls)
        },
        failed: reason => {
          cancels.delete(cancel)
          failed(reason)
        },
      })
      cancels.add(cancel)
      return () => {
        cancels.delete(cancel)
        cancel()
      }
    },
    connections: () => open.size,
    unsent: id => open.get(id)?.unsent() ?? 0,
    suspend: () => {
      suspended = true
      for (const connection of open.values()) connection.listenNot()
    },
    resume: () => {
      suspended = false
      for (const connection of open.values()) connection.listenAgain()
    },
    stopListening,
    stop: async () => {
      stopped = true
      clearInterval(sweeps)
      stopListening()
      for (const cancel of cancels) cancel()
      cancels.clear()
      refusals.stop()
      if (open.size === 0) return
      const emptied = new Promise<void>(resolve => {
        whenEmpty = resolve
      })
      for (const connection of open.values()) connection.drop()
      await emptied
    },
  }
}

const nameOf = ({ host, port }: TcpEndpoint): string => (host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`)

interface Connecting {
  readonly connected: (socket: Socket) => void
  readonly failed: (reason: string) => void
}

/** Names may have addresses of both families; Node tries them side by side. */
const connecting = (
  { host, port, permits }: RemoteEndpoint,
  timeout: number,
  { connected, failed }: Connecting,
): (() => void) => {
  if (permits !== undefined && isIP(host) !== 0 && !permits(host)) return refusing(notPermitted(host), failed)
  const lookup = permits === undefined ? {} : { lookup: permittedLookup(permits) }
  const socket = connect({ host, port, ...socketOptions, ...lookup })
  let isOver = false
  const over = (reason: string | undefined): void => {
    if (isOver) return
    isOver = true
    clearTimeout(timer)
    socket.destroy()
    if (reason !== undefined) failed(reason)
  }
  const fail = (error: Error): void => over(error.message === '' ? String(error) : error.message)
  const timer = setTimeout(() => over(`no connection within ${timeout / 1000} seconds`), timeout).unref()
  socket.on('error', fail)
  socket.once('connect', () => {
    if (isOver) return
    isOver = true
    clearTimeout(timer)
    socket.off('error', fail)
    connected(socket)
  })
  return () => over(undefined)
}

/** Like `dns.lookup`, without the addresses that are not permitted. */
const permittedLookup =
  (permits: (address: string) => boolean): LookupFunction =>
  (host, options, found) => {
    lookupHost(host, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return found(error, '', 0)
      const permitted = addresses.filter(({ address }) => permits(address))
      const [first] = permitted
      if (first === undefined) return found(new Error(notPermitted(host)), '', 0)
      if (options.all === true) found(null, permitted)
      else found(null, first.address, first.family)
    })
  }

const notPermitted = (host: string): string => `no address of '${host}' may be connected to`

/** Says it in a later turn. */
const refusing = (reason: string, failed: (reason: string) => void): (() => void) => {
  const turn = setImmediate(() => failed(reason))
  return () => clearImmediate(turn)
}

const started = (server: Server, endpoint: TcpEndpoint): Promise<void> =>
  new Promise((resolve, reject) => {
    const fail = (error: Error) =>
      reject(new Error(`Cannot listen on ${nameOf(endpoint)}: ${error.message}`, { cause: error }))
    server.once('error', fail)
    server.listen({ host: endpoint.host, port: endpoint.port }, () => {
      server.off('error', fail)
      resolve()
    })
  })

const boundTo = (server: Server, endpoint: TcpEndpoint) => {
  const address = server.address()
  return address === null || typeof address === 'string'
    ? { host: endpoint.host, port: endpoint.port }
    : { host: address.address, port: address.port }
}

const domainOf = (account: AccountId): string => account.slice(account.indexOf('@') + 1)
