/**
 * One who writes and one who reads. A message leaves the window when the server has acked it and the reader has it;
 * each must come exactly once and in order, or the run does not count.
 */
import { bodyLength, bodyMark, numberLength } from './scanner.js'
import { type LoadSession, smNamespace } from './session.js'

export interface Pair {
  readonly sent: () => number
  readonly delivered: () => number
  /** Sends as much as the window takes, whenever at least `burst` fit, until `stop`. */
  readonly saturate: (burst: number) => void
  /** Sends one message now, if the window takes it; its latency is told when it arrives. */
  readonly sendOne: () => void
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
}

const request = `<r xmlns='${smNamespace}'/>`
const filling = 'abcdefghij'.repeat(10).slice(0, bodyLength - numberLength - bodyMark.length)

/** The text of one message, 100 bytes of body. */
export const messageText = (to: string, number: number): string => {
  const digits = String(number).padStart(numberLength, '0')
  return `<message to='${to}' id='${digits}' type='chat'><body>${bodyMark}${digits}${filling}</body></message>`
}

export const createPair = (writer: LoadSession, reader: LoadSession, options: PairOptions): Pair => {
  const { window, ackEvery } = options
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
      text += messageText(reader.jid(), sent)
      sent += 1
      if (sent % ackEvery === 0) text += request
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
    saturate: next => {
      burst = next
      pump()
    },
    sendOne: () => {
      if (room() <= 0) return
      sentAt[sent % sentAt.length] = performance.now()
      send(1)
    },
    stop: () => {
      burst = 0
    },
    onLatency: listener => {
      latency = listener
    },
    failure: () => failure ?? writer.failure() ?? reader.failure(),
  }
}
