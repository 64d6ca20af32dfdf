/** Asks the server again and again, and knows how long the slowest answer took: what anybody connected feels. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { RunningPeer } from '../peers/peer.js'
import { waitFor } from '../trial.js'
import { loginOf } from './pairs.js'
import { ackRequest, createLoadSession } from './session.js'

export interface Pinger {
  /** Asks every 10 ms until `isOver`, and waits for the last answer. Tells the longest time an answer took, in ms. */
  readonly pingUntil: (isOver: () => boolean) => Promise<number>
}

const everyMilliseconds = 10

export const createPinger = async (server: RunningPeer, user: number): Promise<Pinger> => {
  const session = createLoadSession(loginOf(server, user))
  const asked: Array<number> = []
  let longest = 0
  session.on({
    acked: () => {
      const at = asked.shift()
      if (at !== undefined) longest = Math.max(longest, performance.now() - at)
    },
  })
  await session.start()
  return {
    pingUntil: async isOver => {
      longest = 0
      while (!isOver()) {
        asked.push(performance.now())
        session.write(ackRequest)
        await sleep(everyMilliseconds)
      }
      await waitFor(() => asked.length === 0, 'the answer to <r/>')
      return longest
    },
  }
}
