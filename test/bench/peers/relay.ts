/** The bare relay (see `relay-main.ts`), as plain JavaScript: nothing that compiles it is in its memory. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { transformSync } from 'esbuild'
import { type Peer, startServer, workplace } from './peer.js'
import { nodeArguments, probeOf } from './probe.js'

const main = new URL('relay-main.ts', import.meta.url)

export const relay: Peer = {
  name: 'bare relay',
  settings: 'Node, splits stanzas and looks up `to`; no checks, no parser, no TLS',
  missing: () => undefined,
  version: () => process.version,
  start: async () => {
    const place = await workplace('relay')
    const file = join(place.folder, 'relay.mjs')
    writeFileSync(file, transformSync(readFileSync(main, 'utf8'), { loader: 'ts', format: 'esm' }).code)
    const server = await startServer(process.execPath, [...nodeArguments, file, String(place.port)], place)
    return { ...server, mechanism: 'PLAIN', tls: false, port: place.port, probe: probeOf(server.child) }
  },
}
