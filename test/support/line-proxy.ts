/**
 * A line between a client and a server that a test can cut at any byte: all at once with a RST, or by letting
 * it go dead, so that both ends stay open and hear nothing more.
 */
import { connect, createServer, type Server, type Socket } from 'node:net'

type Direction = 'toClient' | 'toServer'

export interface LineProxy {
  readonly port: number
  /** How many lines were opened so far. */
  readonly opened: () => number
  /** Bytes that went through the newest line. */
  readonly passed: (direction: Direction) => number
  /** Cuts all lines with a RST on both ends. */
  readonly reset: () => void
  /** All lines there are now go dead: nothing passes, nothing is closed. */
  readonly blackhole: () => void
  /** Cuts the clients' halves of all lines there are with a RST; the server's halves stand, and hear nothing more. */
  readonly dropClients: () => void
  /** Cuts the newest line with a RST after `bytes` more bytes in this direction, be it in the middle of a stanza. */
  readonly resetAfter: (direction: Direction, bytes: number) => Promise<void>
  /** Cuts the next line that is opened with a RST once so many bytes went through it in this direction. */
  readonly resetNext: (direction: Direction, bytes: number) => Promise<void>
  /** Refuses new lines, or lets them in again. */
  readonly admit: (open: boolean) => void
  readonly stop: () => Promise<void>
}

interface Cut {
  readonly direction: Direction
  /** How many bytes go through before it. */
  readonly at: number
  readonly done: () => void
}

interface Line {
  readonly client: Socket
  readonly server: Socket
  readonly passed: Record<Direction, number>
  dead: boolean
  cut: Cut | undefined
}

export interface LineProxyOptions {
  /** While nothing listens at the target, clients wait, as behind a load balancer; else their lines end at once. */
  readonly waitsForServer?: boolean
}

/** `target.port` is asked for at each new line. */
export const startLineProxy = async (
  target: { readonly port: number },
  { waitsForServer = false }: LineProxyOptions = {},
): Promise<LineProxy> => {
  const lines: Line[] = []
  const waiting = new Set<Socket>()
  let admits = true
  let cutOfNext: Cut | undefined
  const open = (client: Socket, server: Socket): void => {
    const line = join(client, server, cutOfNext)
    cutOfNext = undefined
    lines.push(line)
  }
  const reach = (client: Socket): void => {
    const server = connect({ host: '127.0.0.1', port: target.port, noDelay: true })
    if (!waitsForServer) return open(client, server)
    waiting.add(client)
    server.once('connect', () => {
      waiting.delete(client)
      server.removeAllListeners('error')
      open(client, server)
    })
    server.once('error', () => setTimeout(() => waiting.has(client) && reach(client), retryMilliseconds))
  }
  const listener = createServer(client => {
    client.on('error', () => {})
    client.on('close', () => waiting.delete(client))
    if (!admits) client.resetAndDestroy()
    else reach(client)
  })
  const port = await listen(listener)
  const newest = (): Line => newestOf(lines)
  return {
    port,
    opened: () => lines.length,
    passed: direction => newest().passed[direction],
    reset: () => lines.forEach(reset),
    blackhole: () => {
      for (const line of lines) line.dead = true
    },
    dropClients: () => {
      for (const line of lines) {
        line.dead = true
        line.client.resetAndDestroy()
      }
    },
    resetAfter: (direction, bytes) =>
      new Promise(done => {
        const line = newest()
        line.cut = { direction, at: line.passed[direction] + bytes, done }
      }),
    resetNext: (direction, bytes) =>
      new Promise(done => {
        cutOfNext = { direction, at: bytes, done }
      }),
    admit: isOpen => {
      admits = isOpen
    },
    stop: () => {
      for (const client of waiting) client.destroy()
      for (const line of lines) {
        line.client.destroy()
        line.server.destroy()
      }
      return new Promise(resolve => listener.close(() => resolve()))
    },
  }
}

const newestOf = (lines: ReadonlyArray<Line>): Line => {
  const line = lines.at(-1)
  if (line === undefined) throw new Error('no line was opened yet')
  return line
}

const retryMilliseconds = 50

const listen = (listener: Server): Promise<number> =>
  new Promise(resolve =>
    listener.listen(0, '127.0.0.1', () => {
      const address = listener.address()
      resolve(typeof address === 'object' && address !== null ? address.port : 0)
    }),
  )

const join = (client: Socket, server: Socket, cut: Cut | undefined): Line => {
  client.setNoDelay(true)
  const line: Line = { client, server, passed: { toClient: 0, toServer: 0 }, dead: false, cut }
  pass(line, client, server, 'toServer')
  pass(line, server, client, 'toClient')
  return line
}

const pass = (line: Line, from: Socket, to: Socket, direction: Direction): void => {
  from.on('data', bytes => {
    if (line.dead) return
    const cut = line.cut?.direction === direction ? line.cut : undefined
    const room = cut === undefined ? bytes.length : Math.min(bytes.length, cut.at - line.passed[direction])
    line.passed[direction] += room
    if (cut === undefined || line.passed[direction] < cut.at) {
      if (!to.write(bytes.subarray(0, room))) {
        from.pause()
        to.once('drain', () => from.resume())
      }
      return
    }
    to.write(bytes.subarray(0, room), () => {
      reset(line)
      cut.done()
    })
  })
  from.on('error', () => {})
  from.on('end', () => {
    if (!line.dead) to.end()
  })
  from.on('close', () => {
    if (!line.dead) to.destroy()
  })
}

const reset = (line: Line): void => {
  line.dead = true
  line.client.resetAndDestroy()
  line.server.resetAndDestroy()
}
