/**
 * One who writes and one who reads. A message leaves the window when the server has acked it and the reader has it;
 * each must come exactly once and in order, or the run does not count.
 */
import { type PayloadName, payloads } from './payload.js'
import { ackRequest, type LoadSession } from './session.js'

export interface Pair {
  readonly sent: () => number
  readonly delivered: () => number
  /** By the server, to the writer. */
  readonly acked: () => number
  /** Sends as much as the window takes, whenever at least `burst` fit, until `stop`. */
  readonly saturate: (burst: number) => void
  /** Sends one message now, if the window takes it, and says whether; its latency is told when it arrives. */
  readonly sendOne: () => boolean
  /** Asks the server for an ack, so that the last messages are acked too. */
  readonly askForAck: () => void
  readonly stop: () => void
  /** Tells each latency, in ms. */
  readonly onLatency: (listener: ((milliseconds: number) => void) | undefined) => void
  /** What went wrong, once. */
  readonly failure: () => string | undefined
}

export interface PairOptions {
  /** Messages under way at most. */
  readonly window: number
  /** The writer asks for an ack after so many messages. */
  readonly ackEvery: number
  readonly payload: PayloadName
}

export const createPair = (writer: LoadSession, reader: LoadSession, options: PairOptions): Pair => {
  const { window, ackEvery } = options
  const payload = payloads[options.payload]
  const sentAt = new Float64Array(1024)
  let sent = 0
  let acked = 0
  let delivered = 0
  let burst = 0
  let failure: string | undefined
  let latency: ((milliseconds: number) => void) | undefined
  let now = 0

  const room = (): number => window - (sent - Math.min(acked, delivered))
  const send = (count: number): void => {
    let text = ''
    for (let left = count; left > 0; left -= 1) {
      text += payload(reader.jid(), sent)
      sent += 1
      if (sent % ackEvery === 0) text += ackRequest
    }
    writer.write(text)
  }
  const pump = (): void => {
    const count = room()
    if (burst > 0 && count >= burst) send(count)
  }

  writer.on({
    acked: h => {
      if (h > sent || h < acked) failure ??= `the server acked ${h} of ${sent} after ${acked}`
      acked = h
    },
    turn: pump,
  })
  reader.on({
    message: number => {
      if (number !== delivered) failure ??= `message ${number} came where ${delivered} was due`
      delivered += 1
      if (latency === undefined) return
      // One look at the clock for all that came in one piece.
      if (now === 0) now = performance.now()
      latency(now - (sentAt[number % sentAt.length] ?? 0))
    },
    turn: () => {
      now = 0
      pump()
    },
  })

  return {
    sent: () => sent,
    delivered: () => delivered,
    acked: () => acked,
    saturate: next => {
      burst = next
      pump()
    },
    sendOne: () => {
      if (room() <= 0) return false
      sentAt[sent % sentAt.length] = performance.now()
      send(1)
      return true
    },
    askForAck: () => writer.write(ackRequest),
    stop: () => {
      burst = 0
    },
    onLatency: listener => {
      latency = listener
    },
    failure: () => failure ?? writer.failure() ?? reader.failure(),
  }
}
