/** A line to the server that can be cut: a TCP proxy that passes bytes on until it is told not to. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** `up` is from client to server, `down` from server to client. */
export type Direction = 'down' | 'up'

export interface Line {
  readonly port: number
  /**
   * Waits for the next piece of at least `atLeast` bytes in that direction, passes half of it on, and resets both
   * ends. Resolves when it is done.
   */
  readonly cutInside: (direction: Direction, atLeast: number) => Promise<void>
  /** From now on nothing passes, and nobody is told: half-open. Resolves when the server gives up its end. */
  readonly fallSilent: () => { readonly abandoned: Promise<void> }
  /** Ends all that stands. */
  readonly close: () => Promise<void>
}

interface Cut {
  readonly direction: Direction
  readonly atLeast: number
  readonly done: () => void
}

interface Pair {
  readonly client: Socket
  readonly server: Socket
  silent: boolean
}

/** The reset overtakes what was written just before it, so it waits so long. */
const settleMilliseconds = 40

/** Opens a line to a server, on a free port of the loopback. */
export const openLine = async (host: string, port: number): Promise<Line> => {
  const pairs = new Set<Pair>()
  let cut: Cut | undefined

  const pass = (pair: Pair, direction: Direction, bytes: Buffer): void => {
    if (pair.silent) return
    const target = direction === 'up' ? pair.server : pair.client
    if (cut === undefined || cut.direction !== direction || bytes.length < cut.atLeast) {
      target.write(bytes)
      return
    }
    const { done } = cut
    cut = undefined
    pair.silent = true
    target.write(bytes.subarray(0, bytes.length >> 1))
    setTimeout(() => {
      reset(pair)
      done()
    }, settleMilliseconds)
  }

  const listener = createServer({ noDelay: true }, client => {
    const server = connect({ host, port, noDelay: true })
    const pair: Pair = { client, server, silent: false }
    pairs.add(pair)
    client.on('data', bytes => pass(pair, 'up', bytes))
    server.on('data', bytes => pass(pair, 'down', bytes))
    for (const socket of [client, server]) socket.on('error', () => reset(pair))
    client.on('close', () => pair.silent || server.end())
    server.on('close', () => {
      pairs.delete(pair)
      client.end()
    })
  })
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')

  return {
    port: (listener.address() as AddressInfo).port,
    cutInside: (direction, atLeast) =>
      new Promise(resolve => {
        cut = { direction, atLeast, done: resolve }
      }),
    fallSilent: () => {
      const abandoned = [...pairs].map(pair => {
        pair.silent = true
        return once(pair.server, 'close').then(() => undefined)
      })
      return { abandoned: Promise.all(abandoned).then(() => undefined) }
    },
    close: async () => {
      for (const pair of pairs) reset(pair)
      listener.close()
      await once(listener, 'close')
    },
  }
}

const reset = ({ client, server }: Pair): void => {
  if (!client.destroyed) client.resetAndDestroy()
  if (!server.destroyed) server.resetAndDestroy()
}
