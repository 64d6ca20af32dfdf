/**
 * The last screen of `npm test` and `npm run test:slow`: what was proven, by kind of test, what was not run and why.
 */
import { relative, sep } from 'node:path'
import type { Reporter, TestCase, TestModule } from 'vitest/node'
import { filesOf, seldom, shareOfCases, slow } from '../parts.js'
import { coverageLines } from './coverage.js'

/** What each kind of test proves. A kind is a folder of `test/`. */
const kinds: Readonly<Record<string, string>> = {
  checks: 'the docs are what the code says',
  spec: 'every sentence of XEP-0198 and every edge case that the core decides',
  transcripts: 'each handler of the reducer, step by step',
  property: 'random sessions: nothing lost, doubled or reordered, also across 2^32',
  unit: 'each room by itself',
  smoke: 'the built server over real sockets: a client logs in, is cut, its server is killed, and it resumes',
  compliance: 'every interpreter keeps the contract of its port',
  clients: 'the judge of what becomes of real clients; they themselves: npm run test:clients',
  chaos: 'kill -9 at every point that hurts: nothing lost, doubled or reordered, all sessions resume',
  fuzz: 'what others write, bent at random: the promise of each reader holds',
  simulation: 'two peers over lines that break, whatever happens',
  soak: 'the judge of a long run; the run itself: npm run soak',
  recordings: 'what was recorded once is decided the same for ever',
  portability: 'the same on every JavaScript runtime, to the last effect',
  hostile: 'bad input: a clear error, bounded memory, nothing lost',
  console: 'pages in a real browser: operated by keys and pointer, judged by axe',
  integration: 'real clients over real TLS sockets, cut and resumed',
  interop: 'black-box conformance of the running server',
  bench: 'each measure runs and loses nothing; the figures: npm run bench',
}

interface Tally {
  passed: number
  failed: number
  skipped: number
}

const emptyTally = (): Tally => ({ passed: 0, failed: 0, skipped: 0 })

interface ProofOptions {
  /** What is run, if not what was named. */
  readonly part?: 'all' | 'quick' | 'slow'
}

export default class ProofReporter implements Reporter {
  constructor(private readonly options: ProofOptions) {}

  private readonly skips = new Map<string, number>()
  private readonly retried: Array<string> = []
  /** What tests told with `annotate`, by its type. */
  private readonly told = new Map<string, Array<string>>()

  private coverage: ReadonlyArray<string> = []

  onCoverage(coverage: unknown): void {
    this.coverage = coverageLines(coverage)
  }

  onTestRunEnd(modules: ReadonlyArray<TestModule>, errors: ReadonlyArray<unknown>): void {
    const tallies = new Map<string, Tally>()
    const total = emptyTally()
    for (const module of modules) {
      const kind = kindOf(module)
      const tally = tallies.get(kind) ?? emptyTally()
      tallies.set(kind, tally)
      for (const test of module.children.allTests()) {
        const state = this.countable(test)
        for (const { type, message } of test.annotations())
          this.told.set(type, [...(this.told.get(type) ?? []), message])
        tally[state] += 1
        total[state] += 1
      }
      // A file that does not load, or a hook that fails, skips its tests and is a failure all the same.
      const broken = [module, ...module.children.allSuites()].filter(suite => suite.errors().length > 0).length
      tally.failed += broken
      total.failed += broken
    }
    total.failed += errors.length
    this.print(tallies, total)
  }

  private countable(test: TestCase): keyof Tally {
    const result = test.result()
    if (result.state === 'passed' && (test.diagnostic()?.retryCount ?? 0) > 0) this.retried.push(test.fullName)
    if (result.state === 'passed' || result.state === 'failed') return result.state
    const why = (result.state === 'skipped' ? result.note : undefined) ?? 'skipped by the test itself'
    this.skips.set(why, (this.skips.get(why) ?? 0) + 1)
    return 'skipped'
  }

  private print(tallies: ReadonlyMap<string, Tally>, total: Tally): void {
    const line = '-'.repeat(100)
    console.log(`\n${line}\nWhat was proven\n${line}`)
    for (const kind of order(tallies)) {
      const { passed, failed, skipped } = tallies.get(kind) ?? emptyTally()
      const trouble = `${failed > 0 ? `, ${failed} FAILED` : ''}${skipped > 0 ? `, ${skipped} skipped` : ''}`
      console.log(`${kind.padEnd(13)}${String(passed).padStart(5)} passed${trouble}   ${kinds[kind] ?? ''}`)
    }
    for (const [type, messages] of this.told)
      for (const told of asLines(messages)) console.log(`${type.padEnd(13)}${told}`)
    for (const line of this.coverage) console.log(`${'coverage'.padEnd(13)}${line}`)
    for (const name of this.retried) console.log(`passed only at the second attempt: ${name}`)
    for (const [why, count] of this.skips) console.log(`not run      ${String(count).padStart(5)} ${why}`)
    console.log(line)
    for (const left of leftOut[this.options.part ?? 'all']()) console.log(left)
    console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`)
  }
}

const inWords = (files: number): string => `${files} ${files === 1 ? 'file' : 'files'}`

/** What the other part of the tests has, and how to run it. */
const leftOut: Readonly<Record<NonNullable<ProofOptions['part']>, () => ReadonlyArray<string>>> = {
  all: () => [],
  quick: () => [
    'Not run, but by `npm run test:slow`:',
    ...[...filesOf(slow)].map(([kind, files]) => `${kind.padEnd(13)}${inWords(files).padStart(9)}      ${kinds[kind]}`),
    ...[...filesOf(seldom).keys()].map(kind => `${kind.padEnd(13)}${100 * (1 - shareOfCases)} % of the cases`),
    'Real clients: `npm run test:clients`.',
    '-'.repeat(100),
  ],
  slow: () => ['Not run, but by `npm test`: the checks, what is quick, and the coverage.', '-'.repeat(100)],
}

/** What is short goes into one line. */
const asLines = (messages: ReadonlyArray<string>): ReadonlyArray<string> => {
  const together = messages.join(', ')
  return together.length <= 100 ? [together] : messages
}

const kindOf = (module: TestModule): string =>
  relative(new URL('..', import.meta.url).pathname, module.moduleId).split(sep)[0] ?? ''

const order = (tallies: ReadonlyMap<string, Tally>): ReadonlyArray<string> => {
  const known = Object.keys(kinds).filter(kind => tallies.has(kind))
  return [...known, ...[...tallies.keys()].filter(kind => !known.includes(kind))]
}
