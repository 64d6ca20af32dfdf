/** `npm run soak`: the built server with little memory, for as long as wanted, with all its limits reached again and again. */
import { parseArgs } from 'node:util'
import { heapBound } from '../support/bounded-server.js'
import { type SoakReport, soak } from './run.js'
import { courseOf, type Figure, type Sample } from './samples.js'

const usage = `npm run soak -- [--minutes N] [--sessions N] [--seed N]

  --minutes   30, unless given
  --sessions  people, each with a session of their own: 2000, unless given
  --seed      of all choices; any, unless given. The timing of the machine it does not repeat

Exit code 0: the server (${heapBound} MB for its values) stayed up, two honest people lost nothing, and memory and disk are flat.`

const print = (text: string): void => void process.stdout.write(`${text}\n`)

const numberOf = (name: string, text: string, least: number): number => {
  const number = Number(text)
  if (!Number.isFinite(number) || number < least) throw new Error(`--${name} is ${text}; allowed: ${least} and above`)
  return number
}

const row = (cells: ReadonlyArray<string | number>): string => cells.map(cell => String(cell).padStart(10)).join('')

const printSample = ({ minute, heap, resident, disk, block }: Sample): void =>
  print(row([minute.toFixed(1), heap.toFixed(0), resident.toFixed(0), disk.toFixed(0), block]))

/** The memory of values must be flat; that of the process and the disk may rise to their bounds, and are told. */
const judge = ({ samples, honest, done, complaints }: SoakReport): number => {
  print(`\n${done.habits} things done, ${done.refused} of them refused`)
  print(
    `the honest pair: ${honest.messages} messages, 99 of 100 within ${honest.p99} ms, none lost, doubled or reordered`,
  )
  const figures: ReadonlyArray<Figure> = ['heap', 'resident', 'disk']
  const grew = figures.filter(figure => {
    const { first, last, perHour, isFlat } = courseOf(samples, figure)
    print(`${figure}: from ${first.toFixed(0)} to ${last.toFixed(0)} MB once warm, ${perHour.toFixed(1)} MB an hour`)
    return figure !== 'resident' && !isFlat
  })
  for (const complaint of complaints) print(`WRONG: ${complaint}`)
  for (const figure of grew) print(`WRONG: ${figure} grows`)
  return complaints.length === 0 && grew.length === 0 ? 0 : 1
}

const main = async (): Promise<number> => {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string' },
      sessions: { type: 'string' },
      seed: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help === true) {
    print(usage)
    return 0
  }
  const seed = numberOf('seed', values.seed ?? String(Date.now() % 1_000_000), 0)
  const minutes = numberOf('minutes', values.minutes ?? '30', 0.2)
  const sessions = numberOf('sessions', values.sessions ?? '2000', 10)
  print(`${sessions} sessions for ${minutes} minutes, seed ${seed}`)
  print(row(['minute', 'heap MB', 'RSS MB', 'disk MB', 'block ms']))
  return judge(
    await soak({ minutes, sessions, seed, samples: Math.max(12, Math.round(minutes * 2)), onSample: printSample }),
  )
}

process.exitCode = await main().catch(error => {
  print(error instanceof Error ? error.message : String(error))
  return 2
})
