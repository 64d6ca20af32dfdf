/** Ends the server, in one way or another, and starts it again on what it left. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Chance } from './chance.js'
import type { CrashPoint } from './crash-points.js'
import { countFor, type Death } from './deaths.js'
import type { Start, Started } from './server-life.js'
import { settles, type World } from './world.js'

/** How one death went. */
export interface Reaped {
  /** False if the process did not come to the point where it was to die, and was killed. */
  readonly isReached: boolean
  /** How the starts went that were to last, or were to die later. */
  readonly starts: ReadonlyArray<Started>
}

/** Milliseconds in which a process should come to its point. */
const planMilliseconds = 10_000
/** Milliseconds that a start takes, or a little more. */
const startMilliseconds = 900
/** Milliseconds in which clients come back. */
const soonMilliseconds = 200

/** The server is dead before and after; in between it lived for a while, as far as it came. */
export const reap = async (world: World, death: Death): Promise<Reaped> => {
  switch (death) {
    case 'SIGKILL':
      return { isReached: true, starts: await killed(world) }
    case 'SIGKILL at start':
      return { isReached: true, starts: await killedAtStart(world) }
    case 'SIGKILL while all resume':
      return { isReached: true, starts: await killedSoon(world) }
    case 'SIGTERM':
      return { isReached: true, starts: await terminated(world) }
    case 'in-recovery':
    case 'after-recovery':
      return { isReached: await diesAtStart(world, death), starts: [] }
    case 'in-recovery, twice': {
      const first = await diesAtStart(world, 'in-recovery')
      return { isReached: (await diesAtStart(world, 'in-recovery')) && first, starts: [] }
    }
    case 'in-stop':
      return diesWhileStopping(world)
    default:
      return diesAtPoint(world, death)
  }
}

/** Starts a server that is to last. Throws an `Error` if it does not. */
export const startToLast = async (world: World, how: Start = {}): Promise<Started> => {
  const started = await world.life.start(how)
  if (started.outcome === 'dead') throw new Error(`the server does not start again:\n${world.life.lastWords()}`)
  countSessions(world, started)
  return started
}

const countSessions = ({ clients, population, complaints }: World, { recovered }: Started): void => {
  const expected = clients.filter(client => client.hasSession()).length
  if (population.resumesAll && recovered !== expected)
    complaints.push(`after a restart ${recovered} sessions came back, of ${expected}`)
}

/** A while of traffic. */
const traffic = async ({ chance, population, life }: World): Promise<void> => {
  const milliseconds = chance.between(...population.traffic)
  if (!population.changesSettings || chance.fraction() < 0.5) return void (await sleep(milliseconds))
  await sleep(milliseconds / 2)
  life.reload()
  await sleep(milliseconds / 2)
}

const killed = async (world: World): Promise<ReadonlyArray<Started>> => {
  const started = await startToLast(world, howEver(world))
  await traffic(world)
  await world.life.kill()
  return [started]
}

/** At any moment of its start: it may not have opened its journal, or be about to listen. */
const killedAtStart = async (world: World): Promise<ReadonlyArray<Started>> => {
  const { life, chance } = world
  const starting = life.start(howEver(world))
  await sleep(chance.between(0, startMilliseconds))
  await life.kill()
  const started = await starting
  return started.outcome === 'listening' ? [started] : []
}

/** Some clients have resumed, others are about to. */
const killedSoon = async (world: World): Promise<ReadonlyArray<Started>> => {
  const started = await startToLast(world, howEver(world))
  await sleep(world.chance.between(0, soonMilliseconds))
  await world.life.kill()
  return [started]
}

/** Everybody who has a session on a line sees the line end, and neither an error nor the end of the stream. */
const terminated = async (world: World): Promise<ReadonlyArray<Started>> => {
  const { life, clients, complaints } = world
  const started = await startToLast(world, howEver(world))
  await traffic(world)
  const up = clients.filter(client => client.isUp()).map(client => ({ client, before: client.tally() }))
  const code = await life.terminate()
  if (code !== 0) complaints.push(`after SIGTERM the server ended with ${code}:\n${life.lastWords()}`)
  await settles(world, () => up.every(({ client, before }) => client.tally().lines > before.lines))
  return [started]
}

const diesAtStart = async (world: World, point: CrashPoint): Promise<boolean> => {
  const { outcome } = await world.life.start(planFor(world, point))
  if (outcome === 'listening') await world.life.kill()
  return outcome === 'dead'
}

const diesAtPoint = async (world: World, point: CrashPoint): Promise<Reaped> => {
  const started = await world.life.start(planFor(world, point))
  if (started.outcome === 'dead') return { isReached: true, starts: [] }
  countSessions(world, started)
  return { isReached: await diesInTime(world), starts: [started] }
}

const diesWhileStopping = async (world: World): Promise<Reaped> => {
  const started = await startToLast(world, planFor(world, 'in-stop'))
  await traffic(world)
  const code = await world.life.terminate()
  return { isReached: code !== 0, starts: [started] }
}

const diesInTime = async ({ life }: World): Promise<boolean> => {
  const patience = new AbortController()
  const late = sleep(planMilliseconds, 'late' as const, { signal: patience.signal }).catch(() => 'late' as const)
  const first = await Promise.race([life.death(), late])
  patience.abort()
  if (first !== 'late') return true
  await life.kill()
  return false
}

const planFor = ({ clients, chance }: World, point: CrashPoint): Start => ({
  plan: { point, count: countFor(point, clients.length, chance) },
  logBound: needsShortLog(point) ? leastLogBound : logBound(chance),
})

/** These come where a log is full. */
const needsShortLog = (point: CrashPoint): boolean =>
  point.endsWith('-snapshot') || point === 'in-rotation' || point === 'in-trim'

/** As operators run it, or with a log so short that snapshots are taken all the time. */
const howEver = ({ chance }: World): Start => (chance.fraction() < 0.5 ? {} : { logBound: logBound(chance) })

const leastLogBound = 8 * 1024

const logBound = (chance: Chance): number => chance.between(leastLogBound, 200 * 1024)
