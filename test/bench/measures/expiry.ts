/** Very many hibernating sessions whose time is over at the same moment. */
import { setTimeout as sleep } from 'node:timers/promises'
import { createPinger } from '../load/pinger.js'
import { assertReceived, createWriter, openReceivers } from '../load/receivers.js'
import { builds, type Measure } from '../measure.js'
import { cpuOfTree, secondsBetween } from '../proc.js'
import type { Trial } from '../trial.js'

const sizes = {
  full: { few: 1000, many: 10_000, hibernationSeconds: 40, restSeconds: 120 },
  quick: { few: 100, many: 1000, hibernationSeconds: 15, restSeconds: 30 },
  smallest: { few: 2, many: 4, hibernationSeconds: 5, restSeconds: 5 },
} as const

/** Messages that each leaves: they go to offline storage. */
const queued = 5
/** Of those, accounts that log in afterwards, to see that nothing is lost. */
const sampled = 100
/** The loop is looked at from so long before they end. */
const beforeMilliseconds = 2000
/** A look at the processor time; they have ended when there is nothing left to do for so many looks. */
const look = { milliseconds: 250, quiet: 4 } as const

/** Less cannot be told from what the questions cost. */
const leastMicroseconds = 1

interface Ends {
  /** Of the server, for each session, in µs. */
  readonly cpu: number
  readonly blocked: number
  readonly answer: number
}

interface Waiting {
  readonly hibernationSeconds: number
  /** How long the server may take to come to rest after that. On a machine that is not quiet it may never seem to. */
  readonly restSeconds: number
}

const measureEnds = async (
  trial: Trial,
  count: number,
  { hibernationSeconds, restSeconds }: Waiting,
): Promise<Ends> => {
  const server = await trial.start({ users: 2 + count, hibernationSeconds })
  const { journal } = server
  if (journal === undefined) throw new Error('sessions of this server end with it')
  trial.progress(`opens ${count} sessions`)
  const receivers = await openReceivers(server, 2, count)
  for (const { session } of receivers) session.withhold(true)
  const writer = await createWriter(server, 0)
  await writer.queue(receivers, queued)
  await assertReceived(receivers, queued)
  trial.progress('is killed, and begins again')
  // From some moment of its start on all hibernate, for the same time.
  const earliest = performance.now() + hibernationSeconds * 1000
  await journal.beginAgain()
  const latest = performance.now() + hibernationSeconds * 1000
  if (server.probe === undefined) throw new Error('no probe')
  const pinger = await createPinger(server, 1)
  trial.progress(`${count} sessions hibernate for ${hibernationSeconds} s`)
  await sleep(Math.max(0, earliest - beforeMilliseconds - performance.now()))
  const asking = await costOfAsking(server.pid, pinger)
  await server.probe.watchLoop()
  const { cpu, result, seconds } = await trial.observe(server, () => {
    const isQuiet = quietness(server.pid, asking)
    return pinger.pingUntil(() => {
      const isAtRest = isQuiet() && performance.now() > latest + look.milliseconds
      return isAtRest || performance.now() > latest + restSeconds * 1000
    })
  })
  const blocked = await server.probe.blocked()
  const back = await openReceivers(server, 2, Math.min(count, sampled))
  await assertReceived(back, queued)
  await server.stop()
  const microseconds = ((cpu - asking * seconds) / count) * 1e6
  return { cpu: Math.max(leastMicroseconds, microseconds), blocked, answer: result }
}

/** What the questions cost by themselves: a share of the processor. */
const costOfAsking = async (pid: number, pinger: Awaited<ReturnType<typeof createPinger>>): Promise<number> => {
  const [before, at] = [cpuOfTree(pid), performance.now()]
  await pinger.pingUntil(() => performance.now() > at + 1000)
  return secondsBetween(before, cpuOfTree(pid)) / ((performance.now() - at) / 1000)
}

/** Whether the server has had nothing to do but to answer, for some looks in a row. */
const quietness = (pid: number, asking: number): (() => boolean) => {
  let [before, at, quiet] = [cpuOfTree(pid), performance.now(), 0]
  return () => {
    const now = performance.now()
    if (now - at < look.milliseconds) return quiet >= look.quiet
    const after = cpuOfTree(pid)
    const used = secondsBetween(before, after) / ((now - at) / 1000)
    quiet = used < asking * 1.5 + 0.03 ? quiet + 1 : 0
    before = after
    at = now
    return quiet >= look.quiet
  }
}

export const expiry: Measure = {
  name: 'expiry',
  title: 'End of many hibernating sessions at once',
  how: `${sizes.full.few.toLocaleString('en')}, then ${sizes.full.many.toLocaleString('en')} sessions with ${queued} unacked messages each live through \`kill -9\` and a start, so that all hibernate from the same moment on, and are not resumed. The loop is watched from inside the process, and by somebody connected who asks \`<r/>\` every 10 ms. ${sampled} of the accounts log in afterwards and have their messages.`,
  figures: [
    {
      key: 'blocked',
      title: 'loop blocked at most, end of 10,000 sessions',
      unit: 'ms',
      better: 'less',
      digits: 0,
      targets: { value: 50 },
    },
    { key: 'answer', title: 'slowest answer meanwhile', unit: 'ms', better: 'less', digits: 0 },
    { key: 'cpu', title: 'CPU of the end of a session', unit: 'µs', better: 'less', digits: 0 },
    {
      key: 'growth',
      title: 'CPU of an end, 10,000 at once to 1,000',
      unit: '',
      better: 'less',
      digits: 2,
      targets: { value: 1.5 },
    },
  ],
  subjects: builds.filter(subject => subject !== 'again'),
  pairs: 2,
  seconds: { full: 180, quick: 60, smallest: 25 },
  run: async (trial, size) => {
    const { few, many, ...waiting } = sizes[size]
    const small = await measureEnds(trial, few, waiting)
    const large = await measureEnds(trial, many, waiting)
    return { ...large, growth: large.cpu / small.cpu }
  },
}
