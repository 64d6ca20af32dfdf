/** Two who chat at a steady pace, whatever else happens: each message must come, once and in order. */
import { bodyOf } from './xml.js'
import type { XmppClient } from './xmpp-client.js'

export interface Chat {
  /** Milliseconds from the writing of each message until it was read. */
  readonly times: ReadonlyArray<number>
  /** Ends it when all that was said has come. Rejects if anything else came, or nothing. */
  readonly end: () => Promise<void>
}

/** `pace`: milliseconds between two messages. */
export const beginChat = (from: XmppClient, to: XmppClient, pace = 20): Chat => {
  const sentAt: number[] = []
  const times: number[] = []
  let over = false
  const say = (): void => {
    from.message(to.jid, `honest ${sentAt.length}`)
    sentAt.push(performance.now())
  }
  const saying = setInterval(say, pace)
  const hearing = hear()
  // Whoever ends it is told.
  hearing.catch(() => clearInterval(saying))
  return {
    times,
    end: async () => {
      clearInterval(saying)
      over = true
      say()
      await hearing
    },
  }

  async function hear(): Promise<void> {
    while (!over || times.length < sentAt.length) {
      const message = await to.until(it => it.name === 'message')
      const body = bodyOf(message)
      if (body !== `honest ${times.length}`) throw new Error(`expected 'honest ${times.length}', but '${body}' came`)
      times.push(Math.round(performance.now() - (sentAt[times.length] ?? 0)))
    }
  }
}

/** The greatest of the smallest `share` of all. */
export const percentile = (times: ReadonlyArray<number>, share: number): number =>
  [...times].sort((one, other) => one - other)[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0
