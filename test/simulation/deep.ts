/**
 * The long look, `npm run test:deep`: a hundred thousand traces of two peers, small worlds to their end and larger ones
 * for a minute, all planted faults, and the properties many times as often. Says how far it is, ends with a table, and
 * fails if anything did not hold. `-- --seconds 600 --traces 1000000 --times 100 --seed 7` looks longer, or at the same
 * traces again.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { TracesReport } from './deep-traces.js'
import { runScript } from './explorer/child.js'
import type { Report } from './explorer/run.js'
import { worldsOf } from './explorer/worlds.js'
import { mutants } from './mutants/index.js'
import type { Verdict } from './mutants/run.js'

/** So many processes at a time; more states fit into the same minute. */
const hands = 2
/** Worlds of this size are more than a minute's work; the smallest are explored to their end first. */
const large = 2
const unlimited = 1e9

interface Row {
  readonly what: string
  readonly found: string
  readonly holds: boolean
  /** What is to be seen where it does not hold. */
  readonly story?: string | undefined
}

const counted = (value: number): string => Math.round(value).toLocaleString('en')

const deep = async (): Promise<number> => {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '60' },
      traces: { type: 'string', default: '100000' },
      times: { type: 'string', default: '20' },
      seed: { type: 'string' },
    },
  })
  const seconds = wholeNumber('seconds', values.seconds)
  const rows = [
    ...(await playTraces(wholeNumber('traces', values.traces), values.seed)),
    ...(await exploreWorlds('small worlds', 0, unlimited)),
    ...(await exploreWorlds('larger worlds', large, seconds)),
    await findMutants(),
    await runProperties(wholeNumber('times', values.times), values.seed),
  ]
  print(rows)
  return rows.every(({ holds }) => holds) ? 0 : 1
}

/** Of fast-check: any 32-bit integer. */
const seedOf = (text: string): number => {
  const value = Number(text)
  if (Number.isInteger(value)) return value
  throw new Error(`--seed is '${text}'; it must be a whole number`)
}

const wholeNumber = (name: string, text: string): number => {
  const value = Number(text)
  if (Number.isInteger(value) && value > 0) return value
  throw new Error(`--${name} is '${text}'; it must be a whole number above 0`)
}

const playTraces = async (traces: number, seed: string | undefined): Promise<ReadonlyArray<Row>> => {
  const latest = new Map<string, TracesReport>()
  const share = Math.ceil(traces / hands)
  const progress = createProgress('two peers', () => {
    const reports = [...latest.values()]
    const played = sum(reports.filter(({ kind }) => kind === 'lines break').map(report => report.traces))
    return `${percent(played, traces)}, ${counted(played)} traces, ${counted(sum(reports.map(({ steps }) => steps)))} steps`
  })
  await inHands(hand => {
    const seeds = seed === undefined ? [] : [seedOf(seed) + hand]
    return runScript<TracesReport>('deep-traces.ts', [share, ...seeds], report => {
      latest.set(`${report.kind} ${hand}`, report)
      progress.tell()
    })
  })
  progress.end()
  return (['lines break', 'the server stops'] as const).map(kind => tracesRow(kind, [...latest.values()]))
}

const tracesRow = (kind: string, all: ReadonlyArray<TracesReport>): Row => {
  const reports = all.filter(report => report.kind === kind)
  const [played, steps] = [sum(reports.map(({ traces }) => traces)), sum(reports.map(report => report.steps))]
  return {
    what: `two peers, ${kind}`,
    found: `${counted(played)} traces, ${counted(steps)} steps, seeds ${reports.map(({ seed }) => seed).join(' and ')}`,
    holds: reports.length === hands && reports.every(({ isDone, failure }) => isDone && failure === undefined),
    story: reports.find(({ failure }) => failure !== undefined)?.failure,
  }
}

const exploreWorlds = async (what: string, size: number, seconds: number): Promise<ReadonlyArray<Row>> => {
  const worlds = worldsOf(size)
  const done = new Map<string, Report>()
  const latest = new Map<string, Report>()
  const each = (seconds * 1_000 * hands) / worlds.length
  const progress = createProgress(what, () => {
    const reports = [...latest.values()]
    const totals = `${counted(sum(reports.map(({ states }) => states)))} states, ${counted(sum(reports.map(report => report.transitions)))} transitions`
    return `${percent(done.size, worlds.length)}, ${totals}, at depth ${reports.at(-1)?.depth ?? 0} of "${reports.at(-1)?.world ?? ''}"`
  })
  await inHands(hand =>
    runScript<Report>('explorer/run.ts', [size, each, unlimited, hand, hands], report => {
      latest.delete(report.world)
      latest.set(report.world, report)
      if (report.isDone) done.set(report.world, report)
      progress.tell()
    }),
  )
  progress.end()
  return [
    ...worlds.map(({ name }) => worldRow(name, done.get(name))),
    allWorldsRow(what, [...done.values()], worlds.length),
  ]
}

const worldRow = (name: string, report: Report | undefined): Row => ({
  what: `  ${name}`,
  found: report === undefined ? 'not explored' : explored(report),
  holds: report !== undefined && report.story === undefined,
  story: report?.story,
})

const explored = ({ states, transitions, depth, milliseconds, isComplete }: Report): string =>
  [
    `${counted(states)} states`,
    `${counted(transitions)} transitions`,
    isComplete ? `all there are, to depth ${depth}` : `whole to depth ${depth}`,
    `${(milliseconds / 1_000).toFixed(1)} s`,
  ].join(', ')

const allWorldsRow = (what: string, reports: ReadonlyArray<Report>, worlds: number): Row => {
  const transitions = sum(reports.map(report => report.transitions))
  const perSecond = (transitions * 1_000 * hands) / Math.max(1, sum(reports.map(({ milliseconds }) => milliseconds)))
  const [states, probes] = [sum(reports.map(report => report.states)), sum(reports.map(report => report.probes))]
  return {
    what: `${what}, all`,
    found: `${counted(states)} states, ${counted(transitions)} transitions, ${counted(probes)} probes, ${counted(perSecond)} transitions/s`,
    holds: reports.length === worlds,
  }
}

const findMutants = async (): Promise<Row> => {
  const verdicts: Array<Verdict> = []
  const progress = createProgress(
    'planted faults',
    () => `${percent(verdicts.length, mutants.length)}, ${verdicts.length} looked for`,
  )
  await inHands(hand =>
    runScript<Verdict>('mutants/run.ts', [hand, hands], verdict => {
      verdicts.push(verdict)
      progress.tell()
    }),
  )
  progress.end()
  const survivors = verdicts.filter(({ what }) => what === undefined).map(({ mutant }) => mutant)
  return {
    what: 'planted faults',
    found: `${verdicts.length - survivors.length} of ${mutants.length} mutants killed`,
    holds: verdicts.length === mutants.length && survivors.length === 0,
    story: survivors.length === 0 ? undefined : `nobody noticed: ${survivors.join('; ')}`,
  }
}

/** Vitest tells how far it is by itself. */
const runProperties = async (times: number, seed: string | undefined): Promise<Row> => {
  console.log(`properties: each ${times} times as often as in npm run test:slow`)
  const test = fileURLToPath(new URL('..', import.meta.url))
  const seeds = seed === undefined ? {} : { FC_SEED: seed }
  // A test that takes a second there may take that much longer.
  const args = ['run', 'property/', '--reporter=verbose', `--testTimeout=${times * 30_000}`]
  const vitest = spawn(process.execPath, ['node_modules/vitest/vitest.mjs', ...args], {
    cwd: test,
    stdio: 'inherit',
    env: { ...process.env, FC_TIMES: String(times), ...seeds },
  })
  const [code] = await once(vitest, 'close')
  return {
    what: 'properties',
    found: `${times} times as often as in npm run test:slow, seed ${seed ?? 'any'}`,
    holds: code === 0,
  }
}

const inHands = async (work: (hand: number) => Promise<void>): Promise<void> => {
  await Promise.all(Array.from({ length: hands }, (_, hand) => work(hand)))
}

const sum = (values: ReadonlyArray<number>): number => values.reduce((one, other) => one + other, 0)
const percent = (part: number, whole: number): string => `${Math.min(100, Math.floor((100 * part) / whole))} %`

/** Says how far it is: on a terminal in one line, else a line every ten seconds. */
const createProgress = (what: string, soFar: () => string) => {
  const { isTTY } = process.stdout
  let told = performance.now()
  return {
    tell: (): void => {
      if (performance.now() - told < (isTTY ? 500 : 10_000)) return
      told = performance.now()
      process.stdout.write(isTTY ? `\r\u001b[K${what}: ${soFar()}` : `${what}: ${soFar()}\n`)
    },
    end: (): void => {
      process.stdout.write(`${isTTY ? '\r\u001b[K' : ''}${what}: done, ${soFar()}\n`)
    },
  }
}

const print = (rows: ReadonlyArray<Row>): void => {
  const width = Math.max(...rows.map(({ what }) => what.length)) + 2
  const line = '-'.repeat(100)
  console.log(`\n${line}\nThe long look\n${line}`)
  for (const { what, found, holds } of rows)
    console.log(`${what.padEnd(width)}${holds ? 'holds ' : 'BROKEN'}  ${found}`)
  console.log(line)
  for (const { what, story } of rows) if (story !== undefined) console.log(`${what.trim()}:\n${story}\n`)
}

process.exitCode = await deep()
