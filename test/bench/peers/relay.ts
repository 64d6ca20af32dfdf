/** The bare relay (see `relay-main.ts`). */
import { fileURLToPath } from 'node:url'
import { type Peer, startServer, workplace } from './peer.js'
import { nodeArguments, probeOf } from './probe.js'

const main = fileURLToPath(new URL('relay-main.ts', import.meta.url))

export const relay: Peer = {
  name: 'bare relay',
  settings: 'Node, splits stanzas and looks up `to`; no checks, no parser, no TLS',
  missing: () => undefined,
  version: () => process.version,
  start: async () => {
    const place = await workplace('relay')
    const args = [...nodeArguments, '--import', import.meta.resolve('tsx'), main, String(place.port)]
    const server = await startServer(process.execPath, args, place)
    return { ...server, mechanism: 'PLAIN', tls: false, port: place.port, probe: probeOf(server.child) }
  },
}
