/** Memory, once nothing happens any more. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Size } from '../measure.js'
import type { RunningPeer } from '../peers/peer.js'
import { rssOfTree } from '../proc.js'

/** Seconds: for which it must not change, and after which it counts as it is. */
const settling: Readonly<Record<Size, { readonly still: number; readonly most: number }>> = {
  full: { still: 10, most: 60 },
  quick: { still: 3, most: 10 },
  smallest: { still: 0, most: 0 },
}

/** Changes up to this share are none. */
const tolerated = 0.01

/** Resident memory, in kB, after it has not changed for a while. Nobody asks for a collection of garbage. */
export const settledRss = async (server: RunningPeer, size: Size): Promise<number> => {
  const { still, most } = settling[size]
  let known = rssOfTree(server.pid)
  for (let second = 0, since = 0; second < most && since < still; second += 1) {
    await sleep(1000)
    const now = rssOfTree(server.pid)
    since = Math.abs(now - known) > known * tolerated ? 0 : since + 1
    if (since === 0) known = now
  }
  return rssOfTree(server.pid)
}
