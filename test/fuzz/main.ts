/**
 * The long look, `npm run fuzz`: each target for some time, `-- --seconds 600 --seed 7 --target stream` for longer, with other
 * inputs, or just one. An input that breaks a promise, or that takes ten seconds, is kept in the corpus; the exit code is 1.
 */
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'
import { keep } from './corpus.js'
import { longest } from './inputs.js'
import { cpuTime } from './run.js'
import type { Target } from './target.js'
import { targets } from './targets/index.js'
import type { WorkerData, WorkerMessage } from './worker.js'

/** A thread that makes no progress for so many milliseconds of the processor's time hangs. */
const hangs = 10_000

interface Look {
  readonly runs: number
  readonly kinds: number
  readonly failure?: string
}

const look = (target: Target, seconds: number, seed: number): Promise<Look> =>
  new Promise((resolve, reject) => {
    const counts = new Int32Array(new SharedArrayBuffer(8))
    const input = new Uint8Array(new SharedArrayBuffer(longest))
    const data: WorkerData = { target: target.name, seed, counts, input }
    const worker = new Worker(new URL('worker-start.mjs', import.meta.url), { workerData: data })
    const kinds = new Set<string>()
    let [seen, seenAt] = [0, cpuTime()]

    const end = (failure?: string): void => {
      clearTimeout(timer)
      clearInterval(watch)
      const runs = Atomics.load(counts, 0)
      void worker
        .terminate()
        .then(() => resolve({ runs, kinds: kinds.size, ...(failure === undefined ? {} : { failure }) }))
    }
    const timer = setTimeout(end, seconds * 1000)
    const watch = setInterval(() => {
      const runs = Atomics.load(counts, 0)
      if (runs !== seen) [seen, seenAt] = [runs, cpuTime()]
      // Not before the first: that is the time it takes to load.
      if (seen === 0 || cpuTime() - seenAt < hangs) return
      end(`it hangs: ${keep(target, input.slice(0, Atomics.load(counts, 1)))}`)
    }, 500)
    worker.on('error', reject)
    worker.on('message', (message: WorkerMessage) => {
      if (message._tag === 'Failure')
        return end(`${message.reason}\n  ${keep(target, message.input)}, seed ${message.seed}`)
      for (const kind of message.kinds) kinds.add(kind)
    })
  })

const main = async (): Promise<number> => {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '30' },
      seed: { type: 'string', default: String(Math.floor(Math.random() * 1_000_000)) },
      target: { type: 'string' },
    },
  })
  const wanted = targets.filter(({ name }) => values.target === undefined || name === values.target)
  if (wanted.length === 0)
    throw new Error(`--target: found '${values.target}', allowed: ${targets.map(({ name }) => name).join(', ')}`)
  let failures = 0
  for (const target of wanted) {
    const { runs, kinds, failure } = await look(target, Number(values.seconds), Number(values.seed))
    console.log(
      `${target.name.padEnd(10)} ${String(runs).padStart(8)} inputs, ${kinds} kinds of results; ${failure ?? target.promise}`,
    )
    if (failure !== undefined) failures += 1
  }
  console.log(
    failures === 0 ? `nothing was found; --seed ${values.seed} makes the same inputs` : `FOUND in ${failures} targets`,
  )
  return failures === 0 ? 0 : 1
}

process.exitCode = await main()
