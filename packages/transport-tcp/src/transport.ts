/** The transport: listens, hands each connection to its handler, and writes what the loop sends. */
import { createServer, type Server, type Socket } from 'node:net'
import { encodeNonza, encodeStreamError, type Stanza, withDelay } from '@smacks/codec'
import type { ConnectionId } from '@smacks/core'
import type { AccountId, Transport } from '@smacks/runtime'
import { createAddresses, plainAddress } from './addresses.js'
import { defaultTcpLimits, type TcpLog, type TcpTransportOptions } from './options.js'
import { type Surroundings, sweepsOfSilence, TcpConnection } from './tcp-connection.js'
import { createTlsUpgrade } from './tls.js'

/** Where to listen. */
export interface TcpEndpoint {
  /** An address of this machine, IPv4 or IPv6, or a name of one. */
  readonly host: string
  /** 0: any that is free. */
  readonly port: number
  /** TLS from the first byte (XEP-0368) instead of STARTTLS. */
  readonly directTls: boolean
}

export interface TcpTransport extends Transport<Stanza> {
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
  /** Stops listening, closes all streams, and resolves when all connections are closed: in at most five seconds. */
  readonly stop: () => Promise<void>
}

/** TCP may find a dead peer by itself; it starts asking after so many milliseconds of silence. */
const keepAliveDelay = 60_000

const silentLog: TcpLog = { info: () => {}, warn: () => {} }

/** A transport for connections of clients over TCP and TLS. */
export const createTcpTransport = (options: TcpTransportOptions): TcpTransport => {
  const limits = { ...defaultTcpLimits, ...options.limits }
  const log = options.log ?? silentLog
  const now = options.now ?? (() => performance.now())
  const delayFrom = options.delayFrom ?? domainOf
  const addresses = createAddresses(limits.connectionsPerAddress, log, now)
  const open = new Map<ConnectionId, TcpConnection>()
  const servers = new Set<Server>()
  let dirty: Array<TcpConnection> = []
  let serial = 0
  let suspended = false
  let whenEmpty: (() => void) | undefined

  const surroundings: Surroundings = {
    limits,
    upgrade: options.tls && createTlsUpgrade(options.tls),
    now,
    log,
    forget: connection => {
      open.delete(connection.id)
      addresses.leave(connection.remoteAddress)
      if (open.size === 0) whenEmpty?.()
    },
  }

  const welcome = (socket: Socket, directTls: boolean): void => {
    const address = plainAddress(socket.remoteAddress ?? '')
    if (address === '' || suspended || !addresses.enter(address)) {
      socket.destroy()
      return
    }
    serial += 1
    const connection = new TcpConnection(`tcp-${serial}`, address, socket, surroundings)
    open.set(connection.id, connection)
    connection.open(options.accept(connection), directTls)
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
      const server = createServer({
        allowHalfOpen: true,
        noDelay: true,
        keepAlive: true,
        keepAliveInitialDelay: keepAliveDelay,
      })
      server.on('connection', socket => welcome(socket, endpoint.directTls))
      await started(server, endpoint)
      server.on('error', error => log.warn(`The listener on ${nameOf(endpoint)} failed: ${error.message}`))
      servers.add(server)
      return boundTo(server, endpoint)
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
      clearInterval(sweeps)
      stopListening()
      if (open.size === 0) return
      const emptied = new Promise<void>(resolve => {
        whenEmpty = resolve
      })
      for (const connection of open.values()) connection.close()
      await emptied
    },
  }
}

const nameOf = ({ host, port }: TcpEndpoint): string => (host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`)

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
