/** The connections that stand, as many as there may be. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

interface Guest {
  readonly socket: Socket
  requests: number
}

/** With TLS, requests tell of another socket than the one that connected; both have the same peer. */
const nameOf = ({ remoteAddress, remotePort }: Socket): string => `${remoteAddress} ${remotePort}`

export class Crowd {
  /** The oldest first. */
  readonly #guests = new Map<string, Guest>()
  readonly #upgraded = new Set<Socket>()
  #isClosing = false

  constructor(private readonly most: number) {}

  watch(server: Server): void {
    server.prependListener('connection', (socket: Socket) => this.#enter(socket))
    server.on('request', (request: IncomingMessage, response: ServerResponse) => this.#ask(request, response))
  }

  /** It speaks another protocol from now on, and takes nobody's place. */
  leave(socket: Socket): void {
    this.#guests.delete(nameOf(socket))
    this.#upgraded.add(socket)
    socket.once('close', () => this.#upgraded.delete(socket))
  }

  /** Drops those that have no request, and from now on each as soon as its last one is answered. */
  dropIdle(): void {
    this.#isClosing = true
    for (const { socket, requests } of [...this.#guests.values()]) if (requests === 0) socket.destroy()
  }

  /** Drops them all, whatever they are about. */
  drop(): void {
    for (const { socket } of [...this.#guests.values()]) socket.destroy()
    for (const socket of [...this.#upgraded]) socket.destroy()
  }

  #enter(socket: Socket): void {
    const name = nameOf(socket)
    if (this.#guests.size >= this.most && !this.#makeRoom()) {
      socket.destroy()
      return
    }
    this.#guests.set(name, { socket, requests: 0 })
    socket.once('close', () => this.#guests.delete(name))
  }

  #makeRoom(): boolean {
    for (const [name, { socket, requests }] of this.#guests) {
      if (requests > 0) continue
      this.#guests.delete(name)
      socket.destroy()
      return true
    }
    return false
  }

  #ask({ socket }: IncomingMessage, response: ServerResponse): void {
    const guest = this.#guests.get(nameOf(socket))
    if (guest === undefined) return
    guest.requests += 1
    response.once('close', () => {
      guest.requests -= 1
      if (this.#isClosing && guest.requests === 0) socket.destroySoon()
    })
  }
}
