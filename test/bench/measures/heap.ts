/** What the values of sessions take once garbage is collected: what resident memory would come to in the long run. */
import { setTimeout as sleep } from 'node:timers/promises'
import { assertReceived, createWriter, cutAll, hibernate, openReceivers, resumeAll } from '../load/receivers.js'
import type { Figure, Measure } from '../measure.js'
import type { RunningPeer } from '../peers/peer.js'
import { warmSessions } from './memory.js'

const sizes = {
  full: { sessions: 1000, withMany: 20, many: 10_000 },
  quick: { sessions: 300, withMany: 5, many: 2000 },
  smallest: { sessions: 4, withMany: 2, many: 50 },
} as const
const queued = 20

/** In kB. */
const valuesOf = async (server: RunningPeer): Promise<number> => {
  await sleep(500)
  if (server.probe === undefined) throw new Error('this server does not tell what its values take')
  return server.probe.values()
}

const figure = (key: string, title: string): Figure => ({ key, title, unit: 'kB', better: 'less', digits: 1 })

export const heap: Measure = {
  name: 'heap',
  title: 'Values of sessions',
  how: `V8's heap in use and buffers outside of it, after a collection, above what they were with ${warmSessions.full} sessions: ${sizes.full.sessions.toLocaleString('en')} sessions connected, hibernating, and with ${queued} messages each; ${sizes.full.withMany} of them with ${sizes.full.many.toLocaleString('en')}. All resume in the end, and miss nothing.`,
  figures: [
    figure('connected', 'values of a connected session'),
    figure('none', 'values of a hibernating session'),
    figure('twenty', `values of a hibernating session, ${queued} queued`),
    figure('many', 'values of a hibernating session, 10,000 queued'),
  ],
  subjects: ['today', 'base', 'relay'],
  pairs: 1,
  seconds: { full: 60, quick: 20, smallest: 8 },
  run: async (trial, size) => {
    const { sessions, withMany, many } = sizes[size]
    const server = await trial.start({ users: 1 + warmSessions[size] + sessions, maxQueueSize: many + queued })
    const writer = await createWriter(server, 0)
    const warm = await hibernate(server, 1, warmSessions[size])
    await writer.queue(warm, queued)
    const before = await valuesOf(server)
    const perSession = async (): Promise<number> => ((await valuesOf(server)) - before) / sessions
    const receivers = await openReceivers(server, 1 + warm.length, sessions)
    const connected = await perSession()
    await cutAll(receivers)
    const none = await perSession()
    trial.progress(`queues ${queued} for each`)
    await writer.queue(receivers, queued)
    const twenty = await perSession()
    const some = receivers.slice(0, withMany)
    trial.progress(`queues ${many} for each of ${withMany}`)
    const shorter = await valuesOf(server)
    await writer.queue(some, many - queued, queued)
    const more = ((await valuesOf(server)) - shorter) / withMany
    await resumeAll([...warm, ...receivers])
    await assertReceived([...warm, ...receivers.slice(withMany)], queued)
    await assertReceived(some, many)
    await server.stop()
    return { connected, none, twenty, many: twenty + more }
  },
}
