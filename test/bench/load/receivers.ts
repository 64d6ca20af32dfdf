/** Sessions that receive: opened, cut, given messages while they are away, resumed; and nothing may be missing. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { RunningPeer } from '../peers/peer.js'
import { waitFor } from '../trial.js'
import { inParallel, loginOf } from './pairs.js'
import { payloads } from './payload.js'
import { ackRequest, createLoadSession, type LoadSession } from './session.js'

export interface Receiver {
  readonly session: LoadSession
  received: number
  outOfOrder: boolean
}

/** Sessions of the users from the number `first` on. */
export const openReceivers = async (
  server: RunningPeer,
  first: number,
  count: number,
): Promise<ReadonlyArray<Receiver>> => {
  const receivers = Array.from({ length: count }, (_, index): Receiver => {
    const session = createLoadSession(loginOf(server, first + index))
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
  await sleep(settleMilliseconds)
}

/** Servers notice a cut a moment later. */
const settleMilliseconds = 1000

/** Connections at once while many sessions are made. */
const groupSize = 500

/** So many sessions that hibernate; few are connected at a time. */
export const hibernate = async (
  server: RunningPeer,
  first: number,
  count: number,
  progress: (text: string) => void = () => undefined,
): Promise<ReadonlyArray<Receiver>> => {
  const all: Array<Receiver> = []
  while (all.length < count) {
    progress(`${all.length} of ${count} sessions hibernate`)
    const some = await openReceivers(server, first + all.length, Math.min(groupSize, count - all.length))
    await Promise.all(some.map(({ session }) => session.cut()))
    all.push(...some)
  }
  await sleep(settleMilliseconds)
  return all
}

export const resumeAll = (receivers: ReadonlyArray<Receiver>): Promise<void> =>
  inParallel(receivers, ({ session }) => session.resume())

/** Waits until each has so many messages, and sees that there are no more, and that they came in order. */
export const assertReceived = async (receivers: ReadonlyArray<Receiver>, expected: number): Promise<void> => {
  await waitFor(() => receivers.every(({ received }) => received >= expected), 'the queued stanzas', 120)
  await sleep(100)
  for (const { received, outOfOrder, session } of receivers) {
    const failure = session.failure()
    if (failure !== undefined) throw new Error(failure)
    if (received !== expected || outOfOrder)
      throw new Error(`${session.jid()} has ${received} of ${expected} messages${outOfOrder ? ', out of order' : ''}`)
  }
}

/** Writes to receivers, few messages at a time, so that no server slows it down for that. */
export interface Writer {
  /** Sends each of them so many messages, and waits until the server acked all. They are numbered from `from` on. */
  readonly queue: (receivers: ReadonlyArray<Receiver>, each: number, from?: number) => Promise<void>
  readonly session: LoadSession
}

const inOneWrite = 20
const unackedAtMost = 200

export const createWriter = async (server: RunningPeer, user: number): Promise<Writer> => {
  const session = createLoadSession(loginOf(server, user))
  let acked = 0
  let sent = 0
  session.on({
    acked: h => {
      acked = h
    },
  })
  await session.start()
  return {
    session,
    queue: async (receivers, each, from = 0) => {
      for (const { session: to } of receivers) {
        for (let number = from; number < from + each; ) {
          let text = ''
          for (const end = Math.min(number + inOneWrite, from + each); number < end; number += 1, sent += 1)
            text += payloads.plain(to.jid(), number)
          session.write(text + ackRequest)
          if (sent - acked >= unackedAtMost) await waitFor(() => sent - acked < unackedAtMost, 'acks')
        }
      }
      await waitFor(() => acked === sent, 'acks', 120)
    },
  }
}
