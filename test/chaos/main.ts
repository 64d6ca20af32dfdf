/** `npm run chaos`: kills the server many times under load, and judges what its clients saw. */
import { parseArgs } from 'node:util'
import { createChance } from './chance.js'
import { type Population, populations } from './population.js'
import { type RunReport, run } from './run.js'
import type { Durability } from './settings.js'
import { tableOfDeaths, tableOfFates } from './table.js'

const usage = `npm run chaos -- [--seed N] [--crashes N] [--clients N] [--durability process|disk|memory] [--world NAME]

  --crashes     deaths of the server: 200, unless given; divided among the worlds
  --world       ordinary, longQueues (queues become too long), timeouts (sessions time out), changes (settings, domains and
                accounts change at each start), or all, unless given
  --clients     24, unless given; each second one uses direct TLS
  --durability  process, unless given; memory shows what the judge says of a server that forgets
  --seed        of all choices; any, unless given. The timing of the machine it does not repeat

Exit code 0: nothing was lost, doubled or reordered, all sessions resumed that may, and contacts saw nothing of it.`

interface Options {
  readonly seed: number
  readonly crashes: number
  readonly clients: number
  readonly durability: Durability
  readonly worlds: ReadonlyArray<WorldName>
}

type WorldName = keyof typeof populations
const worldNames = Object.keys(populations) as ReadonlyArray<WorldName>

const print = (text: string): void => void process.stdout.write(`${text}\n`)

/** Nothing if help was asked for. Throws an `Error` that names what is wrong. */
const optionsOf = (args: ReadonlyArray<string>): Options | undefined => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seed: { type: 'string' },
      crashes: { type: 'string' },
      clients: { type: 'string' },
      durability: { type: 'string' },
      world: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help === true) return undefined
  const durability = (['process', 'disk', 'memory'] as const).find(one => one === (values.durability ?? 'process'))
  if (durability === undefined) throw new Error(`--durability is ${values.durability}; allowed: process, disk, memory`)
  const { world = 'all' } = values
  const worlds = worldNames.filter(name => world === 'all' || world === name)
  if (worlds.length === 0) throw new Error(`--world is ${world}; allowed: ${worldNames.join(', ')}, all`)
  return {
    worlds,
    seed: countOf('seed', values.seed ?? String(Date.now() % 1_000_000), 0),
    crashes: countOf('crashes', values.crashes ?? '200', 4),
    clients: countOf('clients', values.clients ?? '24', 4),
    durability,
  }
}

const countOf = (name: string, text: string, least: number): number => {
  const count = Number(text)
  if (!Number.isInteger(count) || count < least) throw new Error(`--${name} is ${text}; allowed: ${least} and above`)
  return count
}

const runIn = async (population: Population, crashes: number, { seed, durability }: Options): Promise<RunReport> => {
  print(`\n${population.title}: ${crashes} deaths`)
  let toldAt = performance.now()
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
  for (const complaint of report.complaints.slice(0, 40)) print(`  ! ${complaint}`)
  if (report.complaints.length > 0) print(`\nThe server's last words:\n${report.lastWords}`)
  return report
}

const chaos = async (options: Options): Promise<number> => {
  const { seed, crashes, clients, durability, worlds } = options
  const world = worlds.length === 1 ? worlds[0] : 'all'
  const words = `--seed ${seed} --crashes ${crashes} --clients ${clients} --durability ${durability} --world ${world}`
  print(`Chaos: ${words}`)
  const share = Math.floor(crashes / worlds.length)
  const reports: Array<RunReport> = []
  // What does not divide evenly goes to the first.
  for (const [index, name] of worlds.entries())
    reports.push(
      await runIn(populations[name](clients), index === 0 ? crashes - share * (worlds.length - 1) : share, options),
    )
  print(`\n${tableOfDeaths(reports)}\n\n${tableOfFates(reports)}\n`)
  const complaints = reports.reduce((sum, report) => sum + report.complaints.length, 0)
  print(
    complaints === 0
      ? 'Nothing was lost, doubled or reordered, every session resumed that may, and contacts saw nothing of it.'
      : `${complaints} complaints; they stand above.`,
  )
  print(`The same choices again: npm run chaos -- ${words}`)
  return complaints === 0 ? 0 : 1
}

const main = async (args: ReadonlyArray<string>): Promise<number> => {
  let options: Options | undefined
  try {
    options = optionsOf(args)
  } catch (error) {
    print(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`)
    return 2
  }
  if (options !== undefined) return await chaos(options)
  print(usage)
  return 0
}

process.exitCode = await main(process.argv.slice(2))
