/** Resident memory of sessions. */
import {
  assertReceived,
  createWriter,
  cutAll,
  hibernate,
  openReceivers,
  type Receiver,
  resumeAll,
  type Writer,
} from '../load/receivers.js'
import type { Measure, Size, SubjectId } from '../measure.js'
import { servers } from '../measure.js'
import type { RunningPeer } from '../peers/peer.js'
import type { Trial } from '../trial.js'
import { settledRss } from './settle.js'

const subjects: ReadonlyArray<SubjectId> = [...servers, 'relay']

/** Sessions that see first what is measured later, so that what the server needs once is not counted. */
const warmUp = async (server: RunningPeer, writer: Writer, size: Size): Promise<ReadonlyArray<Receiver>> => {
  const warm = await hibernate(server, 1, warmSessions[size])
  await writer.queue(warm, 20)
  await resumeAll(warm)
  return warm
}

export const warmSessions: Readonly<Record<Size, number>> = { full: 100, quick: 50, smallest: 2 }

const counts: Readonly<Record<Size, number>> = { full: 2000, quick: 300, smallest: 4 }
const queued = 20

export const memory: Measure = {
  name: 'memory',
  title: 'Memory of sessions',
  how: `${counts.full.toLocaleString('en')} sessions are connected, cut, and get ${queued} messages each; resident memory (RSS) above what it was with ${warmSessions.full} sessions, each time once it has not changed for 10 s. Nothing is collected on demand.`,
  figures: [
    { key: 'connected', title: 'RSS a connected session', unit: 'kB', better: 'less', digits: 1 },
    {
      key: 'none',
      title: 'RSS a hibernating session',
      unit: 'kB',
      better: 'less',
      digits: 1,
      targets: { value: 8, ejabberd: 0.3 },
    },
    {
      key: 'twenty',
      title: `RSS a hibernating session, ${queued} queued`,
      unit: 'kB',
      better: 'less',
      digits: 1,
      targets: { value: 20, ejabberd: 0.3 },
    },
  ],
  subjects,
  pairs: 3,
  seconds: { full: 90, quick: 40, smallest: 6 },
  run: async (trial, size) => {
    const count = counts[size]
    const server = await trial.start({ users: 1 + warmSessions[size] + count })
    const writer = await createWriter(server, 0)
    const warm = await warmUp(server, writer, size)
    const before = await settledRss(server, size)
    const perSession = async (): Promise<number> => ((await settledRss(server, size)) - before) / count
    trial.progress(`${count} sessions are connected`)
    const receivers = await openReceivers(server, 1 + warm.length, count)
    const connected = await perSession()
    await cutAll(receivers)
    trial.progress(`${count} sessions hibernate`)
    const none = await perSession()
    trial.progress(`queues ${queued} for each`)
    await writer.queue(receivers, queued)
    const twenty = await perSession()
    await resumeAll(receivers)
    await assertReceived(receivers, queued)
    await server.stop()
    return { connected, none, twenty }
  },
}

const longQueues = {
  full: { sessions: 300, queued: 1000 },
  quick: { sessions: 30, queued: 1000 },
  smallest: { sessions: 2, queued: 30 },
} as const

/** Of servers that bound their queues more tightly by themselves. */
const maxQueueSize = 2000

export const memoryOfLongQueues: Measure = {
  name: 'memory-1000',
  title: 'Memory of sessions with long queues',
  how: `${longQueues.full.sessions} sessions hibernate and get ${longQueues.full.queued.toLocaleString('en')} messages each; RSS as in \`memory\`. Queues may have ${maxQueueSize.toLocaleString('en')} stanzas.`,
  figures: [
    {
      key: 'thousand',
      title: 'RSS a hibernating session, 1,000 queued',
      unit: 'kB',
      better: 'less',
      digits: 0,
      targets: { value: 20, ejabberd: 0.3 },
    },
  ],
  subjects,
  pairs: 2,
  seconds: { full: 120, quick: 30, smallest: 6 },
  run: async (trial, size) => {
    const { sessions, queued: each } = longQueues[size]
    const server = await trial.start({ users: 1 + warmSessions[size] + sessions, maxQueueSize })
    const writer = await createWriter(server, 0)
    const warm = await warmUp(server, writer, size)
    const before = await settledRss(server, size)
    const receivers = await hibernate(server, 1 + warm.length, sessions)
    trial.progress(`queues ${each} for each of ${sessions}`)
    await writer.queue(receivers, each)
    const thousand = ((await settledRss(server, size)) - before) / sessions
    await resumeAll(receivers)
    await assertReceived(receivers, each)
    await server.stop()
    return { thousand }
  },
}

const steps: Readonly<Record<Size, ReadonlyArray<number>>> = {
  full: [0, 500, 1000, 2000, 5000, 10_000],
  quick: [0, 250, 500, 1000],
  smallest: [0, 2, 4],
}

/** Of all sizes, so that each step is a figure. */
const allSteps = [...new Set(Object.values(steps).flat())].sort((a, b) => a - b)

export const memoryCurve: Measure = {
  name: 'memory-curve',
  title: 'Memory over sessions',
  how: 'RSS of the whole server once it has not changed for 10 s, with more and more hibernating sessions; few are connected at a time.',
  figures: allSteps.map(count => ({
    key: `rss.${count}`,
    title: `RSS with ${count.toLocaleString('en')} hibernating sessions`,
    unit: 'MB',
    better: 'less',
    digits: 0,
  })),
  subjects: ['today', 'base', 'ejabberd', 'prosody', 'relay'],
  pairs: 1,
  seconds: { full: 180, quick: 40, smallest: 6 },
  run: (trial, size) => runCurve(trial, size),
}

const runCurve = async (trial: Trial, size: Size): Promise<Readonly<Record<string, number>>> => {
  const counts = steps[size]
  const server = await trial.start({ users: Math.max(...counts) })
  const values: Record<string, number> = {}
  let there = 0
  for (const count of counts) {
    await hibernate(server, there, count - there, trial.progress)
    there = count
    values[`rss.${count}`] = (await settledRss(server, size)) / 1024
  }
  await server.stop()
  return values
}
