/** A server under test: a process of its own on loopback ports, with its files in a temporary folder. */
import { type ChildProcess, spawn } from 'node:child_process'
import { connect } from 'node:net'

export type Target = 'ejabberd' | 'prosody' | 'smacks'

export interface TestUser {
  readonly username: string
  readonly password: string
}

/** What a test asks of a server, in words that fit any of them. Times are seconds. */
export interface ServerOptions {
  /** Accounts on the first domain. */
  readonly users: ReadonlyArray<TestUser>
  /** The first is `localhost` by default; each account exists on each of them. */
  readonly domains?: ReadonlyArray<string>
  readonly hibernationTime?: number
  readonly maxQueueSize?: number
  readonly maxUnackedStanzas?: number
  readonly maxInactiveUnackedStanzas?: number
  readonly maxAckDelay?: number
  readonly maxOldSessions?: number
  readonly offlineStorage?: boolean
  readonly requireEncryption?: boolean
  readonly maxStanzaBytes?: number
  readonly silenceSeconds?: number
  /** Limits that only the server of this project knows by these names. */
  readonly limits?: Readonly<Record<string, number | string>>
  /** Other settings at the top of its configuration. */
  readonly settings?: Readonly<Record<string, boolean | number | string>>
  /** Arguments for Node itself, before the command. */
  readonly nodeArguments?: ReadonlyArray<string>
  readonly env?: Readonly<Record<string, string>>
  /** A folder that outlives the server, for tests that start it again. */
  readonly folder?: string
}

export interface RunningServer {
  readonly target: Target
  readonly domain: string
  readonly port: number
  readonly directTlsPort: number
  readonly pid: number
  /** The certificate, in PEM, for clients that verify. */
  readonly certificate: string
  /** All that the process wrote to its terminal. */
  readonly output: () => string
  /** Resident memory of the process, in bytes. */
  readonly memory: () => number
  /** Sends SIGTERM and waits for the end; the exit code. */
  readonly terminate: () => Promise<number | null>
  /** Ends the process and removes its files. */
  readonly stop: () => Promise<void>
}

export interface Launched {
  readonly process: ChildProcess
  readonly output: () => string
  readonly exited: Promise<number | null>
}

/** Starts a program; what it writes is kept for failures. */
export const launch = (program: string, args: ReadonlyArray<string>, env: NodeJS.ProcessEnv = {}): Launched => {
  const child = spawn(program, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  const written: string[] = []
  const keep = (bytes: Buffer): void => {
    written.push(bytes.toString())
    if (written.length > 2_000) written.splice(0, 1_000)
  }
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  const exited = new Promise<number | null>(resolve => {
    child.once('exit', resolve)
    child.once('error', error => {
      written.push(error.message)
      resolve(null)
    })
  })
  running.add(child)
  void exited.then(() => running.delete(child))
  return { process: child, output: () => written.join(''), exited }
}

/** Runs a program to its end; throws with its output if it fails. */
export const run = async (program: string, args: ReadonlyArray<string>, env?: NodeJS.ProcessEnv): Promise<string> => {
  const { output, exited } = launch(program, args, env)
  const code = await exited
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${code}:\n${output()}`)
  return output()
}

/** Waits until something listens on the port; throws with the output if the process ends first. */
export const awaitPort = async (launched: Launched, port: number, milliseconds = 20_000): Promise<void> => {
  const deadline = Date.now() + milliseconds
  let ended = false
  void launched.exited.then(() => {
    ended = true
  })
  while (!(await listens(port))) {
    if (ended) throw new Error(`the server ended before it listened on port ${port}:\n${launched.output()}`)
    if (Date.now() > deadline) throw new Error(`nothing listens on port ${port}:\n${launched.output()}`)
    await new Promise(resolve => setTimeout(resolve, 25))
  }
}

/** Sends SIGTERM, then SIGKILL if the process does not end. */
export const end = async (launched: Launched, milliseconds = 10_000): Promise<number | null> => {
  const timer = setTimeout(() => launched.process.kill('SIGKILL'), milliseconds)
  launched.process.kill('SIGTERM')
  const code = await launched.exited
  clearTimeout(timer)
  return code
}

const listens = (port: number): Promise<boolean> =>
  new Promise(resolve => {
    const socket = connect({ host: '127.0.0.1', port })
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })

const running = new Set<ChildProcess>()
const endAll = (): void => {
  for (const child of running) child.kill('SIGKILL')
}
process.once('exit', endAll)
// A test runner that is stopped stops its workers with a signal.
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const)
  process.once(signal, () => {
    endAll()
    process.kill(process.pid, signal)
  })
