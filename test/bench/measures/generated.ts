/**
 * Very many hibernating sessions, more than sockets reach: made in the loop itself, by the events that make them in a server.
 * Each count has a process of its own (`generated-main.ts`), so that none finds the heap of another.
 */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Measure, Size, Values } from '../measure.js'

export interface Generated {
  /** Of V8's heap and buffers, after a collection, in kB a session. */
  readonly kilobytes: number
  /** To make one: bound, enabled, lost; in µs of processor time. */
  readonly make: number
  /** A message for one that hibernates, in µs of processor time. */
  readonly submit: number
}

const main = fileURLToPath(new URL('generated-main.ts', import.meta.url))
const run = promisify(execFile)
/** For a million sessions; a laptop has it. */
const nodeArguments = ['--max-old-space-size=12000', '--max-semi-space-size=64', '--expose-gc']

const labels = ['few', 'some', 'many'] as const
const counts: Readonly<Record<Size, ReadonlyArray<number>>> = {
  full: [1000, 100_000, 1_000_000],
  quick: [1000, 10_000, 100_000],
  smallest: [10, 20, 50],
}

const of = (index: number): string => `${counts.full[index]?.toLocaleString('en')} sessions`

export const generated: Measure = {
  name: 'generated',
  title: 'Hibernating sessions by generated state',
  how: `${counts.full.map(count => count.toLocaleString('en')).join(', ')} hibernating sessions, one an account, in the loop of \`runtime\` with timers and a journal in memory, without sockets: what one takes in memory, to make, and to be sent a message. The last two in processor time.`,
  figures: [
    ...labels.flatMap((label, index) => [
      {
        key: `kilobytes.${label}`,
        title: `values a session, of ${of(index)}`,
        unit: 'kB',
        better: 'less' as const,
        digits: 2,
      },
      {
        key: `make.${label}`,
        title: `CPU to make one of ${of(index)}`,
        unit: 'µs',
        better: 'less' as const,
        digits: 1,
      },
      {
        key: `submit.${label}`,
        title: `CPU of a message to one of ${of(index)}`,
        unit: 'µs',
        better: 'less' as const,
        digits: 1,
      },
    ]),
    ...(['kilobytes', 'make', 'submit'] as const).map((key, index) => ({
      key: `growth.${key}`,
      title: `${['values a session', 'CPU to make one', 'CPU of a message'][index]}, most sessions to fewest`,
      unit: '',
      better: 'less' as const,
      digits: 2,
      targets: { value: 1.5 },
    })),
  ],
  subjects: ['today'],
  pairs: 2,
  seconds: { full: 90, quick: 20, smallest: 5 },
  run: async (trial, size) => {
    const values: Record<string, number> = {}
    const results: Array<Generated> = []
    for (const [index, count] of counts[size].entries()) {
      trial.progress(`${count} sessions`)
      const args = [...nodeArguments, '--import', import.meta.resolve('tsx'), main, String(count)]
      const { stdout } = await run(process.execPath, args)
      const result: Generated = JSON.parse(stdout)
      results.push(result)
      for (const [key, value] of Object.entries(result)) values[`${key}.${labels[index]}`] = value
    }
    return { ...values, ...growthOf(results) }
  },
}

const growthOf = (results: ReadonlyArray<Generated>): Values => {
  const [few, many] = [results[0], results.at(-1)]
  if (few === undefined || many === undefined) throw new Error('nothing was generated')
  return {
    'growth.kilobytes': many.kilobytes / few.kilobytes,
    'growth.make': many.make / few.make,
    'growth.submit': many.submit / few.submit,
  }
}
