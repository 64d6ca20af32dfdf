/** A server under load, and how it is started. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { testCertificate } from '../../support/certificate.js'
import type { Mechanism } from '../load/session.js'
import { onCore, serverCore, withOpenFiles } from '../machine.js'
import { endTree } from '../proc.js'
import type { Probe } from './probe.js'

/** All servers serve this domain, and all users have this password. */
export const domain = 'localhost'
export const password = 'secret'
export const username = (index: number): string => `u${index}`

export type Durability = 'disk' | 'memory' | 'process'

/** What a measure wants of a server; each peer does as much of it as it can. */
export interface StartOptions {
  readonly users: number
  /** `process` unless told. Only ours has one. */
  readonly durability?: Durability
  /** The port wants TLS at once (XEP-0368). */
  readonly tls?: boolean
  /** How passwords are stored, where that can be chosen; plain text unless told. */
  readonly passwords?: 'plain' | 'scram-sha-256'
  /** 3,600 unless told, so that nothing ends while something else is measured. */
  readonly hibernationSeconds?: number
  /** Above so many unacked stanzas nobody can resume; what the server has by itself unless told. */
  readonly maxQueueSize?: number
  /** Servers that give up sessions with long queues, or clients that ack late, must not. */
  readonly patient?: boolean
  /** The probe watches the loop from the first moment on. */
  readonly watchLoop?: boolean
}

export interface RunningPeer {
  readonly port: number
  readonly tls: boolean
  /** What the server checks fastest: PLAIN where it keeps passwords, SCRAM where it keeps keys. */
  readonly mechanism: Mechanism
  /** The root of the process tree that is measured. */
  readonly pid: number
  readonly stop: () => Promise<void>
  /** Of servers that can be asked. */
  readonly probe?: Probe
  /** Of those whose sessions outlive the process. */
  readonly journal?: PeerJournal
}

export interface PeerJournal {
  readonly folder: string
  /** `kill -9`, then a start on the same data. */
  readonly beginAgain: () => Promise<Beginning>
}

/** From the start of a process until it listens. */
export interface Beginning {
  readonly milliseconds: number
  /** Of processor time, which does not depend on what else the machine does, in ms. */
  readonly busy: number
  /** For how long the loop was blocked at most, in ms. */
  readonly blocked: number
}

export interface Peer {
  readonly name: string
  /** How it is configured, in one line. */
  readonly settings: string
  /** Why it cannot run here, if so. */
  readonly missing: () => string | undefined
  readonly version: () => string
  readonly start: (options: StartOptions) => Promise<RunningPeer>
}

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

/** The same kind of certificate for all: certificate, key, and both in one file. */
export const writeCertificate = async (folder: string): Promise<void> => {
  const { cert, key } = await testCertificate()
  writeFileSync(join(folder, 'cert.pem'), cert)
  writeFileSync(join(folder, 'key.pem'), key)
  writeFileSync(join(folder, 'server.pem'), cert + key)
}

export interface Started {
  readonly pid: number
  readonly child: ChildProcess
  readonly stop: () => Promise<void>
}

const running = new Set<() => Promise<void>>()

/** Ends all servers that are still there, for whoever has to go. */
export const stopAll = async (): Promise<void> => {
  await Promise.all([...running].map(stop => stop()))
}

/** Runs a command on the servers' core until `stop`; waits until something listens on `port`. */
export const startServer = async (
  command: string,
  args: ReadonlyArray<string>,
  { folder, port }: Workplace,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Started> => {
  const [program = command, ...rest] = [...onCore(serverCore), ...withOpenFiles, command, ...args]
  const child = spawn(program, rest, { env, cwd: folder, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', text => {
      output = `${output}${text}`.slice(-4000)
    })
  const { pid } = child
  if (pid === undefined) throw new Error(`${command} did not start`)
  const stop = async (): Promise<void> => {
    running.delete(stop)
    await endTree(pid)
    rmSync(folder, { recursive: true, force: true })
  }
  running.add(stop)
  try {
    await listening(port, () => {
      if (child.exitCode !== null) throw new Error(`${command} ended with ${child.exitCode}: ${output}`)
    })
  } catch (error) {
    await stop()
    throw error
  }
  return { pid, child, stop }
}

const startSeconds = 120

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
