/** `npm run chaos`: kills the server many times under load, and judges what its clients saw. */
import { parseArgs } from 'node:util'
import { createChance } from './chance.js'
import { longQueuePopulation, ordinaryPopulation, type Population } from './population.js'
import { run } from './run.js'
import type { Durability } from './server-life.js'
import { summaryOf, tableOf } from './table.js'

const usage = `npm run chaos -- [--seed N] [--crashes N] [--clients N] [--durability process|disk|memory]

  --seed        of all choices; the timing of the machine it does not repeat. Any, unless given
  --crashes     deaths of the server: 300, unless given; a fifth of them in a world of queues that are too long
  --clients     24, unless given; each second one uses direct TLS
  --durability  process, unless given; memory shows what the judge says of a server that forgets`

interface Options {
  readonly seed: number
  readonly crashes: number
  readonly clients: number
  readonly durability: Durability
}

const print = (text: string): void => void process.stdout.write(`${text}\n`)

/** Throws an `Error` that names what is wrong. */
const optionsOf = (args: ReadonlyArray<string>): Options => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seed: { type: 'string' },
      crashes: { type: 'string' },
      clients: { type: 'string' },
      durability: { type: 'string' },
    },
  })
  const durability = (['process', 'disk', 'memory'] as const).find(one => one === (values.durability ?? 'process'))
  if (durability === undefined) throw new Error(`--durability is ${values.durability}; allowed: process, disk, memory`)
  return {
    seed: countOf('seed', values.seed ?? String(Date.now() % 1_000_000), 0),
    crashes: countOf('crashes', values.crashes ?? '300', 2),
    clients: countOf('clients', values.clients ?? '24', 3),
    durability,
  }
}

const countOf = (name: string, text: string, least: number): number => {
  const count = Number(text)
  if (!Number.isInteger(count) || count < least) throw new Error(`--${name} is ${text}; allowed: ${least} and above`)
  return count
}

/** True if nothing went wrong. */
const showRun = async (title: string, population: Population, crashes: number, options: Options): Promise<boolean> => {
  const { seed, durability } = options
  print(`\n${title}: ${crashes} deaths, ${population.present.length} clients, durability ${durability}, seed ${seed}`)
  const begin = performance.now()
  let toldAt = begin
  const report = await run({
    population,
    durability,
    chance: createChance(seed),
    crashes,
    onProgress: (done, death, delivered) => {
      if (performance.now() - toldAt < 3_000 && done < crashes) return
      toldAt = performance.now()
      print(`  ${done}/${crashes}  last: ${death}  ${delivered.toLocaleString('en')} messages delivered`)
    },
  })
  print(`\n${tableOf(report)}\n\n${summaryOf(report)}`)
  print(`It took ${Math.round((performance.now() - begin) / 1000)} seconds.`)
  const { complaints, lastWords } = report
  if (complaints.length === 0) return true
  print(`\n${complaints.length} complaints; repeat with --seed ${seed}. The first:`)
  for (const complaint of complaints.slice(0, 20)) print(`  ${complaint}`)
  print(`\nThe server's last words:\n${lastWords}`)
  return false
}

const main = async (): Promise<number> => {
  let options: Options
  try {
    options = optionsOf(process.argv.slice(2))
  } catch (error) {
    print(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`)
    return 2
  }
  const { crashes, clients } = options
  const long = Math.max(1, Math.floor(crashes / 5))
  const isFine = await showRun('Ordinary queues', ordinaryPopulation(clients), crashes - long, options)
  const isFineToo = await showRun('Queues that are too long', longQueuePopulation(clients), long, options)
  if (isFine && isFineToo) print('\nNothing was lost, doubled or reordered, and every session that may be resumed was.')
  return isFine && isFineToo ? 0 : 1
}

process.exitCode = await main()
