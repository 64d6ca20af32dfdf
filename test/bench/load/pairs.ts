/** Pairs on one server: opened, kept at a pace, drained; and nothing may be missing at the end. */
import { setTimeout as sleep } from 'node:timers/promises'
import { domain, password, type RunningPeer, username } from '../peers/peer.js'
import { waitFor } from '../trial.js'
import { createPair, type Pair } from './pair.js'
import type { PayloadName } from './payload.js'
import { createLoadSession, type Login } from './session.js'

const window = 100
const ackEvery = 50
const connecting = 100

/** One address has ports for some 28,000 connections; those that were just closed hold theirs for a minute. */
const sessionsPerAddress = 10_000

export const loginOf = ({ port, tls, mechanism }: RunningPeer, index: number): Login => ({
  port,
  tls,
  mechanism,
  domain,
  username: username(index),
  password,
  localAddress: `127.0.0.${1 + Math.floor(index / sessionsPerAddress)}`,
})

/** So many pairs; `first` is the number of the first. */
export const openPairs = async (
  server: RunningPeer,
  count: number,
  payload: PayloadName = 'plain',
  first = 0,
): Promise<ReadonlyArray<Pair>> => {
  const pairs: Array<Pair> = []
  await inParallel(
    Array.from({ length: count }, (_, index) => index),
    async index => {
      const writer = createLoadSession(loginOf(server, (first + index) * 2))
      const reader = createLoadSession(loginOf(server, (first + index) * 2 + 1))
      await reader.start()
      await writer.start()
      pairs[index] = createPair(writer, reader, { window, ackEvery, payload })
    },
  )
  return pairs
}

export interface Pace {
  readonly stop: () => void
  /** Messages that were due and could not be sent, since the window of their pair was full. */
  readonly skipped: () => number
}

/** Sends what is due, every millisecond, one pair after the other, each message in a write of its own. */
export const keepPace = (pairs: ReadonlyArray<Pair>, messagesPerSecond: number): Pace => {
  const startedAt = performance.now()
  let turn = 0
  let skipped = 0
  const clock = setInterval(() => {
    const due = ((performance.now() - startedAt) / 1000) * messagesPerSecond
    for (; turn < due; turn += 1) if (pairs[turn % pairs.length]?.sendOne() === false) skipped += 1
  }, 1)
  return { stop: () => clearInterval(clock), skipped: () => skipped }
}

/** When a pair writes more, in a saturated flow: when so many messages fit. */
export const burst = 25

/** A saturated flow for so long, and then nothing under way. */
export const runIn = async (pairs: ReadonlyArray<Pair>, seconds: number): Promise<void> => {
  for (const pair of pairs) pair.saturate(burst)
  await flowFor(pairs, seconds)
  for (const pair of pairs) pair.stop()
  await drain(pairs)
}

const drainSeconds = 60

/** Until all that was sent has come, once and in order, and is acked. */
export const drain = async (pairs: ReadonlyArray<Pair>): Promise<void> => {
  for (const pair of pairs) pair.askForAck()
  for (let tries = drainSeconds * 50; pairs.some(isUnderWay); tries -= 1) {
    assertExact(pairs)
    if (tries === 0) throw new Error(`messages or acks are missing ${drainSeconds} s after the last was sent`)
    await sleep(20)
  }
  assertExact(pairs)
}

const isUnderWay = (pair: Pair): boolean => pair.delivered() < pair.sent() || pair.acked() < pair.sent()

export const assertExact = (pairs: ReadonlyArray<Pair>): void => {
  for (const pair of pairs) {
    const failure = pair.failure()
    if (failure !== undefined) throw new Error(failure)
  }
}

export const delivered = (pairs: ReadonlyArray<Pair>): number =>
  pairs.reduce((total, pair) => total + pair.delivered(), 0)

/** At most `width` at once. */
export const inParallel = async <T>(
  items: ReadonlyArray<T>,
  work: (item: T) => Promise<void>,
  width = connecting,
): Promise<void> => {
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < items.length) {
      const item = items[next] as T
      next += 1
      await work(item)
    }
  }
  await Promise.all(Array.from({ length: width }, worker))
}

/** Lets them write for so long, and until as many messages came as there are pairs; tells how many came. */
export const flowFor = async (pairs: ReadonlyArray<Pair>, seconds: number): Promise<number> => {
  const before = delivered(pairs)
  await sleep(seconds * 1000)
  await waitFor(() => delivered(pairs) - before >= pairs.length || isBroken(pairs), 'messages', drainSeconds)
  assertExact(pairs)
  return delivered(pairs) - before
}

const isBroken = (pairs: ReadonlyArray<Pair>): boolean => pairs.some(pair => pair.failure() !== undefined)
