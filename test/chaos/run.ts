/** A whole run in one world, and what came of it. */
import { type Death, endlessDeaths } from './deaths.js'
import type { Verdict } from './ledger.js'
import { reap, startToLast } from './reaper.js'
import type { Started } from './server-life.js'
import { calmDown, endWorld, judgeContacts, settleWorld, type World, type WorldOptions } from './world.js'

export interface RunOptions extends WorldOptions {
  readonly crashes: number
  readonly onProgress: (done: number, death: Death, delivered: number) => void
}

/** What is known of one way to die. What happened until the next death is counted to the last. */
export interface DeathCount {
  times: number
  missed: number
  recovered: number
  readonly milliseconds: Array<number>
  delivered: number
  doubled: number
  reordered: number
  resumed: number
  refused: number
}

export interface RunReport {
  readonly deaths: ReadonlyMap<Death, DeathCount>
  readonly verdict: Verdict
  readonly resumed: number
  readonly refused: number
  /** Sessions that were refused as they may be, since too much waited in them. */
  readonly tooLong: number
  /** Messages that waited in offline storage for those who came at the end. */
  readonly fromStorage: number
  readonly cuts: number
  readonly rosterItems: number
  /** All that went wrong; empty if nothing did. */
  readonly complaints: ReadonlyArray<string>
  readonly lastWords: string
}

export const run = async (options: RunOptions): Promise<RunReport> => {
  const world = await settleWorld(options)
  const counts = new Map<Death, DeathCount>()
  try {
    for (const client of world.clients) client.talk(true)
    await dieAgainAndAgain(world, counts, options)
    await calmDown(world)
    await judgeContacts(world)
    return report(world, counts)
  } catch (error) {
    world.complaints.push(error instanceof Error ? error.message : String(error))
    return report(world, counts)
  } finally {
    await endWorld(world)
  }
}

const dieAgainAndAgain = async (
  world: World,
  counts: Map<Death, DeathCount>,
  { durability, crashes, onProgress }: RunOptions,
): Promise<void> => {
  const deaths = endlessDeaths(durability, world.chance)
  await world.life.kill()
  let last: DeathCount = countOf(counts, 'SIGKILL')
  last.times += 1
  let known = totals(world)
  const attribute = (starts: ReadonlyArray<Started>): void => {
    const now = totals(world)
    for (const key of totalKeys) last[key] += now[key] - known[key]
    known = now
    for (const { milliseconds, recovered } of starts) {
      last.milliseconds.push(milliseconds)
      last.recovered += recovered
    }
  }
  for (let done = 1; done < crashes; done += 1) {
    const death = deaths.next().value
    const { isReached, starts } = await reap(world, death)
    attribute(starts)
    last = countOf(counts, death)
    last.times += 1
    if (!isReached) last.missed += 1
    onProgress(done + 1, death, known.delivered)
  }
  attribute([await startToLast(world)])
}

const countOf = (counts: Map<Death, DeathCount>, death: Death): DeathCount => {
  const known = counts.get(death)
  if (known !== undefined) return known
  const zero = { times: 0, missed: 0, recovered: 0, delivered: 0, doubled: 0, reordered: 0, resumed: 0, refused: 0 }
  const fresh: DeathCount = { ...zero, milliseconds: [] }
  counts.set(death, fresh)
  return fresh
}

const totalKeys = ['delivered', 'doubled', 'reordered', 'resumed', 'refused'] as const

type Totals = Readonly<Record<(typeof totalKeys)[number], number>>

const totals = ({ ledger, clients }: World): Totals => {
  const { delivered, doubled, reordered } = ledger.verdict()
  return { delivered, doubled, reordered, ...sessionTotals(clients) }
}

const sessionTotals = (clients: World['clients']) => {
  let [resumed, refused, tooLong, cuts] = [0, 0, 0, 0]
  for (const client of clients) {
    const tally = client.tally()
    resumed += tally.resumed
    refused += tally.refused
    tooLong += tally.tooLong
    cuts += tally.cuts
  }
  return { resumed, refused, tooLong, cuts }
}

const report = (world: World, deaths: Map<Death, DeathCount>): RunReport => {
  const { ledger, clients, complaints, life, population } = world
  const verdict = ledger.verdict()
  const { resumed, refused, tooLong, cuts } = sessionTotals(clients)
  return {
    deaths,
    verdict,
    resumed,
    refused,
    tooLong,
    cuts,
    fromStorage: ledger.deliveredTo(population.absent),
    rosterItems: clients.reduce((sum, { contacts }) => sum + contacts.itemsAcked(), 0),
    complaints: [
      ...verdict.complaints,
      ...complaints,
      ...clients.flatMap(client => client.surprises()),
      ...life.errors().map(line => `the server logged: ${line}`),
    ],
    lastWords: life.lastWords(),
  }
}
