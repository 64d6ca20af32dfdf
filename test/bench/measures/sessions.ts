/** Many sessions: what one costs while connected and while hibernating, and how fast all resume after a cut. */
import { setTimeout as sleep } from 'node:timers/promises'
import { messageText } from '../load/pair.js'
import { createLoadSession, type LoadSession, smNamespace } from '../load/session.js'
import { domain, type Peer, password, type RunningPeer, username } from '../peers/peer.js'
import { usageOfTree } from '../proc.js'
import type { Effort, Progress } from './measure.js'

export interface Storm {
  readonly resumesPerSecond: number
  /** Of the server's processor, for each resumption, in us. */
  readonly cpuPerResume: number
}

export interface SessionsResult {
  /** With nothing queued, and with 20 stanzas for each session. */
  readonly storm: Storm
  readonly storm20: Storm
  readonly connected: Memory
  readonly hibernating: Memory
  readonly hibernating20: Memory
}

/** For each session, in kB. */
export interface Memory {
  /** Resident: with room for new values, and pages of files. */
  readonly resident: number
  /** What values take once garbage is collected; of servers that tell it. */
  readonly values?: number
}

/** Sessions that are opened first and stay, so that what the server needs once is not counted. */
const warmSessions = 100
const queued = 20
/** Resumptions under way at once. */
const concurrency = 100
const patienceSeconds = 60

export interface Receiver {
  readonly session: LoadSession
  received: number
  outOfOrder: boolean
}

export const measureSessions = async (peer: Peer, effort: Effort, progress: Progress): Promise<SessionsResult> => {
  const count = effort.sessions
  progress('starts')
  const server = await peer.start(count + warmSessions + 1)
  try {
    progress(`opens ${count} sessions`)
    const warm = await openReceivers(server, 0, warmSessions)
    const [writer] = await openReceivers(server, warmSessions, 1)
    if (writer === undefined) throw new Error('no writer')
    await cutAll(warm)
    await queueFor(writer.session, warm, queued)
    await resumeAll(warm)
    const memory = await memoryProbe(server, count)
    const receivers = await openReceivers(server, warmSessions + 1, count)
    const connected = await memory()
    await cutAll(receivers)
    const hibernating = await memory()
    progress(`storm of ${count}`)
    const storm = await measureStorm(server, receivers)
    await cutAll(receivers)
    progress(`queues ${queued} stanzas for each`)
    await queueFor(writer.session, receivers, queued, warmSessions * queued)
    const hibernating20 = await memory()
    progress(`storm of ${count}, ${queued} stanzas each`)
    const storm20 = await measureStorm(server, receivers, queued)
    return { storm, storm20, connected, hibernating, hibernating20 }
  } finally {
    await server.stop()
  }
}

export const openReceivers = async (
  { port, mechanism }: RunningPeer,
  first: number,
  count: number,
): Promise<ReadonlyArray<Receiver>> => {
  const receivers = Array.from({ length: count }, (_, index): Receiver => {
    const session = createLoadSession({ port, mechanism, domain, username: username(first + index), password })
    const receiver: Receiver = { session, received: 0, outOfOrder: false }
    session.on({
      message: number => {
        receiver.outOfOrder ||= number !== receiver.received
        receiver.received += 1
      },
    })
    return receiver
  })
  await inParallel(receivers, ({ session }) => session.start())
  return receivers
}

export const cutAll = async (receivers: ReadonlyArray<Receiver>): Promise<void> => {
  await Promise.all(receivers.map(({ session }) => session.cut()))
  await sleep(1000)
}

export const resumeAll = (receivers: ReadonlyArray<Receiver>): Promise<void> =>
  inParallel(receivers, ({ session }) => session.resume())

/** All resume, and have what was queued for them. */
const measureStorm = async (server: RunningPeer, receivers: ReadonlyArray<Receiver>, expected = 0): Promise<Storm> => {
  const cpu = usageOfTree(server.pid).cpuSeconds
  const startedAt = performance.now()
  await resumeAll(receivers)
  await waitFor(() => receivers.every(({ received }) => received >= expected), 'the queued stanzas')
  const seconds = (performance.now() - startedAt) / 1000
  const used = usageOfTree(server.pid).cpuSeconds - cpu
  await sleep(200)
  for (const { received, outOfOrder, session } of receivers) {
    const failure = session.failure()
    if (failure !== undefined) throw new Error(failure)
    if (received !== expected || outOfOrder) throw new Error(`${session.jid()} has ${received} of ${expected} messages`)
  }
  return { resumesPerSecond: receivers.length / seconds, cpuPerResume: (used / receivers.length) * 1e6 }
}

/**
 * Sends so many messages to each, few enough at a time that no server slows the writer down for it. `before` is what the
 * server acked the writer already.
 */
export const queueFor = async (
  writer: LoadSession,
  receivers: ReadonlyArray<Receiver>,
  each: number,
  before = 0,
): Promise<void> => {
  let acked = before
  let sent = before
  writer.on({
    acked: h => {
      acked = h
    },
  })
  for (const { session } of receivers) {
    for (let number = 0; number < each; ) {
      let text = ''
      for (const end = Math.min(number + 20, each); number < end; number += 1, sent += 1)
        text += messageText(session.jid(), number)
      writer.write(`${text}<r xmlns='${smNamespace}'/>`)
      if (sent - acked >= 200) await waitFor(() => sent - acked < 200, 'acks')
    }
  }
  await waitFor(() => acked === sent, 'acks')
}

/** Memory for each of `count` sessions above what is used now. */
const memoryProbe = async (server: RunningPeer, count: number): Promise<() => Promise<Memory>> => {
  const look = async (): Promise<Memory> => {
    await sleep(500)
    const values = await server.collectGarbage()
    const resident = usageOfTree(server.pid).rssKilobytes
    return values === undefined ? { resident } : { resident, values }
  }
  const before = await look()
  return async () => {
    const now = await look()
    const resident = (now.resident - before.resident) / count
    return now.values === undefined || before.values === undefined
      ? { resident }
      : { resident, values: (now.values - before.values) / count }
  }
}

export const waitFor = async (isDone: () => boolean, what: string): Promise<void> => {
  const deadline = performance.now() + patienceSeconds * 1000
  while (!isDone()) {
    if (performance.now() > deadline) throw new Error(`${what} did not come in ${patienceSeconds} s`)
    await sleep(1)
  }
}

const inParallel = async <T>(items: ReadonlyArray<T>, work: (item: T) => Promise<void>): Promise<void> => {
  let next = 0
  const worker = async (): Promise<void> => {
    for (let item = items[next++]; item !== undefined; item = items[next++]) await work(item)
  }
  await Promise.all(Array.from({ length: concurrency }, worker))
}
