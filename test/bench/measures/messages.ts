/** Messages over real sockets: as fast as they go, and at a steady rate. */
import { setTimeout as sleep } from 'node:timers/promises'
import { createPair, type Pair } from '../load/pair.js'
import { createLoadSession } from '../load/session.js'
import { domain, type Peer, password, type RunningPeer, username } from '../peers/peer.js'
import { usageOfTree } from '../proc.js'
import { type Effort, type Progress, percentile } from './measure.js'

export interface Flow {
  readonly messagesPerSecond: number
  /** Of the server's processor, for each message relayed, in us. */
  readonly cpuPerMessage: number
  /** How busy the core of the load was; near 1 it may have been the bottleneck. */
  readonly loadBusy: number
}

export interface SteadyFlow extends Flow {
  /** From sent to read by the reader, in ms. */
  readonly p50: number
  readonly p99: number
}

export interface MessagesResult {
  readonly saturated: Flow
  readonly steady: SteadyFlow
  /** One message at a time on a server that has nothing else to do, in ms. */
  readonly single: { readonly p50: number; readonly p99: number }
}

const pairCount = 20
const pairOptions = { window: 100, ackEvery: 50 }
const steadyRate = 2000

export const measureMessages = async (peer: Peer, effort: Effort, progress: Progress): Promise<MessagesResult> => {
  progress('starts')
  const server = await peer.start(pairCount * 2)
  try {
    const pairs = await openPairs(server)
    progress('saturated')
    for (const pair of pairs) pair.saturate(25)
    const saturated = await measureFlow(server, pairs, effort)
    for (const pair of pairs) pair.stop()
    await drain(pairs)
    progress(`${steadyRate} messages/s`)
    const steady = await measureSteady(server, pairs, effort)
    await drain(pairs)
    progress('one message at a time')
    const single = await measureSingle(pairs, effort)
    return { saturated, steady, single }
  } finally {
    await server.stop()
  }
}

const openPairs = async ({ port, mechanism }: RunningPeer): Promise<ReadonlyArray<Pair>> => {
  const pairs: Array<Pair> = []
  for (let index = 0; index < pairCount; index += 1) {
    const writer = createLoadSession({ port, mechanism, domain, username: username(index * 2), password })
    const reader = createLoadSession({ port, mechanism, domain, username: username(index * 2 + 1), password })
    await reader.start()
    await writer.start()
    pairs.push(createPair(writer, reader, pairOptions))
  }
  return pairs
}

const measureFlow = async (server: RunningPeer, pairs: ReadonlyArray<Pair>, effort: Effort): Promise<Flow> => {
  await sleep(effort.warmSeconds * 1000)
  const before = {
    at: performance.now(),
    delivered: total(pairs),
    load: process.cpuUsage(),
    server: usageOfTree(server.pid),
  }
  await sleep(effort.measureSeconds * 1000)
  const load = process.cpuUsage(before.load)
  const cpu = usageOfTree(server.pid).cpuSeconds - before.server.cpuSeconds
  const seconds = (performance.now() - before.at) / 1000
  const delivered = total(pairs) - before.delivered
  assertExact(pairs)
  return {
    messagesPerSecond: delivered / seconds,
    cpuPerMessage: (cpu / delivered) * 1e6,
    loadBusy: (load.user + load.system) / 1e6 / seconds,
  }
}

const measureSteady = async (server: RunningPeer, pairs: ReadonlyArray<Pair>, effort: Effort): Promise<SteadyFlow> => {
  const pace = keepPace(pairs)
  await sleep(effort.warmSeconds * 1000)
  const latencies: Array<number> = []
  for (const pair of pairs) pair.onLatency(latency => latencies.push(latency))
  const flow = await measureFlow(server, pairs, { ...effort, warmSeconds: 0 })
  pace.stop()
  for (const pair of pairs) pair.onLatency(undefined)
  latencies.sort((a, b) => a - b)
  return { ...flow, p50: percentile(latencies, 0.5), p99: percentile(latencies, 0.99) }
}

/** Each message is sent when the one before it has come. */
const measureSingle = async (pairs: ReadonlyArray<Pair>, effort: Effort): Promise<MessagesResult['single']> => {
  const latencies: Array<number> = []
  const deadline = performance.now() + effort.measureSeconds * 1000
  const [pair] = pairs
  if (pair === undefined) throw new Error('no pair')
  while (performance.now() < deadline) {
    await new Promise<void>((resolve, reject) => {
      const clock = setTimeout(() => reject(new Error(pair.failure() ?? 'a single message did not come')), 20_000)
      pair.onLatency(latency => {
        clearTimeout(clock)
        latencies.push(latency)
        resolve()
      })
      pair.sendOne()
    })
    await sleep(5)
  }
  pair.onLatency(undefined)
  assertExact(pairs)
  latencies.sort((a, b) => a - b)
  return { p50: percentile(latencies, 0.5), p99: percentile(latencies, 0.99) }
}

/** Sends what is due, every millisecond, one pair after the other. */
const keepPace = (pairs: ReadonlyArray<Pair>): { readonly stop: () => void } => {
  const startedAt = performance.now()
  let sent = 0
  const clock = setInterval(() => {
    const due = ((performance.now() - startedAt) / 1000) * steadyRate
    for (; sent < due; sent += 1) pairs[sent % pairs.length]?.sendOne()
  }, 1)
  return { stop: () => clearInterval(clock) }
}

const drainSeconds = 20

const drain = async (pairs: ReadonlyArray<Pair>): Promise<void> => {
  for (let tries = drainSeconds * 50; pairs.some(pair => pair.delivered() < pair.sent()); tries -= 1) {
    assertExact(pairs)
    if (tries === 0) throw new Error(`messages are missing ${drainSeconds} s after the last was sent`)
    await sleep(20)
  }
  assertExact(pairs)
}

const assertExact = (pairs: ReadonlyArray<Pair>): void => {
  for (const pair of pairs) {
    const failure = pair.failure()
    if (failure !== undefined) throw new Error(failure)
  }
}

const total = (pairs: ReadonlyArray<Pair>): number => pairs.reduce((sum, pair) => sum + pair.delivered(), 0)
