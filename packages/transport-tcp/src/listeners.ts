/** The sockets that a transport listens on. */
import { createServer, type Server, type Socket } from 'node:net'
import { nameOf, socketOptions, type TcpEndpoint } from './endpoints.js'
import type { TcpLog } from './log.js'

/** Where a listener listens indeed. */
export interface BoundAddress {
  readonly host: string
  readonly port: number
}

export interface Listeners {
  /** Rejects with an `Error` that names the endpoint and says why not. */
  readonly listen: (endpoint: TcpEndpoint) => Promise<BoundAddress>
  /** Accepts no more connections. */
  readonly stop: () => void
}

export interface ListenersOptions {
  /** Somebody connected. */
  readonly onSocket: (socket: Socket, directTls: boolean) => void
  /** A certificate is configured. */
  readonly hasTls: boolean
  readonly log: TcpLog
}

export const createListeners = ({ onSocket, hasTls, log }: ListenersOptions): Listeners => {
  const servers = new Set<Server>()
  return {
    listen: async endpoint => {
      if (endpoint.directTls && !hasTls)
        throw new Error(`Cannot listen on ${nameOf(endpoint)} with direct TLS: no certificate is configured.`)
      const server = createServer(socketOptions)
      server.on('connection', socket => onSocket(socket, endpoint.directTls))
      await started(server, endpoint)
      server.on('error', error => log.warn(`The listener on ${nameOf(endpoint)} failed: ${error.message}`))
      servers.add(server)
      return boundTo(server, endpoint)
    },
    stop: () => {
      for (const server of servers) server.close()
      servers.clear()
    },
  }
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

const boundTo = (server: Server, endpoint: TcpEndpoint): BoundAddress => {
  const address = server.address()
  return address === null || typeof address === 'string'
    ? { host: endpoint.host, port: endpoint.port }
    : { host: address.address, port: address.port }
}
