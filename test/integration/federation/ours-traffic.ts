/** Traffic between two of our servers, and its judge: each message comes once and in order, or comes back once. */
import { createLedger, type Verdict } from '../../chaos/ledger.js'
import type { House } from '../../support/house.js'
import type { Xml } from '../../support/xml.js'
import type { XmppClient } from '../../support/xmpp-client.js'
import { moment } from '../ground.js'
import type { Neighbourhood, Side } from './ground.js'

/** Somebody on each side; they write to each other, wherever their sessions are. */
export interface Traffic {
  /** So many messages from the one of this side, which its server has when this resolves. */
  readonly write: (side: Side, count: number) => Promise<void>
  /** The server of this side is another now; its session goes on there. */
  readonly move: (side: Side, house: House) => Promise<void>
  /** Reads until all is settled, but not for longer than so many milliseconds. */
  readonly settle: (milliseconds?: number) => Promise<Verdict>
  /** A message from this side, read on the other: the link stands. */
  readonly reach: (side: Side) => Promise<void>
}

export const away = (side: Side): Side => (side === 'one' ? 'other' : 'one')

/** What a verdict is when nothing went wrong and nothing came back. */
export const faultless = (sent: number): Verdict => ({
  sent,
  delivered: sent,
  returned: 0,
  lost: 0,
  doubled: 0,
  repeated: 0,
  reordered: 0,
  strange: 0,
  inDoubt: 0,
  complaints: [],
})

export const openTraffic = async (houses: Readonly<Record<Side, House>>): Promise<Traffic> => {
  const ledger = createLedger()
  const clients: Record<Side, XmppClient> = {
    one: await houses.one.managed(houses.one.person()),
    other: await houses.other.managed(houses.other.person()),
  }
  const jids = { one: clients.one.jid, other: clients.other.jid }

  const read = (elements: ReadonlyArray<Xml>): void => {
    for (const { name, attrs } of elements) {
      if (name !== 'message') continue
      const { from = '', to = '', id } = attrs
      if (attrs.type === 'error') ledger.cameBack(to, from, Number(id))
      else ledger.came(from, to, Number(id))
    }
  }
  const look = async (side: Side): Promise<void> => read(await clients[side].untilFence())
  const settle = async (milliseconds = 90_000): Promise<Verdict> => {
    const deadline = Date.now() + milliseconds
    do {
      await look('one')
      await look('other')
      if (ledger.open() > 0) await moment(50)
    } while (ledger.open() > 0 && Date.now() < deadline)
    // What is doubled would come behind.
    await look('one')
    await look('other')
    return ledger.verdict()
  }
  const write = async (side: Side, count: number): Promise<void> => {
    const [from, to] = [jids[side], jids[away(side)]]
    for (let n = 0; n < count; n += 1) clients[side].message(to, String(ledger.sending(from, to)))
    await look(side)
  }
  return {
    write,
    settle,
    move: async (side, house) => {
      clients[side] = await house.resumed(clients[side])
    },
    reach: async side => {
      await write(side, 1)
      await settle()
    },
  }
}

/** Servers on both sides, and traffic that went both ways already. */
export const startTraffic = async (
  serve: Neighbourhood['serve'],
  options: Parameters<Neighbourhood['serve']>[1] = {},
): Promise<Traffic & { readonly houses: Record<Side, House> }> => {
  const [one, other] = await Promise.all([serve('one', options), serve('other', options)])
  const traffic = await openTraffic({ one, other })
  await traffic.reach('one')
  await traffic.reach('other')
  return { ...traffic, houses: { one, other } }
}

/** The first such stanza that comes to the client, whatever comes before it. */
export const arrives = async (
  client: XmppClient,
  fits: (stanza: Xml) => boolean,
  milliseconds = 60_000,
): Promise<Xml> => {
  const deadline = Date.now() + milliseconds
  const seen: Array<Xml> = []
  while (Date.now() < deadline) {
    const came = await client.untilFence()
    const found = came.find(fits)
    if (found !== undefined) return found
    seen.push(...came)
    await moment(50)
  }
  throw new Error(`it did not come within ${milliseconds} ms; there came ${JSON.stringify(seen)}`)
}

/** A domain that fits into an address, and is too long for the DNS (RFC 1035 §2.3.4): nobody has to be asked. */
export const nowhere = `${`${'nowhere'.repeat(8)}.`.repeat(5)}example`
