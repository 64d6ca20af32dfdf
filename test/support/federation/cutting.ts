/** Traffic over a link that is cut again and again, and what it takes to know how it stands. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { LineProxy } from '../line-proxy.js'
import type { XmppClient } from '../xmpp-client.js'
import { type Letters, pingAcross, settled } from './letters.js'

/** Somebody on one of two servers. */
export interface Correspondent {
  readonly client: XmppClient
  /** The other server. */
  readonly away: string
}

export interface Cutting {
  /** The line over which the sender's server sends. */
  readonly line: LineProxy
  readonly from: Correspondent
  readonly to: Correspondent
  readonly letters: Letters
  readonly rounds: number
  /** Whole numbers from 0 to `below`, exclusive. */
  readonly random: (below: number) => number
  /** A link was cut, and stands again. */
  readonly onCut?: (round: number) => void
}

/** Each round cuts once, in either direction of the line, and at the latest when all has gone over it. */
export const cutUnderTraffic = async (cutting: Cutting): Promise<void> => {
  const { line, from, to, letters, rounds, random, onCut } = cutting
  for (let round = 1; round <= rounds; round += 1) {
    let isCut = false
    const cut = line.resetAfter(random(2) === 0 ? 'toServer' : 'toClient', 1 + random(2_000)).then(() => {
      isCut = true
    })
    for (let n = 0; n < 4; n += 1) {
      letters.send(from.client, to.client.jid, 1 + random(4))
      letters.saw(await from.client.untilFence())
    }
    await Promise.race([cut, sleep(random(100))])
    if (!isCut) line.reset()
    await untilItStands(from, letters)
    await settled([letters], [from.client, to.client])
    // The next ones go over a link that counts.
    await calm(from, to)
    onCut?.(round)
  }
}

/** Both links stand and all is acked: each of these round trips is longer than the one of an ack. Throws if not. */
export const calm = async (...correspondents: ReadonlyArray<Correspondent>): Promise<void> => {
  for (let n = 0; n < 3; n += 1)
    for (const { client, away } of correspondents) {
      const [{ attrs }] = await pingAcross(client, away)
      if (attrs.type !== 'result') throw new Error(`${away} cannot be reached from ${client.jid}`)
    }
}

/** The link takes stanzas again; what came in the meantime is counted. */
export const untilItStands = async (from: Correspondent, letters: Letters): Promise<void> => {
  const [answer, before] = await pingAcross(from.client, from.away)
  letters.saw(before)
  if (answer.attrs.type === 'result') return
  await sleep(100)
  await untilItStands(from, letters)
}
