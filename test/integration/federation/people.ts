/** People on two servers, who have each other as contacts, and what their clients show. */
import type { Person } from '../../support/house.js'
import { child, type Xml } from '../../support/xml.js'
import type { XmppClient } from '../../support/xmpp-client.js'
import { moment } from '../ground.js'
import { arrives } from './ours-traffic.js'

/** What a client shows of everybody, by full JID. */
export interface Watch {
  /** Reads on a line from here on. */
  readonly on: (client: XmppClient) => void
  /** Reads until it shows these, each with its status, and nobody else of whom any of them is a contact. */
  readonly shows: (contact: Person, statuses: Readonly<Record<string, string>>) => Promise<void>
}

export const watch = (first: XmppClient): Watch => {
  const shown = new Map<string, string>()
  let line = first
  const look = ({ name, attrs, children }: Xml): void => {
    const { from = '', type } = attrs
    if (name !== 'presence') return
    if (type === undefined) shown.set(from, children.find(({ name }) => name === 'status')?.text ?? '')
    if (type === 'unavailable')
      for (const jid of [...shown.keys()]) if (jid === from || jid.startsWith(`${from}/`)) shown.delete(jid)
  }
  return {
    on: client => {
      line = client
    },
    shows: async ({ jid }, statuses) => {
      const wanted = JSON.stringify(Object.entries(statuses).sort())
      const deadline = Date.now() + 90_000
      for (;;) {
        for (const stanza of await line.untilFence()) look(stanza)
        const found = [...shown].filter(([from]) => from.startsWith(`${jid}/`))
        const now = JSON.stringify(found.map(([from, status]) => [from.slice(jid.length + 1), status]).sort())
        if (now === wanted) return
        if (Date.now() > deadline) throw new Error(`of ${jid} it shows ${now}, not ${wanted}`)
        await moment(100)
      }
    },
  }
}

export const show = (client: XmppClient, status: string): void =>
  client.send(`<presence><status>${status}</status></presence>`)

/** The roster, whatever comes before it. */
const askRoster = (client: XmppClient): Promise<Xml> => {
  client.send("<iq type='get' id='look'><query xmlns='jabber:iq:roster'/></iq>")
  return arrives(client, ({ attrs }) => attrs.id === 'look')
}

/** The subscription with a contact, as the client is told. */
export const subscriptionWith = async (client: XmppClient, contact: Person): Promise<string | undefined> =>
  child(await askRoster(client), 'query')?.children.find(({ attrs }) => attrs.jid === contact.jid)?.attrs.subscription

/** Both see each other from here on. */
export const befriend = async (one: XmppClient, first: Person, other: XmppClient, second: Person): Promise<void> => {
  for (const client of [one, other]) await askRoster(client)
  const isFrom = (who: Person, type: string) => (it: Xml) =>
    it.name === 'presence' && it.attrs.type === type && it.attrs.from === who.jid
  for (const [asking, asker, asked, whom] of [
    [one, first, other, second] as const,
    [other, second, one, first] as const,
  ]) {
    asking.send(`<presence to='${whom.jid}' type='subscribe'/>`)
    await arrives(asked, isFrom(asker, 'subscribe'))
    asked.send(`<presence to='${asker.jid}' type='subscribed'/>`)
    await arrives(asking, isFrom(whom, 'subscribed'))
  }
}
