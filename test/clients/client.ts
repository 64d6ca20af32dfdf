/** A real client: what the test must know of it, and a process of it, driven by lines of words. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Command } from './catalogue.js'

export interface RunningClient {
  /** The bodies it received so far, in order. */
  readonly received: ReadonlyArray<string>
  /** All that it told, for failures. */
  readonly told: () => string
  /** Sends a message, now or when there is a session that takes it. */
  readonly say: (to: string, body: string) => void
  /** The device sleeps: none of its processes runs. What comes to its socket waits there. */
  readonly sleep: () => void
  readonly wake: () => void
  readonly stop: () => Promise<void>
}

export interface Login {
  /** The full JID. */
  readonly jid: string
  readonly password: string
  readonly port: number
  /** A file with the server's certificate, which signs itself. */
  readonly certificate: string
}

/** Starts a client; `folder` is its own, for all it wants to keep. */
export const startClient = (
  command: Command,
  { jid, password, port, certificate }: Login,
  folder: string,
): RunningClient => {
  const home = join(folder, jid.replaceAll(/[^a-z0-9]/g, '-'))
  mkdirSync(home, { recursive: true })
  const [program = '', ...args] = command(home, [jid, password, String(port), certificate])
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'], cwd: home, env: quiet() })
  const received: Array<string> = []
  const told: Array<string> = []
  const pids = child.pid === undefined ? [] : [child.pid]
  createInterface({ input: child.stdout }).on('line', line => {
    const [word, value = ''] = line.split(' ')
    if (word === 'got') received.push(value)
    else if (word === 'pid') pids.push(Number(value))
    else told.push(`${new Date().toISOString().slice(17, 23)} ${line}`)
  })
  child.stderr.on('data', (bytes: Buffer) => told.push(bytes.toString()))
  child.stdin.on('error', () => undefined)
  child.on('error', error => told.push(error.message))
  child.on('exit', (code, name) => told.push(`it ended with ${name ?? code}`))
  const signal = (name: NodeJS.Signals): void => {
    for (const pid of pids) send(pid, name)
  }
  const exited = awaitEnd(child, () => signal('SIGKILL'))
  return {
    received,
    told: () => told.slice(-30).join('\n'),
    say: (to, body) => void child.stdin.write(`say ${to} ${body}\n`),
    sleep: () => signal('SIGSTOP'),
    wake: () => signal('SIGCONT'),
    stop: async () => {
      signal('SIGKILL')
      await exited
    },
  }
}

const awaitEnd = (child: ChildProcess, kill: () => void): Promise<void> => {
  process.once('exit', kill)
  return new Promise(resolve => {
    child.once('error', () => resolve())
    child.once('exit', () => {
      process.off('exit', kill)
      kill()
      resolve()
    })
  })
}

/** A process that is gone needs no signal. */
const send = (pid: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(pid, signal)
  } catch {}
}

const quiet = (): NodeJS.ProcessEnv => ({
  ...process.env,
  NODE_TLS_REJECT_UNAUTHORIZED: '0',
  NODE_NO_WARNINGS: '1',
  PYTHONDONTWRITEBYTECODE: '1',
})
