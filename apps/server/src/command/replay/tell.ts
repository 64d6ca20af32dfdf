/** What is said of steps and of their result. */
import { type AnyReplayed, describeStep, foldLine, hangOf, sideBySide, stepJson } from '@smacks/replay'
import { exitCode } from '../exit-code.js'
import type { Screen } from '../terminal.js'
import { nameOf, type RecordedEntry } from './read.js'
import type { Result } from './run.js'

/** Writes whole lines. */
export type Print = (...lines: ReadonlyArray<string>) => void

/** Says one step. */
export type Tell = (one: RecordedEntry, step: AnyReplayed) => void

type Tone = 'bad' | 'good' | 'quiet' | 'title'

/** Select graphic rendition (ECMA-48 §8.3.117): bold, colours, grey. */
const renditions: Readonly<Record<Tone, string>> = { bad: '1;31', good: '1;32', quiet: '90', title: '1' }

export type Paint = (tone: Tone, text: string) => string

export const isPainted = ({ isTTY }: Screen, env: NodeJS.ProcessEnv = process.env): boolean =>
  isTTY === true && (env.NO_COLOR ?? '') === ''

/** Colours where somebody looks, and has not asked to be spared (`NO_COLOR`). */
export const paintFor = (screen: Screen, env: NodeJS.ProcessEnv = process.env): Paint =>
  isPainted(screen, env) ? (tone, text) => `\u001b[${renditions[tone]}m${text}\u001b[0m` : (_, text) => text

/** Lines to read. Of several files each is named before the first of its steps. */
export const tellLines = (print: Print, paint: Paint, manyFiles: boolean, width?: number): Tell => {
  let named: string | undefined
  return ({ file, header }, step) => {
    if (manyFiles && named !== file) print(paint('title', `== ${nameOf(file)}`))
    named = file
    const lines = describeStep(header, step)
    const folded =
      width === undefined ? lines.map(line => [line]) : lines.map(line => foldLine(line, width, hangOf(line)))
    print(...folded.flatMap((all, index) => all.map(line => painted(paint, line, lines[index] ?? line))))
  }
}

/** `whole` is the line before it was folded. */
const painted = (paint: Paint, line: string, whole: string): string => {
  if (whole.startsWith('#')) return paint('title', line)
  if (whole.startsWith('    !!')) return paint('bad', line)
  return whole.startsWith('    = ') ? paint('quiet', line) : line
}

/** One JSON object a step; of several files it says which it is of. */
export const tellJson =
  (print: Print, manyFiles: boolean): Tell =>
  ({ file }, step) =>
    print(JSON.stringify({ ...(manyFiles ? { file } : {}), ...stepJson(step) }))

/** The last word: whether all came to what was recorded. Gives the exit code. */
export const conclude = (result: Result, print: Print, paint: Paint, columns: number | undefined): number => {
  const { steps, accounts, compared, differing, first } = result
  const all = `${counted(steps, 'step')} of ${counted(accounts, 'account')}`
  if (first !== undefined) {
    const { file, step } = first
    print(
      paint('bad', `diverged at step ${step.entry.seq} of ${nameOf(file)}; ${differing} of ${all} differ`),
      ...sideBySide(step, columns),
    )
    return exitCode.failure
  }
  if (steps === 0) print('nothing was recorded')
  else if (compared === 0) print(`replayed: ${all}; the recording does not say what they came to`)
  else print(paint('good', `verified: ${all}${compared < steps ? `, ${compared} of them compared` : ''}`))
  return exitCode.ok
}

const counted = (count: number, singular: string): string => `${count} ${singular}${count === 1 ? '' : 's'}`
