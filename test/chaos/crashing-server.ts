/**
 * The real server, in a process that kills itself: `SMACKS_CRASH=POINT:COUNT`, the COUNTth time that it comes to the point.
 * Nothing is tidied up: the signal is SIGKILL. Snapshots are taken often, so that their points are reached.
 */
import { Socket } from 'node:net'
import type { Stanza } from '@smacks/codec'
import type { Change, Journal, Journalled } from '@smacks/runtime'
import { createLog, loadConfig, startServer } from '@smacks/server'
import * as Either from 'fp-ts/lib/Either.js'
import { type CrashPoint, isCrashPoint } from './crash-points.js'

/** Characters of the log above which there are snapshots: a few turns of the load. */
const logBound = 20_000

const [, , file] = process.argv
const [name = '', count = '1'] = (process.env.SMACKS_CRASH ?? '').split(':')
if (!isCrashPoint(name)) throw new Error(`SMACKS_CRASH names no crash point: "${name}"`)

let visits = 0
const isDoomed = (point: CrashPoint): boolean => {
  if (point !== name) return false
  visits += 1
  return visits >= Number(count)
}
const die = (): void => {
  process.kill(process.pid, 'SIGKILL')
}
const pass = (point: CrashPoint): void => {
  if (isDoomed(point)) die()
}

const isSnapshot = ({ _tag }: Change<Stanza>): boolean => _tag === 'PutSnapshot'
const isRestart = (change: Change<Stanza>): boolean =>
  change._tag === 'Happened' && change.event._tag === 'ServerRestarted'

const crashing = (journal: Journal<Stanza>): Journal<Stanza> => {
  const { sessions } = journal
  function* recover(): Generator<Journalled<Stanza>> {
    for (const entry of sessions?.recover() ?? []) {
      pass('during recovery')
      yield entry
    }
  }
  return {
    ...journal,
    commit: batch => {
      pass('before a commit')
      if (batch.some(isSnapshot)) pass('before a snapshot')
      if (batch.some(isRestart)) pass('at the end of recovery')
      const after = (): void => {
        pass('after a commit')
        if (batch.some(isSnapshot)) pass('after a snapshot')
      }
      const committed = journal.commit(batch)
      if (committed !== undefined) return committed.then(after)
      after()
      return undefined
    },
    ...(sessions === undefined ? {} : { sessions: { ...sessions, recover } }),
  }
}

/** A process that is about to die writes nothing more. */
let isSilent = false
const write = Socket.prototype.write
Socket.prototype.write = function half(this: Socket, ...all: Parameters<typeof write>): boolean {
  const [data] = all
  if (isSilent) return true
  if (!isDoomed('in the middle of a write') || data === null) return Reflect.apply(write, this, all)
  isSilent = true
  const bytes = typeof data === 'string' ? Buffer.from(data) : Buffer.from(data)
  return Reflect.apply(write, this, [bytes.subarray(0, Math.ceil(bytes.length / 2)), die])
} as typeof write

const config = loadConfig(file)
if (Either.isLeft(config)) throw new Error(config.left.problems.join(' '))
const log = createLog({ level: config.right.logLevel, out: process.stderr })
const server = await startServer({ config: config.right, log, standBetween: crashing, logBound })
process.once('SIGTERM', () => void server.stop().then(() => process.exit(0)))
