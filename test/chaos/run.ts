/** A whole run in one world, and what came of it. */
import { type Death, deathsOfAnyBuild, endlessDeaths } from './deaths.js'
import type { Verdict } from './ledger.js'
import { reap, startToLast } from './reaper.js'
import type { Started } from './server-life.js'
import { calmDown, endWorld, judgeContacts, settleWorld, type World, type WorldOptions } from './world.js'

export interface RunOptions extends WorldOptions {
  readonly crashes: number
  readonly onProgress: (done: number, death: Death, delivered: number) => void
}

/** What is known of one way to die. */
export interface DeathCount {
  times: number
  /** The process did not come to the point where it was to die, and was killed. */
  missed: number
  /** Sessions that came back, of all starts that came so far. */
  recovered: number
  /** From the start of a process until it listens, on what this death left. */
  readonly milliseconds: Array<number>
}

export interface SessionTotals {
  readonly resumed: number
  readonly refused: number
  /** Resumptions that were refused as they may be: the session was over, or too much waited in it. */
  readonly beganAnew: number
  readonly cuts: number
  /** Logins that took too long and were given up. */
  readonly late: number
  /** The most messages that waited for one client when it resumed. */
  readonly awaited: number
}

export interface RunReport extends SessionTotals {
  readonly title: string
  readonly deaths: ReadonlyMap<Death, DeathCount>
  readonly verdict: Verdict
  /** Messages that waited in offline storage for those who came at the end. */
  readonly fromStorage: number
  readonly rosterItems: number
  readonly seconds: number
  /** All that went wrong; empty if nothing did. */
  readonly complaints: ReadonlyArray<string>
  readonly lastWords: string
}

export const run = async (options: RunOptions): Promise<RunReport> => {
  const begin = performance.now()
  const world = await settleWorld(options)
  const deaths = new Map<Death, DeathCount>()
  try {
    for (const client of world.clients) client.talk(true)
    await dieAgainAndAgain(world, deaths, options)
    await calmDown(world)
    await judgeContacts(world)
  } catch (error) {
    world.complaints.push(error instanceof Error ? error.message : String(error))
  } finally {
    await endWorld(world)
  }
  return report(world, deaths, (performance.now() - begin) / 1000)
}

const dieAgainAndAgain = async (
  world: World,
  deaths: Map<Death, DeathCount>,
  { durability, crashes, onProgress, earlier }: RunOptions,
): Promise<void> => {
  const endless = endlessDeaths(durability, world.chance)
  let last = countOf(deaths, 'SIGKILL')
  const took = (starts: ReadonlyArray<Started>): void => {
    for (const { milliseconds, recovered } of starts) {
      last.milliseconds.push(milliseconds)
      last.recovered += recovered
    }
  }
  await world.life.kill()
  last.times += 1
  for (let done = 1; done < crashes; done += 1) {
    replaceAccounts(world)
    const isEarlier = earlier !== undefined && done < crashes / 2
    if (!isEarlier) world.life.upgrade()
    const death = isEarlier ? world.chance.pick(deathsOfAnyBuild) : endless.next().value
    const { isReached, starts } = await reap(world, death)
    took(starts)
    last = countOf(deaths, death)
    last.times += 1
    if (!isReached) last.missed += 1
    onProgress(done + 1, death, world.ledger.delivered())
  }
  world.keepSettings()
  took([await startToLast(world)])
}

/** No server runs: now and then the operator removes an account and adds one of the same name. */
const replaceAccounts = ({ population, chance, life, ledger }: World): void => {
  for (const name of population.replaced) {
    if (chance.fraction() >= 0.1) continue
    life.replaceAccount(name)
    ledger.removed(name)
  }
}

const countOf = (deaths: Map<Death, DeathCount>, death: Death): DeathCount => {
  const known = deaths.get(death)
  if (known !== undefined) return known
  const fresh: DeathCount = { times: 0, missed: 0, recovered: 0, milliseconds: [] }
  deaths.set(death, fresh)
  return fresh
}

const report = (world: World, deaths: Map<Death, DeathCount>, seconds: number): RunReport => {
  const { ledger, clients, complaints, life, population } = world
  const verdict = ledger.verdict()
  return {
    title: population.title,
    deaths,
    verdict,
    ...totalsOf(clients),
    fromStorage: ledger.delivered(population.absent),
    rosterItems: clients.reduce((sum, { contacts }) => sum + contacts.itemsAcked(), 0),
    seconds,
    complaints: [
      ...verdict.complaints,
      ...complaints,
      ...clients.flatMap(client => client.surprises()),
      ...life.errors().map(line => `the server logged: ${line}`),
    ],
    lastWords: life.lastWords(),
  }
}

const totalsOf = (clients: World['clients']): SessionTotals => {
  const tallies = clients.map(({ tally }) => tally())
  const sum = (key: keyof SessionTotals): number => tallies.reduce((total, tally) => total + tally[key], 0)
  return {
    resumed: sum('resumed'),
    refused: sum('refused'),
    beganAnew: sum('beganAnew'),
    cuts: sum('cuts'),
    late: sum('late'),
    awaited: Math.max(...tallies.map(({ awaited }) => awaited)),
  }
}
