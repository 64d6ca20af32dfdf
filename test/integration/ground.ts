/** What tests of restarts and races stand on: a server with any configuration, and chance that can be repeated. */
import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { testCertificate } from '../support/certificate.js'
import { type House, openHouse } from '../support/house.js'
import { freePort, temporaryFolder } from '../support/places.js'
import { orCleanUp, runningServer } from '../support/running.js'
import { awaitPort, launch, type RunningServer, run, type TestUser } from '../support/server.js'
import type { Xml } from '../support/xml.js'
import { bodyOf } from '../support/xml.js'
import type { XmppClient } from '../support/xmpp-client.js'

const built = fileURLToPath(new URL('../../apps/server/bin/smacks.mjs', import.meta.url))

export interface Ground {
  /** Outlives the server. */
  readonly folder: string
  /** Accounts to be added before the start. */
  readonly users?: ReadonlyArray<TestUser>
  /** Lines of the configuration's top level; tables come last. */
  readonly config?: Readonly<Record<string, unknown>>
  /** Lines of its table `[limits]`. */
  readonly limits?: Readonly<Record<string, number | string>>
  /** What `smacks serve` is told besides. */
  readonly args?: ReadonlyArray<string>
  /** The command `smacks`: that of this build unless told. */
  readonly command?: string
  /** Set in the environment of the server. */
  readonly env?: NodeJS.ProcessEnv
  /** No file of the server may grow beyond so many kilobytes: the disk is full there. */
  readonly fileKilobytes?: number
}

/** Starts the built server on the folder's data, as an operator would. */
export const startOn = async ({
  folder,
  users = [],
  config = {},
  limits = {},
  args: more = [],
  command = built,
  env = {},
  fileKilobytes,
}: Ground): Promise<RunningServer> => {
  const [port, directTlsPort] = await Promise.all([freePort(), freePort()])
  const { cert, key } = await testCertificate()
  mkdirSync(folder, { recursive: true })
  const path = (name: string): string => join(folder, name)
  writeFileSync(path('cert.pem'), cert)
  writeFileSync(path('key.pem'), key)
  const lines = {
    data: path('data'),
    log_level: 'warn',
    ...config,
    c2s: { listen: `127.0.0.1:${port}`, direct_tls: `127.0.0.1:${directTlsPort}` },
    tls: { certificate: path('cert.pem'), key: path('key.pem') },
    limits: {
      connections_per_address: 2_000,
      unauthenticated_seconds: 120,
      resources_per_user: 50,
      bytes_per_second: 0,
      ...limits,
    },
  }
  writeFileSync(path('smacks.toml'), toml(lines))
  writeFileSync(path('users'), users.map(user => `${user.username}@localhost ${user.password}\n`).join(''))
  if (users.length > 0)
    await run(process.execPath, [command, 'user', 'import', path('users'), '--config', path('smacks.toml')])
  const node = [process.execPath, command, 'serve', '--config', path('smacks.toml'), ...more]
  // The signal that comes with the limit is ignored, so that writing fails as on a full disk.
  const limited = ['sh', '-c', `trap '' XFSZ; ulimit -S -f ${2 * (fileKilobytes ?? 0)}; exec "$@"`, 'sh', ...node]
  const [program = '', ...args] = fileKilobytes === undefined ? node : limited
  const launched = launch(program, args, env)
  await orCleanUp(awaitPort(launched, port), launched, () => {})
  return runningServer(launched, {
    target: 'smacks',
    domain: 'localhost',
    port,
    directTlsPort,
    certificate: cert,
    remove: () => {},
  })
}

/** Runs the command beside a server that may be running on the folder's data. */
export const smacks = (folder: string, ...args: ReadonlyArray<string>): Promise<string> =>
  run(process.execPath, [built, ...args, '--config', join(folder, 'smacks.toml')])

type Lines = Readonly<Record<string, unknown>>

const toml = (lines: Lines): string =>
  Object.entries(lines)
    .map(([key, value]) =>
      typeof value === 'object' && value !== null && !Array.isArray(value)
        ? `[${key}]\n${toml(value as Lines)}`
        : `${key} = ${JSON.stringify(value)}\n`,
    )
    .join('')

/** Where one test plays: a folder, and the servers that follow each other on it. */
export interface Stage {
  readonly folder: string
  /** Starts a server on the folder. */
  readonly serve: (options?: Pick<Ground, 'args' | 'config' | 'env' | 'fileKilobytes' | 'limits'>) => Promise<House>
}

/**
 * A server makes its files longer than they need to be. What it made in advance here would be room on a disk that is to be full
 * in a test, so it gets none.
 */
const templateKilobytes = 1_000

/** Stages whose folders begin as copies of one, in which the accounts are. Call `strike` when all is over. */
export const stages = (users: ReadonlyArray<TestUser>) => {
  const template = temporaryFolder('stage')
  let built: Promise<unknown> | undefined
  const build = async (): Promise<void> => {
    await (await startOn({ folder: template.path, users, fileKilobytes: templateKilobytes })).terminate()
  }
  const play = (show: (stage: Stage) => Promise<void>) => async (): Promise<void> => {
    built ??= build()
    await built
    const { path, remove } = temporaryFolder('stage')
    cpSync(join(template.path, 'data'), join(path, 'data'), { recursive: true })
    const houses: Array<House> = []
    try {
      await show({
        folder: path,
        serve: async options => {
          const server = await startOn({ folder: path, ...options })
          const house = openHouse(server, () => {
            throw new Error('the people of a stage have names')
          })
          houses.push(house)
          return house
        },
      })
    } finally {
      for (const house of houses) house.leave()
      await Promise.all(houses.map(({ server }) => server.terminate()))
      remove()
    }
  }
  return { play, strike: template.remove }
}

/** Gives a server that was started with `fileKilobytes` all the space there is. */
export const giveSpace = (server: RunningServer): Promise<string> =>
  run('prlimit', ['--pid', String(server.pid), '--fsize=unlimited:unlimited'])

/** Ends the process as a crash would, at once. */
export const killAtOnce = async (server: RunningServer): Promise<void> => {
  process.kill(server.pid, 'SIGKILL')
  await server.terminate()
}

export const moment = (milliseconds: number): Promise<void> => new Promise(resolve => setTimeout(resolve, milliseconds))

export const eventually = async (condition: () => boolean, what: () => string): Promise<void> => {
  const deadline = Date.now() + 20_000
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`not within 20 s: ${what()}`)
    await moment(10)
  }
}

/** The seed of this run: `SEED` in the environment repeats another's. */
export const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31))

/** Whole numbers from 0 to `below`, exclusive; the same for the same seed (mulberry32). */
export const chance = (start: number): ((below: number) => number) => {
  let state = start >>> 0
  return below => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below)
  }
}

/** Texts of the numbers from `first` on. */
export const numbers = (count: number, first = 0): ReadonlyArray<string> =>
  Array.from({ length: count }, (_, n) => String(first + n))

/** Becomes available, and takes what waited in storage. */
export const comeBack = async (client: XmppClient): Promise<ReadonlyArray<Xml>> => {
  client.send('<presence/>')
  const before = [...(await client.untilFence())]
  // What is stored may take a turn or two more than the answer to a ping.
  before.push(...(await client.untilFence()))
  return before.filter(it => it.name === 'message')
}

export const bodiesOf = (messages: ReadonlyArray<Xml>): ReadonlyArray<string | undefined> => messages.map(bodyOf)
