/**
 * Chaos: many clients that talk to each other, and a server that is killed again and again, at random moments and at each
 * point where a crash could hurt. In the end all goes quiet and is judged.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../support/places.js'
import { type Chance, createChance } from './chance.js'
import { type ChaosClient, createChaosClient } from './client.js'
import { type CrashPoint, crashPoints } from './crash-points.js'
import { createLedger, type Ledger, type Verdict } from './ledger.js'
import { createServerLife, type ServerLife } from './server-life.js'

export interface ChaosOptions {
  readonly seed: number
  readonly crashes: number
  readonly clients: number
  readonly durability: 'disk' | 'process'
  /** Told after each crash. */
  readonly onProgress?: (done: number, verdict: Verdict) => void
}

/** How the server ends: by a kill from outside, by a clean stop, or by itself at a point. */
export type Ending = CrashPoint | 'kill -9' | 'SIGTERM' | 'twice during recovery'

export interface EndingTally {
  count: number
  /** Milliseconds from the start of the process until it listens again. */
  readonly recoveries: Array<number>
}

export interface ChaosResult {
  readonly seed: number
  readonly endings: ReadonlyMap<Ending, EndingTally>
  readonly verdict: Verdict
  readonly resumed: number
  readonly refused: number
  readonly cuts: number
  /** What should never happen; the first few. */
  readonly surprises: ReadonlyArray<string>
  /** All went quiet in time. */
  readonly isQuiet: boolean
  /** The last lines that the server said. */
  readonly output: ReadonlyArray<string>
}

const quietMilliseconds = 60_000
const dyingMilliseconds = 3_000

export const runChaos = async (options: ChaosOptions): Promise<ChaosResult> => {
  const chance = createChance(options.seed)
  const port = await freePort()
  const [first = 'u0', ...others] = Array.from({ length: options.clients }, (_, index) => `u${index}`)
  const names = [first, ...others] as const
  const password = 'chaos'
  const life = createServerLife({ users: names, password, durability: options.durability, port })
  const ledger = createLedger()
  const endings = new Map<Ending, EndingTally>()
  let clients: ReadonlyArray<ChaosClient> = []
  try {
    await life.start()
    clients = names.map(name =>
      createChaosClient({ name, password, port, peers: names, chance: chance.fork(), ledger, window: 30 }),
    )
    await until(() => clients.every(client => client.isUp()))
    for (const client of clients) client.talk(true)
    for (let done = 0; done < options.crashes; done += 1) {
      await endOnce(life, plan(chance, done), chance, clients, endings)
      options.onProgress?.(done + 1, ledger.verdict())
    }
    for (const client of clients) client.talk(false)
    const isQuiet = await until(() => ledger.isSettled() && clients.every(client => client.isQuiet()))
    return result(options.seed, endings, ledger, clients, isQuiet, life)
  } finally {
    for (const client of clients) client.end()
    await life.kill()
    life.remove()
  }
}

const result = (
  seed: number,
  endings: ReadonlyMap<Ending, EndingTally>,
  ledger: Ledger,
  clients: ReadonlyArray<ChaosClient>,
  isQuiet: boolean,
  life: ServerLife,
): ChaosResult => {
  const sum = (count: (client: ChaosClient) => number): number =>
    clients.reduce((total, client) => total + count(client), 0)
  return {
    seed,
    endings,
    verdict: ledger.verdict(),
    resumed: sum(({ tally }) => tally.resumed),
    refused: sum(({ tally }) => tally.refused),
    cuts: sum(({ tally }) => tally.cuts),
    surprises: clients.flatMap(({ surprises }) => surprises).slice(0, 20),
    isQuiet,
    output: life.output().trimEnd().split('\n').slice(-20),
  }
}

/** True if nothing went wrong. */
export const isFlawless = ({ verdict, refused, surprises, isQuiet }: ChaosResult): boolean =>
  isQuiet &&
  verdict.sent > 0 &&
  verdict.lost + verdict.doubled + verdict.reordered + refused + surprises.length + verdict.complaints.length === 0

/** All endings in turn, and in between whatever chance wants. */
const plan = (chance: Chance, done: number): Ending => {
  const all: readonly [Ending, ...ReadonlyArray<Ending>] = [
    'kill -9',
    'SIGTERM',
    'twice during recovery',
    ...crashPoints,
  ]
  return done % 2 === 0 ? (all[(done / 2) % all.length] ?? 'kill -9') : chance.pick([...all, 'kill -9', 'kill -9'])
}

/** Lets the clients talk, ends the server, and starts it again. */
const endOnce = async (
  life: ServerLife,
  ending: Ending,
  chance: Chance,
  clients: ReadonlyArray<ChaosClient>,
  endings: Map<Ending, EndingTally>,
): Promise<void> => {
  await sleep(chance.between(50, 400))
  for (const client of clients) if (chance.fraction() < 0.05) client.cut(chance.between(0, 1_500))
  await end(life, ending, chance)
  const began = performance.now()
  if ((await life.start()) === 'dead')
    throw new Error(`the server does not start again:\n${life.output().slice(-3_000)}`)
  const tally = endings.get(ending) ?? { count: 0, recoveries: [] }
  endings.set(ending, tally)
  tally.count += 1
  tally.recoveries.push(performance.now() - began)
}

const end = async (life: ServerLife, ending: Ending, chance: Chance): Promise<void> => {
  switch (ending) {
    case 'kill -9':
      return life.kill()
    case 'SIGTERM':
      return life.terminate()
    case 'during recovery':
    case 'at the end of recovery':
      await life.kill()
      return dieBySelf(life, ending, 1)
    case 'twice during recovery':
      await life.kill()
      await dieBySelf(life, 'during recovery', 1)
      return dieBySelf(life, 'during recovery', chance.between(1, 3))
    default:
      await life.kill()
      return dieBySelf(life, ending, chance.between(1, ending.includes('snapshot') ? 3 : 60))
  }
}

/** A server that comes to its point dies there; one that never comes there is killed. */
const dieBySelf = async (life: ServerLife, point: CrashPoint, count: number): Promise<void> => {
  await life.start({ point, count })
  await Promise.race([life.death(), sleep(dyingMilliseconds, undefined, { ref: false })])
  await life.kill()
}

const until = async (isSo: () => boolean): Promise<boolean> => {
  const end = performance.now() + quietMilliseconds
  while (!isSo()) {
    if (performance.now() > end) return false
    await sleep(20)
  }
  return true
}
