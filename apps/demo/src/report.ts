/** The words below the picture. */

import type { Timeline } from '@smacks/diagram'
import type { Counters } from './player.js'
import type { DemoResult } from './result.js'
import type { Tally } from './tally.js'
import { isPerfect } from './tally.js'

/** The counters of one client, after a chapter. `late` messages came with a `<delay/>`. */
export const statusOf = (name: string, { acked, unacked, handled }: Counters, late: number): string =>
  [
    `        ${name}: the server acked h=${acked}`,
    `${unacked} unacked`,
    `own h=${handled}`,
    ...(late > 0 ? [`${late} came late, with <delay/>`] : []),
  ].join(', ')

/** What came of it all, counted. */
export const report = (timeline: Timeline, first: string, second: string, result: DemoResult): void => {
  const { ok, problem, tallies, cuts, resumptions } = result
  timeline.plain('')
  const directions = [`${first} to ${second}`, `${second} to ${first}`]
  const width = Math.max(...directions.map(({ length }) => length))
  tallies.forEach((tally, index) => {
    timeline.plain(`  ${directions[index]?.padEnd(width)}   ${counted(tally)}`, isPerfect(tally) ? 'good' : 'bad')
  })
  timeline.plain(`  ${cuts} lines cut, ${resumptions} sessions resumed`, ok ? 'good' : 'bad')
  if (problem !== undefined) timeline.plain(`  The demo did not come to its end: ${problem}.`, 'bad')
  timeline.plain('')
}

const counted = ({ sent, received, lost, doubled, reordered }: Tally): string =>
  `${sent} sent, ${received} received: ${lost} lost, ${doubled} doubled, ${reordered} reordered`
