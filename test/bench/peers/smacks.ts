/** Our server, as it is started by hand. */
import { execFileSync } from 'node:child_process'
import { existsSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { killTree, usageOfTree } from '../proc.js'
import { collectWithSignal, nodeArguments } from './node-process.js'
import {
  domain,
  type Peer,
  type PeerJournal,
  password,
  type Started,
  serverCore,
  silence,
  startServer,
  username,
  workplace,
} from './peer.js'

const bin = fileURLToPath(new URL('../../../apps/server/bin/smacks.mjs', import.meta.url))
const recoverMain = fileURLToPath(new URL('../measures/recover-main.ts', import.meta.url))
const built = fileURLToPath(new URL('../../../apps/server/dist/smacks.js', import.meta.url))

export type Durability = 'disk' | 'memory' | 'process'

const config = (folder: string, port: number, durability: Durability, maxQueueSize: number): string => `
domains = ["${domain}"]
data = "${join(folder, 'data')}"
durability = "${durability}"
log_level = "warn"
smacks_max_queue_size = ${maxQueueSize}
[c2s]
listen = "127.0.0.1:${port}"
require_encryption = false
[limits]
connections_per_address = 100000
max_connections = 100000
max_pending_connections = 100000
bytes_per_second = 0
`

/** As the bin's first line has it. */
const youngGeneration = '--max-semi-space-size=64'

/** Extra arguments for Node, such as `--cpu-prof`. */
const extra = (process.env.SMACKS_BENCH_NODE_OPTIONS ?? '').split(' ').filter(argument => argument !== '')

export const smacks = (durability: Durability): Peer => ({
  name: `smacks, ${durability}`,
  settings: `durability = "${durability}", require_encryption = false, log_level = "warn", bytes_per_second = 0, SASL SCRAM-SHA-1`,
  hasJournal: durability !== 'memory',
  missing: () => (existsSync(built) ? undefined : 'it is not built: npm run build'),
  start: async (users, maxQueueSize = 500) => {
    const place = await workplace('smacks')
    const file = join(place.folder, 'smacks.toml')
    writeFileSync(file, config(place.folder, place.port, durability, maxQueueSize))
    const lines = Array.from({ length: users }, (_, index) => `${username(index)}@${domain} ${password}\n`)
    writeFileSync(join(place.folder, 'users'), lines.join(''))
    execFileSync(process.execPath, [bin, 'user', 'import', '--config', file, join(place.folder, 'users')])
    const begin = (): Promise<Started> =>
      startServer(
        process.execPath,
        [...nodeArguments, youngGeneration, ...extra, bin, 'serve', '--config', file],
        place,
      )
    let server = await begin()
    const journal: PeerJournal = {
      bytes: () => statSync(join(place.folder, 'data', 'data.mdb')).size,
      beginAgain: async () => {
        await killTree(server.pid)
        await silence(place.port)
        const startedAt = performance.now()
        server = await begin()
        const elapsed = performance.now() - startedAt
        return { elapsed, busy: usageOfTree(server.pid).cpuSeconds * 1000 }
      },
      readAgain: async what => {
        const args = [
          '-c',
          String(serverCore),
          process.execPath,
          youngGeneration,
          '--import',
          import.meta.resolve('tsx'),
        ]
        return Number(execFileSync('taskset', [...args, recoverMain, join(place.folder, 'data'), what]))
      },
    }
    return {
      pid: server.pid,
      mechanism: 'SCRAM-SHA-1',
      port: place.port,
      collectGarbage: () => collectWithSignal(server.pid, place.folder),
      stop: () => server.stop(),
      ...(durability === 'memory' ? {} : { journal }),
    }
  },
})
