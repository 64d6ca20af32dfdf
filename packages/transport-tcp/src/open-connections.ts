/** The connections that stand: found by their ids, flushed together, looked after while they are silent. */
import type { ConnectionId } from '@smacks/core'
import { sweepsOfSilence } from './silence.js'
import type { TcpConnection } from './tcp-connection.js'

export class OpenConnections {
  readonly #byId = new Map<ConnectionId, TcpConnection>()
  readonly #sweeps: NodeJS.Timeout | undefined
  #dirty: Array<TcpConnection> = []
  #whenEmpty: (() => void) | undefined

  /** A peer is called silent after so many seconds without a byte; 0: never. */
  constructor(silenceSeconds: number) {
    if (silenceSeconds > 0)
      this.#sweeps = setInterval(() => this.#sweep(), (silenceSeconds * 1000) / sweepsOfSilence).unref()
  }

  get size(): number {
    return this.#byId.size
  }

  [Symbol.iterator](): IterableIterator<TcpConnection> {
    return this.#byId.values()
  }

  get(id: ConnectionId): TcpConnection | undefined {
    return this.#byId.get(id)
  }

  add(connection: TcpConnection): void {
    this.#byId.set(connection.id, connection)
  }

  delete(connection: TcpConnection): void {
    this.#byId.delete(connection.id)
    if (this.#byId.size === 0) this.#whenEmpty?.()
  }

  /** The connection, which leaves what it is given with the next `flush`. */
  toWrite(id: ConnectionId): TcpConnection | undefined {
    const connection = this.#byId.get(id)
    if (connection !== undefined && !connection.dirty) {
      connection.dirty = true
      this.#dirty.push(connection)
    }
    return connection
  }

  flush(): void {
    const waiting = this.#dirty
    this.#dirty = []
    for (const connection of waiting) {
      connection.dirty = false
      connection.flush()
    }
  }

  /** Drops them all, and resolves when all are closed. */
  async stop(): Promise<void> {
    clearInterval(this.#sweeps)
    if (this.#byId.size === 0) return
    const emptied = new Promise<void>(resolve => {
      this.#whenEmpty = resolve
    })
    for (const connection of this) connection.drop()
    await emptied
  }

  #sweep(): void {
    for (const connection of this) connection.sweep()
  }
}
