/** A build of ours, started as an operator would: the released command with a configuration file. */
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cpuOfTree, killTree } from '../proc.js'
import {
  domain,
  type Peer,
  password,
  type RunningPeer,
  type StartOptions,
  silence,
  startServer,
  username,
  type Workplace,
  workplace,
  writeCertificate,
} from './peer.js'
import { nodeArguments, probeOf } from './probe.js'

export interface Build {
  readonly name: string
  /** The root of a checkout that is built. */
  readonly root: string
  /** Which one it is. */
  readonly version: string
  /** It does not know the limits that came later. */
  readonly isOld: boolean
}

/** Where users of a run are kept between its trials: to make the keys of 10,000 passwords takes longer than to use them. */
export const userCacheVariable = 'SMACKS_BENCH_USERS'

/** Extra arguments for Node, such as `--cpu-prof`. */
const extra = (process.env.SMACKS_BENCH_NODE_OPTIONS ?? '').split(' ').filter(argument => argument !== '')

export const smacks = (build: Build): Peer => ({
  name: build.name,
  settings:
    'require_encryption = false, log_level = "warn", no limits on rates; SASL SCRAM-SHA-1 where the mechanism is not the matter',
  missing: () => (existsSync(join(build.root, 'apps/server/dist/smacks.js')) ? undefined : 'it is not built'),
  version: () => build.version,
  start: async options => {
    const place = await workplace(build.isOld ? 'base' : 'smacks')
    await writeCertificate(place.folder)
    writeFileSync(join(place.folder, 'smacks.toml'), await configuration(build, place, options))
    importUsers(build, place, options.users)
    return run(build, place, options)
  },
})

const binOf = (build: Build): string => join(build.root, 'apps/server/bin/smacks.mjs')

/** What the first line of the command gives to Node. */
const shebangArguments = (bin: string): ReadonlyArray<string> =>
  (readFileSync(bin, 'utf8').split('\n')[0] ?? '').split(/\s+/).filter(word => word.startsWith('--'))

const run = async (build: Build, place: Workplace, options: StartOptions): Promise<RunningPeer> => {
  const bin = binOf(build)
  const args = [...nodeArguments, ...shebangArguments(bin), ...extra, bin]
  const env = options.watchLoop === true ? { ...process.env, SMACKS_BENCH_WATCH_LOOP: '1' } : process.env
  const begin = () => startServer(process.execPath, [...args, 'serve', '--config', 'smacks.toml'], place, env)
  let server = await begin()
  let probe = probeOf(server.child)
  const journal = {
    folder: join(place.folder, 'data'),
    beginAgain: async () => {
      await killTree(server.pid)
      await silence(place.port)
      const startedAt = performance.now()
      server = await begin()
      const milliseconds = performance.now() - startedAt
      probe = probeOf(server.child)
      return { milliseconds, busy: cpuOfTree(server.pid).exact * 1000, blocked: await probe.blocked() }
    },
  }
  return {
    get pid() {
      return server.pid
    },
    get probe() {
      return probe
    },
    tls: options.tls ?? false,
    mechanism: 'SCRAM-SHA-1',
    port: place.port,
    stop: () => server.stop(),
    ...(options.durability === 'memory' ? {} : { journal }),
  }
}

const importUsers = (build: Build, { folder }: Workplace, count: number): void => {
  const cache = process.env[userCacheVariable]
  const kept = cache === undefined ? undefined : join(cache, `${build.isOld ? 'base' : 'today'}-${count}`)
  const data = join(folder, 'data')
  if (kept !== undefined && existsSync(kept)) {
    cpSync(kept, data, { recursive: true })
    return
  }
  const lines = Array.from({ length: count }, (_, index) => `${username(index)}@${domain} ${password}\n`)
  writeFileSync(join(folder, 'users'), lines.join(''))
  execFileSync(process.execPath, [binOf(build), 'user', 'import', '--config', 'smacks.toml', 'users'], { cwd: folder })
  if (kept !== undefined) cpSync(data, kept, { recursive: true })
}

const configuration = async (build: Build, { folder, port }: Workplace, options: StartOptions): Promise<string> => {
  const { durability = 'process', tls = false, hibernationSeconds = 3600, maxQueueSize } = options
  const listeners = tls ? `listen = "127.0.0.1:0"\ndirect_tls = "127.0.0.1:${port}"` : `listen = "127.0.0.1:${port}"`
  return `
domains = ["${domain}"]
data = "${join(folder, 'data')}"
durability = "${durability}"
log_level = "warn"
smacks_hibernation_time = ${hibernationSeconds}
${maxQueueSize === undefined ? '' : `smacks_max_queue_size = ${maxQueueSize}`}
[c2s]
${listeners}
require_encryption = false
[tls]
certificate = "cert.pem"
key = "key.pem"
[limits]
connections_per_address = 100000
${build.isOld ? '' : laterLimits}
`
}

/** What the old build does not bound, so that both do the same. */
const laterLimits = `
max_connections = 100000
max_pending_connections = 100000
bytes_per_second = 0
queue_bytes_per_session = "1 GiB"
queue_bytes_per_user = "1 GiB"
offline_bytes_per_sender = "1 GiB"
offline_bytes_per_user = "1 GiB"
`
