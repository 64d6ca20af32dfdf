/** Runs one trial as a process on the core of the load. */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { loadCore, onCore, withOpenFiles } from './machine.js'
import type { Size, SubjectId, Values } from './measure.js'
import { endTree } from './proc.js'
import type { Quiet } from './trial.js'

export interface TrialRequest {
  readonly measure: string
  readonly subject: SubjectId
  readonly size: Size
}

export type TrialMessage =
  | { readonly _tag: 'Progress'; readonly text: string }
  | { readonly _tag: 'Measured'; readonly values: Values; readonly quiet: Quiet }
  | { readonly _tag: 'Failed'; readonly reason: string }

export type TrialResult = Exclude<TrialMessage, { readonly _tag: 'Progress' }>

const main = fileURLToPath(new URL('trial-main.ts', import.meta.url))

/** Room for new values, so that the load's own collections are rare; and for millions of sessions. */
const nodeArguments = ['--max-semi-space-size=64', '--max-old-space-size=8192', '--expose-gc']

const minutesAtMost = 45

/** Always resolves; a trial that ends without a word, or not at all, has failed. */
export const runTrial = (
  request: TrialRequest,
  progress: (text: string) => void = () => undefined,
): Promise<TrialResult> => {
  const node = [process.execPath, ...nodeArguments, '--import', import.meta.resolve('tsx'), main]
  const [program = '', ...args] = [...onCore(loadCore), ...withOpenFiles, ...node, JSON.stringify(request)]
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', text => {
      output = `${output}${text}`.slice(-4000)
    })
  let result: TrialResult | undefined
  child.on('message', (message: TrialMessage) => {
    if (message._tag === 'Progress') progress(message.text)
    else result = message
  })
  const clock = setTimeout(() => {
    result = { _tag: 'Failed', reason: `it took more than ${minutesAtMost} minutes` }
    if (child.pid !== undefined) void endTree(child.pid)
  }, minutesAtMost * 60_000)
  return new Promise(resolve => {
    const end = (how: string): void => {
      clearTimeout(clock)
      resolve(result ?? { _tag: 'Failed', reason: `the trial ended with ${how}: ${output}` })
    }
    child.on('error', error => end(error.message))
    child.on('close', (code, signal) => end(String(signal ?? code)))
  })
}
