/** How metrics are written: names and units as Prometheus wants them, in both formats, and as documents and dashboard know them. */
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { emptyAccount } from '@smacks/core'
import { describe, expect, test } from 'vitest'
import { findProgram, temporaryFolder } from '../../support/places.js'
import { parseExposition } from './exposed.js'
import { openMetrics } from './ground.js'

const room = fileURLToPath(new URL('../../../packages/metrics/', import.meta.url))
const openMetricsType = 'application/openmetrics-text; version=1.0.0; charset=utf-8'
const textType = 'text/plain; version=0.0.4; charset=utf-8'

/** As Prometheus 2.42 asks. */
const prometheus =
  'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1'

describe('the format', () => {
  test.each([
    [undefined, textType],
    ['*/*', textType],
    ['', textType],
    ['text/html,application/xhtml+xml,*/*;q=0.8', textType],
    ['text/plain', textType],
    ['application/openmetrics-text', openMetricsType],
    ['Application/OpenMetrics-Text; version=1.0.0', openMetricsType],
    [prometheus, openMetricsType],
    ['application/openmetrics-text;q=0.4,text/plain;q=0.5', textType],
    ['application/openmetrics-text;q=0,*/*', textType],
    ['application/openmetrics-text;q=x', textType],
  ])('for %j is %s', async (accept, type) => {
    expect((await openMetrics().ask(accept)).contentType).toBe(type)
  })

  test('stays what it is, whichever is asked for in between', async () => {
    const { ask } = openMetrics()
    const names = async (accept?: string) => [...parseExposition((await ask(accept)).body).families.keys()]
    const [text, open] = [await names(), await names(openMetricsType)]
    expect(await names()).toEqual(text)
    expect(await names(openMetricsType)).toEqual(open)
    expect(text).toContain('smacks_resumptions_total')
    expect(open).toContain('smacks_resumptions')
    expect((await ask(openMetricsType)).body).toMatch(/\n# EOF\n$/)
    const values = async (accept?: string) => [...parseExposition((await ask(accept)).body).values.keys()]
    expect(await values(openMetricsType)).toEqual(await values())
  })

  test('those who ask at the same time get all of it, and sessions are counted once', async () => {
    let counted = 0
    const { ask } = openMetrics({
      runtime: {
        accounts: () => {
          counted += 1
          return ['romeo@localhost']
        },
        account: () => emptyAccount,
      },
    })
    const answers = await Promise.all([ask(), ask(openMetricsType), ask()])
    for (const { body } of answers) expect(body).toContain('smacks_unacked_bytes{peer="server"} 0')
    expect(counted).toBe(1)
    await ask()
    expect(counted).toBe(2)
  })
})

describe('names', () => {
  test('follow the conventions of Prometheus', async () => {
    const { families, values } = parseExposition((await openMetrics().ask()).body)
    const faults: Array<string> = []
    for (const [name, { type, help }] of families) {
      const complain = (what: string): void => void faults.push(`${name}: ${what}`)
      if (!/^(smacks|process|nodejs)_[a-z0-9]+(_[a-z0-9]+)*$/.test(name)) complain('prefix and snake case')
      if ((type === 'counter') !== name.endsWith('_total')) complain('counters end with _total, and nothing else does')
      if (/_(count|sum|bucket)$/.test(name)) complain('the ending is that of a histogram')
      if (/_(ms|millis|milliseconds|minutes|kb|kilobytes|mb)(_|$)/.test(name)) complain('base units')
      if (help.length < 10 || !/\.$/.test(help)) complain('help is a sentence')
      if (name.startsWith('smacks_') && name.includes(type)) complain('the name tells the type')
    }
    expect(faults.filter(fault => fault.startsWith('smacks_'))).toEqual([])
    expect(faults.filter(fault => !fault.endsWith('help is a sentence'))).toEqual([])
    // Of which the labels are known only once it happened.
    const unknown = ['smacks_authentication_failures_total']
    const empty = [...families.keys()].filter(name => ![...values.keys()].some(series => series.startsWith(name)))
    expect(empty.filter(name => name.startsWith('smacks_'))).toEqual(unknown)
  })

  test('a histogram counts all below each bound', async () => {
    let now = 0
    const { metrics, ask } = openMetrics({}, () => now)
    const journal = metrics.timed({
      commit: batch => {
        now += batch.length
        return undefined
      },
      oldSessions: () => [],
      records: () => [],
      close: async () => {},
    })
    for (const size of [1, 1, 3, 20_000]) journal.commit(Array.from({ length: size }, () => dropped))
    const { values } = parseExposition((await ask()).body)
    const bucket = (of: string, le: string) => values.get(`smacks_commit_${of}_bucket{le="${le}"}`)
    expect([bucket('changes', '1'), bucket('changes', '2'), bucket('changes', '5')]).toEqual([2, 2, 3])
    expect([bucket('changes', '10000'), bucket('changes', '+Inf')]).toEqual([3, 4])
    expect(values.get('smacks_commit_changes_sum')).toBe(20_005)
    expect(values.get('smacks_commit_changes_count')).toBe(4)
    expect([bucket('duration_seconds', '0.001'), bucket('duration_seconds', '0.005')]).toEqual([2, 3])
    expect(values.get('smacks_commit_duration_seconds_sum')).toBeCloseTo(20.005)
  })

  const dropped = { _tag: 'DropOldSession', account: 'romeo@localhost', smId: 'none' } as const

  const promtool = findProgram('promtool')

  test.skipIf(promtool === undefined)('promtool finds nothing in the text', async () => {
    const { body } = await openMetrics().ask()
    expect(execFileSync(promtool ?? '', ['check', 'metrics'], { input: body, encoding: 'utf8' })).toBe('')
  })

  test.skipIf(promtool === undefined)('promtool reads OpenMetrics', async () => {
    const { path, remove } = temporaryFolder('openmetrics')
    // To make blocks of it, each value needs a time.
    const body = (await openMetrics().ask(openMetricsType)).body.replaceAll(/^([^#].*)$/gm, '$1 1767225600')
    const args = ['tsdb', 'create-blocks-from', 'openmetrics', join(path, 'metrics'), join(path, 'blocks')]
    try {
      writeFileSync(join(path, 'metrics'), body)
      const said = execFileSync(promtool ?? '', args, { encoding: 'utf8' })
      expect(said).toMatch(/^BLOCK ULID/)
    } finally {
      remove()
    }
  })
})

describe('whoever knows the names knows them right', () => {
  /** All that a query may name. */
  const known = async (): Promise<ReadonlySet<string>> => {
    const { families } = parseExposition((await openMetrics().ask()).body)
    return new Set(
      [...families].flatMap(([name, { type }]) =>
        type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
      ),
    )
  }
  const named = (text: string): ReadonlyArray<string> => text.match(/\b(?:smacks|process|nodejs)_[a-z0-9_]+/g) ?? []

  test('the table of the README has all of them, each once', async () => {
    const { families } = parseExposition((await openMetrics().ask()).body)
    const readme = readFileSync(`${room}README.md`, 'utf8')
    const listed = [...readme.matchAll(/^\| `(smacks_\w+)` \| (\w+) \|/gm)].map(([, name, type]) => [name, type])
    const own = [...families].filter(([name]) => name.startsWith('smacks_')).map(([name, { type }]) => [name, type])
    expect(listed.sort()).toEqual(own.sort())
  })

  test('the queries of the dashboard name metrics and labels that there are', async () => {
    const dashboard = JSON.parse(readFileSync(`${room}grafana/smacks.json`, 'utf8')) as Dashboard
    const names = await known()
    const queries = dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr))
    expect(queries.length).toBeGreaterThan(20)
    for (const query of queries) {
      expect(named(query).length, query).toBeGreaterThan(0)
      for (const name of named(query)) expect(names, query).toContain(name)
    }
    const ids = dashboard.panels.map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    // Whatever is shown by a label, the label is one of the metric.
    const labels = new Set(
      queries.flatMap(query => [...query.matchAll(/by \(([a-z, ]+)\)/g)].flatMap(([, by = '']) => by.split(', '))),
    )
    expect([...labels].sort()).toEqual(['condition', 'direction', 'fate', 'le', 'peer', 'phase', 'reason'])
    // And of our own, nothing is missing on it.
    const shown = new Set(queries.flatMap(named).map(name => name.replace(/_(bucket|sum|count)$/, '')))
    const { families } = parseExposition((await openMetrics().ask()).body)
    expect([...families.keys()].filter(name => name.startsWith('smacks_') && !shown.has(name))).toEqual([])
  })

  test.skipIf(findProgram('promtool') === undefined)('promtool reads each query', () => {
    const dashboard = JSON.parse(readFileSync(`${room}grafana/smacks.json`, 'utf8')) as Dashboard
    const rules = dashboard.panels
      .flatMap(({ targets = [] }) => targets)
      .map(({ expr }, index) => ({
        record: `query:${index}`,
        expr: expr.replaceAll('$__rate_interval', '5m').replaceAll('$instance', 'x'),
      }))
    const input = JSON.stringify({ groups: [{ name: 'dashboard', rules }] })
    const { path, remove } = temporaryFolder('rules')
    try {
      writeFileSync(join(path, 'rules.yml'), input)
      const said = execFileSync(findProgram('promtool') ?? '', ['check', 'rules', join(path, 'rules.yml')], {
        encoding: 'utf8',
      })
      expect(said).toContain(`SUCCESS: ${rules.length} rules found`)
    } finally {
      remove()
    }
  })
})

interface Dashboard {
  readonly panels: ReadonlyArray<{ readonly id: number; readonly targets?: ReadonlyArray<{ readonly expr: string }> }>
}
