/**
 * One trial, in a process of its own: the load, which nothing of another trial can slow down. Its argument says what is
 * measured; it answers its parent with a `TrialResult`.
 */
import { measures } from './measures/index.js'
import { stopAll } from './peers/peer.js'
import type { TrialMessage, TrialRequest } from './run-trial.js'
import { buildOf, peerOf } from './subjects.js'
import { createObserver } from './trial.js'

const request: TrialRequest = JSON.parse(process.argv[2] ?? '')

const tell = (message: TrialMessage): Promise<void> =>
  new Promise(resolve => {
    process.send?.(message, () => resolve())
  })

const run = async (): Promise<TrialMessage> => {
  const measure = measures.find(({ name }) => name === request.measure)
  if (measure === undefined) throw new Error(`there is no measure '${request.measure}'`)
  const observer = createObserver()
  const peer = peerOf(request.subject)
  const values = await measure.run(
    {
      subject: request.subject,
      build: buildOf(request.subject),
      start: options => peer.start(options),
      progress: text => void tell({ _tag: 'Progress', text }),
      observe: observer.observe,
    },
    request.size,
  )
  return { _tag: 'Measured', values, quiet: observer.quiet() }
}

/** Whoever asked is gone, or wants it to end. */
const abandon = async (): Promise<void> => {
  await stopAll()
  process.exit(1)
}
process.on('disconnect', abandon)
process.on('SIGINT', abandon)
process.on('SIGTERM', abandon)

const answer = await run().catch(
  (error: unknown): TrialMessage => ({
    _tag: 'Failed',
    reason: error instanceof Error ? (error.stack ?? error.message) : String(error),
  }),
)
await stopAll()
await tell(answer)
process.exit(0)
