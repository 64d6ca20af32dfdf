/** The listener: HTTP or HTTPS at some addresses, all with the same routes. */
import type { IncomingMessage, Server, ServerOptions } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { SecureContextOptions } from 'node:tls'
import { createRefuse, type Refuse } from './access.js'
import { type Answering, createAnswering } from './answering.js'
import { Crowd } from './crowd.js'
import { defaultHttpLimits, type HttpLimits } from './limits.js'
import type { Route, Upgrade, WholeAnswer } from './route.js'
import { createRoutes, type Routes, targetOf } from './routes.js'
import { addressText } from './settings.js'

export interface HttpOptions {
  /** What whoever asks has to show, but for routes that are open. Without it, only this machine may be able to ask. */
  readonly token?: string | undefined
  /** Certificate and key, asked for at each connection: a new object takes effect with the next one. Without it no TLS. */
  readonly tls?: (() => SecureContextOptions) | undefined
  /** What differs from `defaultHttpLimits`. */
  readonly limits?: Partial<HttpLimits>
  /** Something that must not have happened happened while this path was answered. */
  readonly onFault: (error: unknown, path: string) => void
}

export interface HttpListener {
  /** Throws an `Error` if something is there already. Routes may come while it listens. */
  readonly add: (...routes: ReadonlyArray<Route>) => void
  /** The same for protocols that a connection changes to. To be called before `listen`. */
  readonly addUpgrade: (upgrade: Upgrade) => void
  /** Tells where, as `host:port`; rejects with an `Error` if it cannot listen there. */
  readonly listen: (endpoint: { readonly host: string; readonly port: number }) => Promise<string>
  /**
   * Listens no more, ends all streams, and resolves when all connections are closed: those that have requests, or changed to
   * another protocol, in a second at most.
   */
  readonly stop: () => Promise<void>
}

/** Milliseconds that answers under way have, once the listener stops. */
const stopMilliseconds = 1_000

export const createHttpListener = ({ token, tls, limits: some, onFault }: HttpOptions): HttpListener => {
  const limits = { ...defaultHttpLimits, ...some }
  const routes = createRoutes()
  const refuse = createRefuse(token)
  const answering = createAnswering({ routes, refuse, limits, onFault })
  const crowd = new Crowd(limits.connections)
  const servers = new Set<Server>()

  return {
    add: (...added) => {
      for (const route of added) routes.add(route)
    },
    addUpgrade: routes.addUpgrade,
    listen: async endpoint => {
      const server = await openServer(limits, tls, answering)
      crowd.watch(server)
      if (routes.hasUpgrades()) server.on('upgrade', upgrading(routes, refuse, crowd))
      servers.add(server)
      return await listening(server, endpoint)
    },
    stop: async () => {
      const closed = [...servers].map(close)
      servers.clear()
      crowd.dropIdle()
      answering.endStreams()
      const late = setTimeout(() => crowd.drop(), stopMilliseconds)
      await Promise.all(closed)
      clearTimeout(late)
    },
  }
}

const milliseconds = (seconds: number): number => Math.ceil(seconds * 1000)

/** Node's modules are loaded by who listens, not by who only reads settings. */
const openServer = async (limits: HttpLimits, tls: HttpOptions['tls'], { answer }: Answering): Promise<Server> => {
  const headersTimeout = milliseconds(limits.headerSeconds)
  const options: ServerOptions = {
    maxHeaderSize: limits.headerBytes,
    headersTimeout,
    requestTimeout: milliseconds(limits.requestSeconds),
    keepAliveTimeout: milliseconds(limits.keepAliveSeconds),
    connectionsCheckingInterval: Math.min(1000, headersTimeout),
  }
  const server =
    tls === undefined
      ? (await import('node:http')).createServer(options, answer)
      : await openSecureServer(options, headersTimeout, tls, answer)
  server.maxHeadersCount = 100
  server.maxRequestsPerSocket = limits.requestsPerConnection
  server.timeout = milliseconds(limits.idleSeconds)
  return server
}

const openSecureServer = async (
  options: ServerOptions,
  handshakeTimeout: number,
  tls: () => SecureContextOptions,
  answer: Answering['answer'],
): Promise<Server> => {
  const { createServer } = await import('node:https')
  let inUse = tls()
  const server = createServer({ ...options, ...inUse, minVersion: 'TLSv1.2', handshakeTimeout }, answer)
  // Before the handshake of the connection begins.
  server.prependListener('connection', () => {
    const current = tls()
    if (current === inUse) return
    inUse = current
    server.setSecureContext({ ...current, minVersion: 'TLSv1.2' })
  })
  return server
}

const listening = (server: Server, endpoint: { readonly host: string; readonly port: number }): Promise<string> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ ...endpoint, exclusive: true }, () => {
      server.off('error', reject)
      const { address, port } = server.address() as AddressInfo
      resolve(addressText({ host: address, port }))
    })
  })

const close = (server: Server): Promise<void> =>
  new Promise(resolve => {
    server.close(() => resolve())
  })

const upgrading =
  (routes: Routes, refuse: Refuse, crowd: Crowd) =>
  (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    // Whatever becomes of it, an error of the line is nobody's fault.
    socket.on('error', () => {})
    const upgrade = routes.upgrade(targetOf(request.url)?.path ?? '')
    const refused = upgrade === undefined ? notHere : refuse(upgrade.access, request.headers)
    if (upgrade === undefined || refused !== undefined) return void socket.end(refusalText(refused ?? notHere))
    // Whatever the type says: it is the socket of the connection.
    const line = socket as Socket
    line.setTimeout(0)
    crowd.leave(line)
    upgrade.take(request, socket, head)
  }

const notHere: WholeAnswer = { status: 404 }

const refusalText = ({ status }: WholeAnswer): string =>
  `HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`
