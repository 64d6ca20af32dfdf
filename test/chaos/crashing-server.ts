/**
 * The command `smacks`, as it is built, in a process that kills itself with SIGKILL where it is told to. All that is
 * strange about it is here: what stands between the loop and its journal, and patched sockets, databases and files.
 */
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { Server, Socket } from 'node:net'
import type { Stanza } from '@smacks/codec'
import type { Change, Journal, Journalled, SessionJournal } from '@smacks/runtime'
import { runCommand } from '../../apps/server/dist/command/program.js'
import { serveParts } from '../../apps/server/dist/command/serve-parts.js'
import { processTerminal } from '../../apps/server/dist/command/terminal.js'
import { startServer } from '../../apps/server/dist/server.js'
import { type CrashPoint, decodePlan } from './crash-points.js'

const plan = process.env.SMACKS_CRASH === undefined ? undefined : decodePlan(process.env.SMACKS_CRASH)
const logBound = Number(process.env.SMACKS_LOG_BOUND ?? 65_536)
const isHasty = process.env.SMACKS_HASTY === 'yes'
let left = plan?.count ?? 0

const die = (): void => {
  process.kill(process.pid, 'SIGKILL')
}

/** True at the visit that is to be the last. */
const isDue = (point: CrashPoint): boolean => {
  if (plan?.point !== point || left <= 0) return false
  left -= 1
  return left === 0
}

const dieAt = (point: CrashPoint): void => {
  if (isDue(point)) die()
}

// Between the loop and its journal

let isStopping = false
process.once('SIGTERM', () => {
  isStopping = true
})

const standBetween = (journal: Journal<Stanza>): Journal<Stanza> => ({
  ...journal,
  commit: batch => {
    if (batch.length === 0) return journal.commit(batch)
    const hasSnapshot = batch.some(isSnapshot)
    dieAt('before-commit')
    if (hasSnapshot) dieAt('before-snapshot')
    const committed = journal.commit(batch)
    if (isDue('in-sync')) setImmediate(die)
    const after = (): void => {
      dieAt('after-commit')
      if (hasSnapshot) dieAt('after-snapshot')
      if (isStopping) dieAt('in-stop')
    }
    if (committed !== undefined) return committed.then(after)
    after()
    return undefined
  },
  ...(journal.sessions === undefined ? {} : { sessions: dyingInRecovery(journal.sessions) }),
})

/** A server that tells before it is durable, to see whether the judge finds it out. */
const hasty = (journal: Journal<Stanza>): Journal<Stanza> => ({
  ...journal,
  commit: batch => {
    setTimeout(() => void journal.commit(batch), 300)
    return undefined
  },
})

const isSnapshot = (change: Change<Stanza>): boolean => change._tag === 'PutSnapshot'

const dyingInRecovery = (sessions: SessionJournal<Stanza>): SessionJournal<Stanza> => ({
  ...sessions,
  recover: function* (): Generator<Journalled<Stanza>, void, undefined> {
    for (const entry of sessions.recover()) {
      yield entry
      dieAt('in-recovery')
    }
    if (plan?.point === 'in-recovery') die()
  },
})

// Sockets

type Write = (this: Socket, chunk: Buffer | string, ...others: ReadonlyArray<unknown>) => boolean

/** Part of what is written leaves; what others would write after it does not. */
const patchSockets = (): void => {
  const prototype: { write: Write } = Socket.prototype as unknown as { write: Write }
  const { write } = prototype
  let isDying = false
  prototype.write = function (chunk, ...others) {
    if (isDying) return false
    // The control socket and the terminal have no remote address.
    if (this.remoteAddress === undefined) return write.call(this, chunk, ...others)
    if (isDue('mid-write')) {
      isDying = true
      const bytes = Buffer.from(chunk)
      return write.call(this, bytes.subarray(0, Math.ceil(bytes.length / 2)), die)
    }
    const hasRoom = write.call(this, chunk, ...others)
    if (isDue('after-write')) {
      isDying = true
      setImmediate(die)
    }
    return hasRoom
  }
}

const patchListening = (): void => {
  const { listen } = Server.prototype
  Server.prototype.listen = function (this: Server, ...where: Array<unknown>): Server {
    dieAt('after-recovery')
    return Reflect.apply(listen, this, where)
  }
}

// Databases

type Put = (this: { readonly name?: string }, ...row: ReadonlyArray<unknown>) => unknown

/** A row is written inside a transaction, which is not ended then. */
const patchDatabases = (env: object): void => {
  const prototype = prototypeWith(env, 'putSync')
  const { putSync } = prototype
  prototype.putSync = function (...row) {
    const done = putSync.apply(this, [...row])
    dieAt('in-apply')
    if (this.name === 'journal-snapshots') dieAt('in-snapshot')
    return done
  }
}

const prototypeWith = (instance: object, method: string): { putSync: Put } => {
  let prototype: object = instance
  while (!Object.hasOwn(prototype, method)) prototype = Object.getPrototypeOf(prototype)
  return prototype as { putSync: Put }
}

// Files of the log

type WriteSync = (file: number, bytes: Uint8Array, offset: number, length: number, position: number) => number

const isSegment = (path: unknown): boolean => /[/\\]journal[/\\]\d{16}\.log$/.test(String(path))

const patchFiles = (): void => {
  const patched = fs as unknown as { openSync: typeof fs.openSync; rmSync: typeof fs.rmSync; writeSync: WriteSync }
  const { openSync, rmSync, writeSync } = patched
  const segments = new Set<number>()
  patched.openSync = (path, ...how) => {
    const file = openSync(path, ...how)
    if (isSegment(path)) segments.add(file)
    else segments.delete(file)
    return file
  }
  patched.writeSync = (file, bytes, offset, length, position) => {
    if (!segments.has(file)) return writeSync(file, bytes, offset, length, position)
    if (isDue(position === 0 ? 'in-rotation' : 'in-append')) {
      writeSync(file, bytes, offset, Math.ceil(length / 2), position)
      die()
    }
    const written = writeSync(file, bytes, offset, length, position)
    if (position !== 0) dieAt('after-append')
    return written
  }
  patched.rmSync = (path, ...how) => {
    if (isSegment(path)) dieAt('in-trim')
    rmSync(path, ...how)
  }
  syncBuiltinESMExports()
}

const pointsOfFiles: ReadonlyArray<CrashPoint> = ['after-append', 'in-append', 'in-rotation', 'in-trim']

if (plan !== undefined && pointsOfFiles.includes(plan.point)) patchFiles()
if (plan?.point === 'mid-write' || plan?.point === 'after-write') patchSockets()
if (plan?.point === 'after-recovery') patchListening()

process.exitCode = await runCommand(process.argv.slice(2), {
  terminal: processTerminal,
  signals: process,
  loadParts: async () => ({
    ...serveParts(processTerminal),
    startServer: options =>
      startServer({
        ...options,
        logBound,
        standBetween: (journal, env) => {
          if (plan?.point === 'in-apply' || plan?.point === 'in-snapshot') patchDatabases(env)
          return standBetween(isHasty ? hasty(journal) : journal)
        },
      }),
  }),
})
setTimeout(() => process.exit(), 1_000).unref()
