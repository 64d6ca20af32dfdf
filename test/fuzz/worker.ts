/**
 * Runs one target in a thread of its own, round after round. What it is about to run lies in memory that is shared, so that it is
 * known of which input a thread hangs.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { corpusOf } from './corpus.js'
import { runTarget } from './run.js'
import { targets } from './targets/index.js'

export interface WorkerData {
  readonly target: string
  readonly seed: number
  /** How many runs there were, and how long the input is. */
  readonly counts: Int32Array
  readonly input: Uint8Array
}

export type WorkerMessage =
  | { readonly _tag: 'Round'; readonly seed: number; readonly runs: number; readonly kinds: ReadonlyArray<string> }
  | { readonly _tag: 'Failure'; readonly seed: number; readonly reason: string; readonly input: Uint8Array }

const runsOfRound = 500

const { target: name, seed: first, counts, input: shared } = workerData as WorkerData
const target = targets.find(one => one.name === name)
if (target === undefined || parentPort === null) throw new Error(`there is no target '${name}'`)
const corpus = corpusOf(target)

const observe = (input: Uint8Array): void => {
  shared.set(input.subarray(0, shared.length))
  Atomics.store(counts, 1, Math.min(input.length, shared.length))
  Atomics.add(counts, 0, 1)
}

for (let seed = first; ; seed += 1) {
  const { failure, runs, kinds } = runTarget({ target, corpus, seed, runs: runsOfRound, observe })
  if (failure !== undefined) {
    parentPort.postMessage({ _tag: 'Failure', seed, ...failure } satisfies WorkerMessage)
    break
  }
  parentPort.postMessage({ _tag: 'Round', seed, runs, kinds: [...kinds.keys()] } satisfies WorkerMessage)
}
