import { once } from 'node:events'
import { connect as connectTo, type Socket } from 'node:net'
import { Stanza } from '@smacks/codec'
import { type Connection, type ConnectionHandler, streamTransport, xmlStreamFraming } from '@smacks/stream'
import { recordingTransport, type TransportBench, transportCompliance } from '@smacks/testkit'
import { createTcpTransport } from '@smacks/transport-tcp'
import { describe, expect, it } from 'vitest'

const runner = { describe, it, expect }

describe('the recording transport', () => {
  transportCompliance<string>({
    ...runner,
    stanza: text => text,
    create: () => {
      const transport = recordingTransport<string>(text => text)
      return {
        transport,
        adopted: transport.adopted,
        connect: () => {
          const connection = transport.connect()
          return {
            connection,
            received: () => transport.lines(connection).join('\n'),
            ended: () => transport.ended(connection),
            closed: () => transport.lines(connection).some(line => line.startsWith('close')),
            writes: () => transport.writes(connection).map(write => write.join('\n')),
          }
        },
      }
    },
  })
})

describe('the transport over TCP', () => {
  transportCompliance<Stanza>({
    ...runner,
    stanza: text => Stanza.fromXml(`<message type='chat'><body>${text}</body></message>`),
    create: overTcp,
  })
})

async function overTcp(): Promise<TransportBench<Stanza>> {
  const accepted: Array<(connection: Connection) => void> = []
  const peers: Array<Socket> = []
  const drained: Array<string> = []
  const transport = createTcpTransport({
    accept: connection => {
      accepted.shift()?.(connection)
      return { ...handler, drained: () => drained.push(connection.id) }
    },
  })
  const { port } = await transport.listen({ host: '127.0.0.1', port: 0, directTls: false })
  return {
    transport: streamTransport(transport),
    drained: async () => {
      await new Promise(resolve => setTimeout(resolve, quiet))
      return drained
    },
    connect: async () => {
      const connection = new Promise<Connection>(resolve => accepted.push(resolve))
      const peer = connectTo({ host: '127.0.0.1', port, allowHalfOpen: true })
      peers.push(peer)
      return { connection: (await connection).id, ...farEnd(peer) }
    },
    end: async () => {
      for (const peer of peers) peer.destroy()
      await transport.stop()
    },
  }
}

const handler: ConnectionHandler = {
  streamOpened: () => undefined,
  element: () => undefined,
  streamClosed: () => undefined,
  overLimit: () => undefined,
  faulted: () => undefined,
  lost: () => undefined,
  drained: () => undefined,
  silent: () => undefined,
}

/** Whatever is on its way over loopback is there when nothing more has come for so long, in milliseconds. */
const quiet = 40

const farEnd = (peer: Socket) => {
  let text = ''
  let over = false
  peer.setEncoding('utf8').on('data', chunk => {
    text += chunk
  })
  peer.on('end', () => {
    over = true
  })
  return {
    received: async () => {
      for (let before = -1; before !== text.length; ) {
        before = text.length
        await new Promise(resolve => setTimeout(resolve, quiet))
        // On a slow machine the timer may be first; what is at hand is read before the immediates.
        for (let turn = 0; turn < 3; turn += 1) await new Promise(resolve => setImmediate(resolve))
      }
      return text
    },
    ended: async () => {
      if (!over) await once(peer, 'end', { signal: AbortSignal.timeout(5000) })
      return over
    },
    closed: async () => {
      if (!over) await once(peer, 'end', { signal: AbortSignal.timeout(5000) })
      return text.includes(xmlStreamFraming.close)
    },
  }
}
