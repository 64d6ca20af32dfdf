/** The server's life: the real command, started, killed, started again on the same data. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildSync } from 'esbuild'
import { type TestCertificate, testCertificate } from '../support/certificate.js'
import { freePort, temporaryFolder } from '../support/places.js'
import { type CrashPlan, encodePlan } from './crash-points.js'
import { bareJidOf } from './identity.js'
import { type Settings, settingsToml } from './settings.js'

const command = fileURLToPath(new URL('../../apps/server/bin/smacks.mjs', import.meta.url))
export interface LifeOptions {
  /** Names of clients; those of one account count once. */
  readonly users: ReadonlyArray<string>
  readonly password: string
  /** Asked for at each start, and at each reload. */
  readonly settings: () => Settings
  /** It tells before it is durable, as no server should. */
  readonly isHasty: boolean
  /** The folder of another build, whose command runs until the upgrade. */
  readonly earlier?: string | undefined
}

/** How a process is to run. */
export interface Start {
  /** Where it is to die by itself. */
  readonly plan?: CrashPlan
  /** Characters of the journal's log above which snapshots are taken; the server's own bound unless told. */
  readonly logBound?: number
}

/** How the start of a process went. */
export interface Started {
  readonly outcome: 'dead' | 'listening'
  /** From the start of the process until it listened, or was dead. */
  readonly milliseconds: number
  /** Sessions that it said to be back. */
  readonly recovered: number
}

export interface ServerLife {
  readonly port: number
  readonly directTlsPort: number
  readonly certificate: string
  readonly start: (start?: Start) => Promise<Started>
  /** SIGHUP, with settings that may be others. */
  readonly reload: () => void
  /** From the next start on the build at hand runs, on what an earlier one left. */
  readonly upgrade: () => void
  /** Removes the account of this client and adds it again under the same name; no server may run. */
  readonly replaceAccount: (name: string) => void
  /** SIGKILL; resolves when it is dead. */
  readonly kill: () => Promise<void>
  /** SIGTERM; resolves to the exit code when it has ended; -1 if a signal ended it. */
  readonly terminate: () => Promise<number>
  /** Resolves when the process that runs now is dead. */
  readonly death: () => Promise<number>
  readonly isAlive: () => boolean
  /** The last of what it said, all of its lives. */
  readonly lastWords: () => string
  /** What it logged as an error, all of its lives. */
  readonly errors: () => ReadonlyArray<string>
  /** Ends it and removes its files. */
  readonly remove: () => Promise<void>
}

const patienceMilliseconds = 60_000
const wordsKept = 6_000

export const createServerLife = async (options: LifeOptions): Promise<ServerLife> => {
  const crashing = compileCrashingServer()
  const folder = temporaryFolder('chaos')
  const [port, directTlsPort] = await Promise.all([freePort(), freePort()])
  const certificate = await testCertificate()
  const config = join(folder.path, 'smacks.toml')
  const configure = configurer(folder.path, certificate, { port, directTlsPort })
  const changeSettings = (): void => writeFileSync(config, configure(options.settings()))
  changeSettings()
  let program = options.earlier === undefined ? command : join(options.earlier, 'apps/server/bin/smacks.mjs')
  addUsers(options, config, program)
  const log = createLog()
  let running: ChildProcess | undefined
  let died: Promise<number> = Promise.resolve(0)

  const start = async (how: Start = {}): Promise<Started> => {
    changeSettings()
    const begin = performance.now()
    const child = program === command ? launch(crashing, config, how, options.isHasty) : serve(program, config)
    running = child
    const life = log.begin(child)
    const dead = new Promise<'dead'>(resolve => child.once('exit', () => resolve('dead')))
    died = new Promise(resolve => {
      child.once('close', (code, signal) => {
        if (running === child) running = undefined
        life.ended(code ?? signal)
        resolve(code ?? -1)
      })
    })
    const late = setTimeout(() => child.kill('SIGKILL'), patienceMilliseconds)
    const outcome = await Promise.race([life.listening.then(() => 'listening' as const), dead])
    clearTimeout(late)
    if (outcome === 'dead') await died
    return { outcome, milliseconds: performance.now() - begin, recovered: life.recovered() }
  }

  const end = async (signal: 'SIGKILL' | 'SIGTERM'): Promise<number> => {
    running?.kill(signal)
    const late = setTimeout(() => running?.kill('SIGKILL'), patienceMilliseconds)
    const code = await died
    clearTimeout(late)
    return code
  }

  return {
    port,
    directTlsPort,
    certificate: certificate.cert,
    start,
    reload: () => {
      changeSettings()
      running?.kill('SIGHUP')
    },
    upgrade: () => {
      program = command
    },
    replaceAccount: name => {
      const removed = spawnSync(process.execPath, [program, 'user', 'remove', bareJidOf(name), '--config', config])
      if (removed.status !== 0) throw new Error(`${name} could not be removed: ${removed.stderr.toString()}`)
      addUsers({ ...options, users: [name] }, config, program)
    },
    kill: async () => void (await end('SIGKILL')),
    terminate: () => end('SIGTERM'),
    death: () => died,
    isAlive: () => running !== undefined,
    lastWords: log.lastWords,
    errors: log.errors,
    remove: async () => {
      await end('SIGKILL')
      rmSync(crashing, { force: true })
      folder.remove()
    },
  }
}

const serve = (program: string, config: string): ChildProcess =>
  spawn(process.execPath, [program, 'serve', '--config', config], { stdio: ['ignore', 'pipe', 'pipe'] })

/** Without a plan or a bound of its own it is the command that operators use. */
const launch = (crashing: string, config: string, { plan, logBound }: Start, isHasty: boolean): ChildProcess => {
  const isPlain = !isHasty && plan === undefined && logBound === undefined
  const program = isPlain ? [command] : [crashing]
  return spawn(process.execPath, [...program, 'serve', '--config', config], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      ...(isHasty ? { SMACKS_HASTY: 'yes' } : {}),
      ...(plan === undefined ? {} : { SMACKS_CRASH: encodePlan(plan) }),
      ...(logBound === undefined ? {} : { SMACKS_LOG_BOUND: String(logBound) }),
    },
  })
}

let compiled = 0

/** Where it lies, compiled: a compiler in each of its processes would take longer than the server itself. */
export const compileCrashingServer = (): string => {
  compiled += 1
  const outfile = fileURLToPath(new URL(`../dist/crashing-server-${process.pid}-${compiled}.mjs`, import.meta.url))
  buildSync({
    entryPoints: [fileURLToPath(new URL('crashing-server.ts', import.meta.url))],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    packages: 'external',
    external: ['../../apps/*'],
    logLevel: 'error',
  })
  return outfile
}

interface LoggedLife {
  readonly listening: Promise<void>
  readonly recovered: () => number
  readonly ended: (how: number | string | null) => void
}

const createLog = () => {
  let words = ''
  const errors: Array<string> = []

  const begin = (child: ChildProcess): LoggedLife => {
    let recovered = 0
    let rest = ''
    let tell = (): void => {}
    const listening = new Promise<void>(resolve => {
      tell = resolve
    })
    const line = (text: string): void => {
      if (text.includes('"level":"error"') || text.includes('"level":"fatal"') || !text.startsWith('{'))
        errors.push(text)
      recovered = Number(/"sessions":(\d+),"events"/.exec(text)?.[1] ?? recovered)
      // The last thing that is said of the start.
      if (text.includes('listening for clients with direct TLS')) tell()
    }
    const take = (chunk: Buffer): void => {
      words = (words + chunk.toString()).slice(-wordsKept)
      const lines = (rest + chunk.toString()).split('\n')
      rest = lines.pop() ?? ''
      for (const text of lines) if (text !== '') line(text)
    }
    child.stdout?.on('data', take)
    child.stderr?.on('data', take)
    const ended = (how: number | string | null): void => {
      words += `(the process ended: ${how})\n`
    }
    return { listening, recovered: () => recovered, ended }
  }

  return { begin, lastWords: () => words, errors: (): ReadonlyArray<string> => errors }
}

/** Writes the files that stay as they are; returns the text of the configuration file with these settings. */
const configurer = (
  folder: string,
  { cert, key }: TestCertificate,
  { port, directTlsPort }: { readonly port: number; readonly directTlsPort: number },
): ((settings: Settings) => string) => {
  const at = (name: string): string => join(folder, name)
  writeFileSync(at('cert.pem'), cert)
  writeFileSync(at('key.pem'), key)
  return settings => {
    const { top, limits } = settingsToml(settings)
    return `
data = ${JSON.stringify(at('data'))}
log_level = "info"
${top}
[c2s]
listen = "127.0.0.1:${port}"
direct_tls = "127.0.0.1:${directTlsPort}"
require_encryption = false

[tls]
certificate = ${JSON.stringify(at('cert.pem'))}
key = ${JSON.stringify(at('key.pem'))}

[limits]
connections_per_address = 1000
bytes_per_second = 0
${limits}
`
  }
}

const addUsers = (
  { users, password }: Pick<LifeOptions, 'password' | 'users'>,
  config: string,
  program: string,
): void => {
  const input = [...new Set(users.map(bareJidOf))].map(jid => `${jid} ${password}\n`).join('')
  const { status, stderr } = spawnSync(process.execPath, [program, 'user', 'import', '--config', config], { input })
  if (status !== 0) throw new Error(`the accounts could not be made: ${stderr.toString()}`)
}
