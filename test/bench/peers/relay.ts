/** The bare relay (see `relay-main.ts`). */
import { fileURLToPath } from 'node:url'
import { collectWithSignal, nodeArguments } from './node-process.js'
import { type Peer, startServer, workplace } from './peer.js'

const main = fileURLToPath(new URL('relay-main.ts', import.meta.url))

export const relay: Peer = {
  name: 'bare relay',
  settings: 'Node, splits stanzas and looks up `to`; no checks, no parser',
  hasJournal: false,
  missing: () => undefined,
  start: async () => {
    const place = await workplace('relay')
    const args = [...nodeArguments, '--import', import.meta.resolve('tsx'), main, String(place.port)]
    const server = await startServer(process.execPath, args, place)
    return {
      ...server,
      mechanism: 'PLAIN',
      port: place.port,
      collectGarbage: () => collectWithSignal(server.pid, place.folder),
    }
  },
}
