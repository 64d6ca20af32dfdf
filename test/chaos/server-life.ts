/** The server's life: the real command, started, killed, started again on the same data. */
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const command = fileURLToPath(new URL('../../apps/server/bin/smacks.mjs', import.meta.url))
const crashing = fileURLToPath(new URL('crashing-server.ts', import.meta.url))

export interface LifeOptions {
  readonly users: ReadonlyArray<string>
  readonly password: string
  readonly durability: 'disk' | 'process'
  readonly port: number
}

/** Where a server is to die by itself: at the `count`th time that it comes to the point. */
export interface CrashPlan {
  readonly point: string
  readonly count: number
}

export interface ServerLife {
  /** Starts it; resolves when it listens, or when it is dead before that. */
  readonly start: (plan?: CrashPlan) => Promise<'dead' | 'listening'>
  /** SIGKILL; resolves when it is dead. */
  readonly kill: () => Promise<void>
  /** SIGTERM; resolves when it has ended. */
  readonly terminate: () => Promise<void>
  readonly isAlive: () => boolean
  /** Resolves when the server that runs now is dead. */
  readonly death: () => Promise<void>
  /** What it said, all of its lives. */
  readonly output: () => string
  readonly remove: () => void
  readonly folder: string
}

export const createServerLife = (options: LifeOptions): ServerLife => {
  const folder = mkdtempSync(join(tmpdir(), 'smacks-chaos-'))
  const config = join(folder, 'smacks.toml')
  writeFileSync(config, configuration(options, folder))
  addUsers(options, config)
  let output = ''
  let running: ReturnType<typeof spawn> | undefined
  let died: Promise<void> = Promise.resolve()

  const start = async (plan?: CrashPlan): Promise<'dead' | 'listening'> => {
    const child = spawn(
      process.execPath,
      plan === undefined ? [command, 'serve', '--config', config] : planned(config),
      {
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { ...process.env, ...(plan === undefined ? {} : { SMACKS_CRASH: `${plan.point}:${plan.count}` }) },
      },
    )
    running = child
    const take = (chunk: Buffer): void => {
      output += chunk.toString()
    }
    child.stdout.on('data', take)
    child.stderr.on('data', take)
    died = new Promise(resolve => {
      child.once('exit', () => {
        running = undefined
        resolve()
      })
    })
    while (running !== undefined) {
      if (await accepts(options.port)) return 'listening'
      await sleep(5)
    }
    return 'dead'
  }

  const end = async (signal: 'SIGKILL' | 'SIGTERM'): Promise<void> => {
    running?.kill(signal)
    await died
  }

  return {
    start,
    kill: () => end('SIGKILL'),
    terminate: () => end('SIGTERM'),
    isAlive: () => running !== undefined,
    death: () => died,
    output: () => output,
    remove: () => rmSync(folder, { recursive: true, force: true }),
    folder,
  }
}

const planned = (config: string): ReadonlyArray<string> => ['--import', 'tsx', crashing, config]

const configuration = ({ durability, port }: LifeOptions, folder: string): string => `
data = ${JSON.stringify(join(folder, 'data'))}
durability = "${durability}"
log_level = "info"

[c2s]
listen = "127.0.0.1:${port}"
require_encryption = false

[limits]
connections_per_address = 1000
auth_failures = 100
`

const addUsers = ({ users, password }: LifeOptions, config: string): void => {
  const input = users.map(user => `${user}@localhost ${password}\n`).join('')
  const { status, stderr } = spawnSync(process.execPath, [command, 'user', 'import', '--config', config], { input })
  if (status !== 0) throw new Error(`the accounts could not be made: ${stderr.toString()}`)
}

const accepts = (port: number): Promise<boolean> =>
  new Promise(resolve => {
    const socket = connect({ host: '127.0.0.1', port })
    const answer = (accepted: boolean) => (): void => {
      socket.destroy()
      resolve(accepted)
    }
    socket.once('connect', answer(true))
    socket.once('error', answer(false))
  })
