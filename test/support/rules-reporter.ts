/**
 * One table at the end of a run of the black-box rules: topic by topic, how many rules the target keeps, breaks as
 * known, is spared, and breaks. `vitest run interop --reporter=default --reporter=./support/rules-reporter.ts`
 */
import type { Reporter, TestModule } from 'vitest/node'

interface Row {
  kept: number
  known: number
  spared: number
  broken: number
}

export default class RulesReporter implements Reporter {
  onTestRunEnd(modules: ReadonlyArray<TestModule>): void {
    const rows = new Map<string, Row>()
    for (const module of modules)
      for (const test of module.children.allTests()) {
        const topic = test.parent.type === 'suite' ? test.parent.name : module.relativeModuleId
        const row = rows.get(topic) ?? { kept: 0, known: 0, spared: 0, broken: 0 }
        rows.set(topic, row)
        const { state } = test.result()
        if (state === 'failed') row.broken += 1
        else if (state === 'skipped') row.spared += 1
        else if (test.options.fails === true) row.known += 1
        else row.kept += 1
      }
    const all = [...rows.values()]
    const sum = (of: keyof Row): number => all.reduce((total, row) => total + row[of], 0)
    const line = (topic: string, row: Row): string =>
      `${topic.padEnd(46)}${[row.kept, row.known, row.spared, row.broken].map(count => String(count).padStart(8)).join('')}`
    const target = process.env.SMACKS_TARGET ?? 'smacks'
    const total = { kept: sum('kept'), known: sum('known'), spared: sum('spared'), broken: sum('broken') }
    console.log(`\n${target.padEnd(46)}    kept   known  spared  broken`)
    for (const [topic, row] of [...rows].sort()) console.log(line(topic, row))
    console.log(line('all', total))
  }
}
