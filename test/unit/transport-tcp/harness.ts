/** A transport on a loopback port, a handler that writes down what it is told, and peers that speak bytes. */
import { connect, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls'
import type { Element, Stanza } from '@smacks/codec'
import type { Transport } from '@smacks/runtime'
import { type Connection, type ConnectionHandler, streamTransport } from '@smacks/stream'
import { createTcpTransport, type TcpTransport, type TcpTransportOptions } from '@smacks/transport-tcp'
import { afterEach } from 'vitest'
import { testCertificate } from '../../support/certificate.js'

export const header =
  "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='localhost' version='1.0'>"

/** An element as a test names it: `<iq/>`, or `<message>hi</message>` for any text inside. */
const described = (element: Element): string => {
  const text = allText(element)
  return text === '' ? `<${element.name}/>` : `<${element.name}>${text}</${element.name}>`
}

const allText = (element: Element): string =>
  element.children.map(child => (typeof child === 'string' ? child : allText(child))).join('')

/** A handler that writes down what it is told. */
export interface Recorder {
  readonly connection: Connection
  /** One line for each thing told: its name and what matters of it. */
  readonly told: ReadonlyArray<string>
}

/** What a test makes the handler do with an element, beyond writing it down. */
export type OnElement = (element: Element, connection: Connection) => void

export interface House {
  /** The transport, and what the loop would call. */
  readonly transport: TcpTransport & Transport<Stanza>
  readonly port: number
  readonly recorders: ReadonlyArray<Recorder>
  readonly connect: () => Promise<Peer>
  /** The recorder of the newest connection. */
  readonly recorder: () => Recorder
}

export interface Peer {
  readonly socket: Socket
  readonly send: (bytes: Uint8Array | string) => void
  /** All that came so far. */
  readonly received: () => string
}

const closers: Array<() => unknown> = []
/** Done when the test is over, before what was asked for earlier. */
export const afterwards = (close: () => unknown): void => void closers.push(close)
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

/** Polls, since what is waited for passes through the kernel. */
export const until = async (what: string, holds: () => boolean): Promise<void> => {
  const giveUpAt = performance.now() + 20_000
  while (!holds()) {
    if (performance.now() > giveUpAt) throw new Error(`waited in vain until ${what}`)
    await turn()
  }
}

/** Lets the event loop turn once, input included. */
export const turn = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

export interface HouseOptions extends Partial<Omit<TcpTransportOptions, 'accept'>> {
  readonly onElement?: OnElement
  readonly onAccept?: (connection: Connection) => void
  readonly directTls?: boolean
  readonly host?: string
}

/** Into `reads` goes a word at the end of each read. */
export const startHouse = async (options: HouseOptions = {}, reads: Array<string> = []): Promise<House> => {
  const { onElement, onAccept, directTls, host, ...rest } = options
  const recorders: Recorder[] = []
  const transport = createTcpTransport({
    ...rest,
    accept: connection => {
      const told: string[] = []
      recorders.push({ connection, told })
      onAccept?.(connection)
      return { ...recording(connection, told, onElement), readEnded: () => reads.push('read') }
    },
  })
  closers.push(async () => {
    for (const { connection } of recorders) connection.destroy()
    await transport.stop()
  })
  const { port } = await transport.listen({ host: host ?? '127.0.0.1', port: 0, directTls: directTls ?? false })
  const recorder = () => {
    const newest = recorders.at(-1)
    if (newest === undefined) throw new Error('nobody has connected')
    return newest
  }
  return {
    transport: { ...transport, ...streamTransport(transport) },
    port,
    recorders,
    recorder,
    connect: async () => {
      const before = recorders.length
      const peer = await connectPeer(port)
      await until('the connection is accepted', () => recorders.length > before)
      return peer
    },
  }
}

/** A handler that writes into `told`. */
export const recording = (
  connection: Connection,
  told: string[],
  onElement: OnElement | undefined,
): ConnectionHandler => ({
  streamOpened: ({ to }) => told.push(`opened ${to}`),
  element: element => {
    told.push(described(element))
    onElement?.(element, connection)
  },
  streamClosed: () => told.push('closed'),
  overLimit: ({ name }, { condition }) => told.push(`over a limit: ${name}, ${condition}`),
  faulted: ({ condition }) => told.push(`faulted ${condition}`),
  lost: reason => told.push(`lost: ${reason}`),
  drained: () => told.push('drained'),
  silent: () => told.push('silent'),
})

export const connectPeer = (port: number): Promise<Peer> =>
  new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, noDelay: true, allowHalfOpen: true })
    socket.once('error', reject)
    socket.once('connect', () => resolve(asPeer(socket)))
  })

const asPeer = (socket: Socket): Peer => {
  let received = ''
  socket.on('error', () => {})
  socket.on('data', chunk => {
    received += chunk.toString()
  })
  closers.push(() => socket.destroy())
  return { socket, send: bytes => void socket.write(bytes), received: () => received }
}

/** TLS on a line, trusting the test's certificate alone. */
export const secure = async (
  socket: Socket,
  options: ConnectionOptions = {},
): Promise<Peer & { socket: TLSSocket }> => {
  const { cert } = await testCertificate()
  socket.removeAllListeners('data')
  const secured = connectTls({ socket, ca: cert, servername: 'localhost', ...options })
  closers.push(() => secured.destroy())
  await new Promise<void>((resolve, reject) => {
    secured.once('error', reject)
    secured.once('secureConnect', resolve)
  })
  return { ...asPeer(secured), socket: secured }
}

/** Options of a transport with TLS. */
export const withTls = async () => {
  const { cert, key } = await testCertificate()
  const material = { cert, key }
  return { tls: () => material }
}
