/** A short run of `npm run chaos`: the built server dies in each way that there is, and clients see nothing of it. */
import { describe, expect, test } from 'vitest'
import { createChance } from './chance.js'
import { deathsOf } from './deaths.js'
import { populations } from './population.js'
import { type RunOptions, type RunReport, run } from './run.js'
import { tableOfDeaths, tableOfFates } from './table.js'

const seed = process.env.CHAOS_SEED === undefined ? Date.now() % 1_000_000 : Number(process.env.CHAOS_SEED)
const clients = 4
const longEnough = 300_000

const short = (options: Partial<RunOptions>): Promise<RunReport> =>
  run({
    population: populations.ordinary(clients),
    durability: 'process',
    chance: createChance(seed),
    crashes: 3,
    onProgress: () => {},
    ...options,
  })

/** What went wrong, with all that is needed to hunt it. */
const wrongWith = (report: RunReport): string =>
  report.complaints.length === 0
    ? ''
    : [
        `CHAOS_SEED=${seed}`,
        ...report.complaints.slice(0, 20),
        tableOfDeaths([report]),
        tableOfFates([report]),
        report.lastWords,
      ].join('\n')

describe.concurrent('nothing is lost, doubled or reordered, all sessions resume, and contacts see nothing of it', () => {
  test('when the server dies in each way', { timeout: longEnough }, async () => {
    const deaths = deathsOf('disk')
    const report = await short({ durability: 'disk', crashes: deaths.length + 1 })
    expect(wrongWith(report)).toBe('')
    expect([...report.deaths.keys()].sort()).toEqual([...deaths].sort())
    expect([...report.deaths].filter(([, { missed }]) => missed > 0)).toEqual([])
    expect(report.verdict.delivered).toBeGreaterThan(0)
  })

  test('where queues are too long, but that some sessions begin anew', { timeout: longEnough }, async () => {
    const report = await short({ population: populations.longQueues(clients), crashes: 3 })
    expect(wrongWith(report)).toBe('')
  })

  test('where sessions time out, but that their clients begin new ones', { timeout: longEnough }, async () => {
    const report = await short({ population: populations.timeouts(clients), crashes: 2 })
    expect(wrongWith(report)).toBe('')
  })
})

test('nothing is lost, doubled or reordered when settings, domains and accounts change', {
  timeout: longEnough,
}, async () => {
  const report = await short({ population: populations.changes(clients), crashes: 6 })
  expect(wrongWith(report)).toBe('')
})

describe.concurrent('the judge finds out', () => {
  test('a server that forgets', { timeout: longEnough }, async () => {
    const { refused, complaints } = await short({ durability: 'memory', crashes: 1, patienceMilliseconds: 1_000 })
    expect(refused).toBeGreaterThan(0)
    expect(complaints.join('\n')).toContain('a resumption was refused')
    expect(complaints.join('\n')).toContain('after a restart 0 sessions came back')
  })

  test('a server that tells before it is durable', { timeout: longEnough }, async () => {
    const { complaints } = await short({ isHasty: true, patienceMilliseconds: 1_000 })
    expect(complaints).not.toEqual([])
  })
})
