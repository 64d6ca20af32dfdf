/**
 * `npm run bench`: what today's build costs beside an old build, Prosody, ejabberd and a bare relay, in one run. Only
 * what was delivered exactly counts. See README.md.
 */
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { baseVariable, buildBase } from './base-build.js'
import { type Asked, help, parseCommandLine } from './command-line.js'
import { canPin, machine } from './machine.js'
import type { Measure, Size, SubjectId, Targets } from './measure.js'
import { userCacheVariable } from './peers/smacks.js'
import { writePlots } from './report/plots.js'
import { markdown } from './report/table.js'
import type { MeasureResult, Result, Subject } from './result.js'
import { runPlan } from './schedule.js'
import { peerOf } from './subjects.js'

const main = async (): Promise<void> => {
  const asked = parseCommandLine(process.argv.slice(2))
  if (asked.action === 'help') return say(help)
  if (asked.action === 'list') return say(asked.measures.map(listed).join('\n'))
  const result =
    asked.action === 'run' ? await measureAll(asked) : (JSON.parse(readFileSync(asked.action.from, 'utf8')) as Result)
  const text = markdown(result)
  say(`\n${text}`)
  if (asked.markdown !== undefined) write(asked.markdown, text)
  if (asked.svg !== undefined) for (const file of writePlots(result, asked.svg)) say(`wrote ${file}`)
  const isWhole = result.measures.every(({ trials }) => trials.every(({ failure }) => failure === undefined))
  if (result.measures.every(({ figures }) => figures.length === 0)) throw new Error('nothing was measured')
  process.exitCode = isWhole ? 0 : 1
}

const measureAll = async (asked: Asked): Promise<Result> => {
  if (asked.base !== undefined) process.env[baseVariable] = asked.base
  if (!canPin())
    say('Two cores and `taskset` are needed to keep server and load apart: without them the figures mean little.')
  const wanted = asked.subjects.filter(subject => asked.measures.some(({ subjects }) => subjects.includes(subject)))
  if (wanted.includes('base')) {
    progress('builds the old build, if it is not there')
    buildBase()
  }
  const missing = wanted.flatMap(subject => {
    const reason = peerOf(subject).missing()
    return reason === undefined ? [] : [[subject, reason] as const]
  })
  for (const [subject, reason] of missing) say(`${subject} is left out: ${reason}`)
  const subjects = wanted.filter(subject => !missing.some(([gone]) => gone === subject))
  const size: Size = asked.quick ? 'quick' : 'full'
  const startedAt = new Date().toISOString()
  const resultOf = (measures: ReadonlyArray<MeasureResult>): Result => ({
    format: 1,
    startedAt,
    finishedAt: new Date().toISOString(),
    size,
    machine: machine(),
    subjects: Object.fromEntries(subjects.map(subject => [subject, describe(subject)])),
    leftOut: Object.fromEntries(missing),
    measures,
  })
  const users = mkdtempSync(join(tmpdir(), 'smacks-bench-users-'))
  process.env[userCacheVariable] = users
  try {
    const plan = { measures: asked.measures, subjects, size, ...(asked.pairs !== undefined && { pairs: asked.pairs }) }
    const found = await runPlan(plan, {
      progress,
      trialEnded: lasting,
      measureEnded: results => {
        // A run takes hours: what is there is not lost if it ends early.
        if (asked.json !== undefined) write(asked.json, `${JSON.stringify(resultOf(results), null, 1)}\n`)
      },
    })
    return resultOf(found)
  } finally {
    rmSync(users, { recursive: true, force: true })
  }
}

const describe = (subject: SubjectId): Subject => {
  const { name, version, settings } = peerOf(subject)
  return { name, version: version(), settings }
}

const listed = ({ name, title, figures, subjects, pairs }: Measure): string =>
  [
    `${name}: ${title} (${pairs} pairs of ${subjects.join(', ')})`,
    ...figures.flatMap(({ title: figure, unit, targets, better }) =>
      targets === undefined ? [] : [`    ${figure}${unit === '' ? '' : `, ${unit}`}: ${targetText(targets, better)}`],
    ),
  ].join('\n')

const targetText = (targets: Targets, better: 'less' | 'more'): string =>
  Object.entries(targets)
    .map(([against, target]) => {
      const bound = `${better === 'less' ? 'at most' : 'at least'} ${Number(target.toFixed(3))}`
      return against === 'value' ? bound : `${bound} of ${against}`
    })
    .join(', ')

/** Nobody finds half a file. */
const write = (file: string, text: string): void => {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(`${file}.new`, text)
  renameSync(`${file}.new`, file)
}

const say = (text: string): void => void process.stdout.write(`${text}\n`)

const isTerminal = process.stderr.isTTY === true

/** A line that the next one is written over; nothing where that cannot be. */
const progress = (text: string): void => {
  if (isTerminal) process.stderr.write(`\r\x1b[2K${text.slice(0, (process.stderr.columns ?? 80) - 1)}`)
}

/** A line that stays. */
const lasting = (text: string): void => {
  progress('')
  process.stderr.write(`${text}\n`)
}

await main().catch(error => {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : error}\n`)
  process.exitCode = 1
})
