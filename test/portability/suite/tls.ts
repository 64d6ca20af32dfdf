/** A transport and its client in one process, with TLS from the first byte; `cert.pem` and `key.pem` lie beside it. */
import { readFileSync } from 'node:fs'
import { connect } from 'node:tls'
import type { Connection } from '@smacks/stream'
import { createTcpTransport } from '@smacks/transport-tcp'

const header = '<stream:stream xmlns="jabber:client" xmlns:stream="http://etherx.jabber.org/streams" version="1.0">'
const pem = { key: readFileSync('key.pem'), cert: readFileSync('cert.pem') }

const bindingsOf = (connection: Connection): string =>
  (['tls-exporter', 'tls-unique', 'tls-server-end-point'] as const)
    .flatMap(type => {
      const binding = connection.channelBinding(type)
      return binding === undefined ? [] : [`${type} of ${binding.length} bytes`]
    })
    .join(', ')

const nothing = (): void => {}
const transport = createTcpTransport({
  tls: () => pem,
  accept: connection => ({
    streamOpened: () =>
      connection.write(`${connection.secure() ? 'secure' : 'in the clear'}, ${bindingsOf(connection)}`),
    element: nothing,
    streamClosed: nothing,
    faulted: nothing,
    overLimit: nothing,
    lost: nothing,
    drained: nothing,
    silent: nothing,
  }),
})
const { port } = await transport.listen({ host: '127.0.0.1', port: 0, directTls: true })
for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
  const socket = connect({
    host: '127.0.0.1',
    port,
    rejectUnauthorized: false,
    minVersion: version,
    maxVersion: version,
    ALPNProtocols: ['xmpp-client'],
  })
  const answer = new Promise<string>((resolve, reject) => {
    socket.once('data', bytes => resolve(bytes.toString()))
    socket.once('error', reject)
  })
  socket.once('secureConnect', () => socket.write(header))
  console.log(`${version}: ${await answer}`)
  socket.destroy()
}
process.exit(0)
