/** A server under load. */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Mechanism } from '../load/session.js'
import { endTree } from '../proc.js'

/** All servers serve this domain, and all users have this password. */
export const domain = 'localhost'
export const password = 'secret'
export const username = (index: number): string => `u${index}`

export interface RunningPeer {
  readonly port: number
  readonly mechanism: Mechanism
  /** The root of the process tree that is measured. */
  readonly pid: number
  /**
   * Frees what can be freed, so that memory can be compared. Tells what values take after that, in kB, if the server can:
   * what is resident has room for new ones in it, and pages of files that were looked at.
   */
  readonly collectGarbage: () => Promise<number | undefined>
  readonly stop: () => Promise<void>
  /** If its sessions outlive the process. */
  readonly journal?: PeerJournal
}

export interface PeerJournal {
  /** What lies on disk. */
  readonly bytes: () => number
  /** `kill -9`, then a start on the same data. */
  readonly beginAgain: () => Promise<Beginning>
  /** Reads it beside the server, or recovers all sessions from it; milliseconds of processor time. */
  readonly readAgain: (what: 'read' | 'recover') => Promise<number>
}

/** From the start of a process until it listens, in ms. */
export interface Beginning {
  readonly elapsed: number
  /** Processor time, which does not depend on what else the machine does. */
  readonly busy: number
}

export interface Peer {
  readonly name: string
  /** How it is configured, in one line. */
  readonly settings: string
  /** Its sessions outlive the process. */
  readonly hasJournal: boolean
  /** Why it cannot run here, if so. */
  readonly missing: () => string | undefined
  /** Starts it on one core, with so many users; `maxQueueSize`: above so many unacked stanzas nobody can resume. */
  readonly start: (users: number, maxQueueSize?: number) => Promise<RunningPeer>
}

/** The core that servers run on; the load has the other. */
export const serverCore = 0
export const loadCore = 1

export interface Workplace {
  readonly folder: string
  readonly port: number
}

/** An empty folder and a free port. */
export const workplace = async (name: string): Promise<Workplace> => ({
  folder: mkdtempSync(join(tmpdir(), `smacks-bench-${name}-`)),
  port: await freePort(),
})

export const freePort = (): Promise<number> =>
  new Promise(resolve => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo
      probe.close(() => resolve(port))
    })
  })

export interface Started {
  readonly pid: number
  readonly stop: () => Promise<void>
}

/** Runs a command on the servers' core until `stop`; waits until something listens on `port`. */
export const startServer = async (
  command: string,
  args: ReadonlyArray<string>,
  { folder, port }: Workplace,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Started> => {
  const child = spawn('taskset', ['-c', String(serverCore), command, ...args], {
    env,
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', text => (output = `${output}${text}`.slice(-4000)))
  const { pid } = child
  if (pid === undefined) throw new Error(`${command} did not start`)
  try {
    await listening(port, () => {
      if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}: ${output}`)
    })
  } catch (error) {
    await endTree(pid)
    throw error
  }
  return {
    pid,
    stop: async () => {
      await endTree(pid)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const startSeconds = 60

const listening = async (port: number, check: () => void): Promise<void> => {
  for (let tries = startSeconds * 100; tries > 0; tries -= 1) {
    check()
    if (await answers(port)) return
    await sleep(10)
  }
  throw new Error(`nothing listens on port ${port} after ${startSeconds} s`)
}

/** Resolves when nobody listens there: the port of a process that was killed is free only once its last thread ended. */
export const silence = async (port: number): Promise<void> => {
  while (await answers(port)) await sleep(5)
}

const answers = (port: number): Promise<boolean> =>
  new Promise(resolve => {
    const probe = connect({ port, host: '127.0.0.1' })
    probe.on('connect', () => {
      probe.end()
      resolve(true)
    })
    probe.on('error', () => resolve(false))
  })
