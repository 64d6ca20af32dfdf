/** Whether a message costs the same however many sessions there are. */
import type { Pair } from '../load/pair.js'
import { openPairs } from '../load/pairs.js'
import { openFilesLimit } from '../machine.js'
import type { Measure, Size } from '../measure.js'
import { measurePace, ordinaryRate } from './paced.js'
import { flowSeconds } from './variants.js'

const labels = ['few', 'some', 'many'] as const
const counts: Readonly<Record<Size, ReadonlyArray<number>>> = {
  full: [10, 1000, 20_000],
  quick: [10, 200, 1000],
  smallest: [2, 4, 6],
}
/** Of the load: all that are no connections. */
const otherFiles = 500

export const growth: Measure = {
  name: 'growth',
  title: 'Cost of a message over sessions',
  how: `${counts.full.map(count => count.toLocaleString('en')).join(', ')} sessions in pairs, all of which take part: ${ordinaryRate.toLocaleString('en')} messages a second in all, as in \`paced\`. Where too few files may be open (\`ulimit -n\`) there are as many sessions as can be, which \`sessions\` tells.`,
  figures: [
    ...labels.map((key, index) => ({
      key,
      title: `CPU a message with ${counts.full[index]?.toLocaleString('en')} sessions`,
      unit: 'µs',
      better: 'less' as const,
      digits: 1,
    })),
    { key: 'sessions', title: 'sessions at most', unit: '', better: 'more', digits: 0 },
    {
      key: 'growth',
      title: 'CPU a message, most sessions to fewest',
      unit: '',
      better: 'less',
      digits: 2,
      targets: { value: 1.5 },
    },
  ],
  subjects: ['today', 'base', 'ejabberd', 'prosody'],
  pairs: 2,
  seconds: { full: 150, quick: 25, smallest: 6 },
  run: async (trial, size) => {
    const possible = openFilesLimit() - otherFiles
    const steps = counts[size].map(count => Math.min(count, possible - (possible % 2)))
    const sessions = Math.max(...steps)
    const server = await trial.start({ users: sessions })
    const pairs: Array<Pair> = []
    const values: Record<string, number> = { sessions }
    for (const [index, count] of steps.entries()) {
      trial.progress(`opens ${count} sessions`)
      pairs.push(...(await openPairs(server, count / 2 - pairs.length, 'plain', pairs.length)))
      trial.progress(`${ordinaryRate} messages/s on ${count} sessions`)
      const { cpu } = await measurePace(trial, server, pairs, ordinaryRate, flowSeconds[size])
      values[labels[index] ?? ''] = cpu ?? Number.NaN
    }
    await server.stop()
    return { ...values, growth: (values.many ?? Number.NaN) / (values.few ?? Number.NaN) }
  },
}
