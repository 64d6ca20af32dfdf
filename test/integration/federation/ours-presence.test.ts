/** Whatever becomes of the links between two of our servers, their people end up seeing each other as they are. */
import { expect, test } from 'vitest'
import type { House, Person } from '../../support/house.js'
import type { Xml } from '../../support/xml.js'
import { bodyOf, child } from '../../support/xml.js'
import type { XmppClient } from '../../support/xmpp-client.js'
import { killAtOnce, moment } from '../ground.js'
import { inNeighbourhood } from './ground.js'
import { arrives } from './ours-traffic.js'

const patience = 240_000

/** What a client shows of everybody, by full JID. */
interface Watch {
  /** Reads on a line from here on. */
  readonly on: (client: XmppClient) => void
  /** Reads until it shows these, each with its status, and nobody else of whom any of them is a contact. */
  readonly shows: (contact: Person, statuses: Readonly<Record<string, string>>) => Promise<void>
}

const watch = (first: XmppClient): Watch => {
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

const show = (client: XmppClient, status: string): void =>
  client.send(`<presence><status>${status}</status></presence>`)

const roster = "<iq type='get' id='roster'><query xmlns='jabber:iq:roster'/></iq>"

/** The subscription with a contact, as the client is told. */
const subscriptionWith = async (client: XmppClient, contact: Person): Promise<string | undefined> => {
  client.send(roster.replace("id='roster'", "id='look'"))
  const answer = await arrives(client, ({ attrs }) => attrs.id === 'look')
  return child(answer, 'query')?.children.find(({ attrs }) => attrs.jid === contact.jid)?.attrs.subscription
}

/** Both see each other from here on. */
const befriend = async (one: XmppClient, first: Person, other: XmppClient, second: Person): Promise<void> => {
  for (const client of [one, other]) await client.ask(roster)
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

/** Somebody with a phone and a desk on each side, who see each other; nothing can be resumed between the servers. */
const impatient = { s2s: { resume: false, establish_seconds: 2, silence_seconds: 1 } }

const meet = async (left: House, right: House) => {
  const [romeo, juliet] = [left.person(), right.person()]
  const [phone, balcony] = [await left.managed(romeo, 'phone'), await right.managed(juliet, 'balcony')]
  await befriend(phone, romeo, balcony, juliet)
  const desk = await left.managed(romeo, 'desk')
  const garden = await right.managed(juliet, 'garden')
  const [ofJuliet, ofRomeo] = [watch(phone), watch(balcony)]
  for (const client of [phone, desk, balcony, garden]) show(client, 'here')
  await ofRomeo.shows(romeo, { phone: 'here', desk: 'here' })
  await ofJuliet.shows(juliet, { balcony: 'here', garden: 'here' })
  return { romeo, juliet, phone, desk, balcony, garden, ofRomeo, ofJuliet }
}

test(
  'who resumes after a kill is told what contacts elsewhere did meanwhile, and contacts see who is there',
  () =>
    inNeighbourhood(async ({ serve }) => {
      const [left, right] = [await serve('one', impatient), await serve('other', impatient)]
      const { romeo, juliet, phone, balcony, garden, ofRomeo, ofJuliet } = await meet(left, right)
      await killAtOnce(left.server)
      show(balcony, 'away')
      await garden.close()
      // Longer than anything waits for a link.
      await moment(5_000)
      const back = await serve('one', impatient)
      const resumed = await back.resumed(phone)
      ofJuliet.on(resumed)
      await ofJuliet.shows(juliet, { balcony: 'away' })
      show(resumed, 'back')
      await ofRomeo.shows(romeo, { phone: 'back', desk: 'here' })
    }),
  patience,
)

test(
  'what a link swallowed is said anew, and both rosters agree',
  () =>
    inNeighbourhood(async ({ serve, lineOf }) => {
      const [left, right] = [await serve('one', impatient), await serve('other', impatient)]
      const { romeo, juliet, phone, desk, balcony, ofRomeo, ofJuliet } = await meet(left, right)
      lineOf('one').blackhole()
      show(phone, 'unheard')
      await desk.close()
      await ofRomeo.shows(romeo, { phone: 'unheard' })
      lineOf('one').blackhole()
      phone.send(`<presence to='${juliet.jid}' type='unsubscribe'/>`)
      await ofJuliet.shows(juliet, {})
      for (let tries = 0; (await subscriptionWith(balcony, romeo)) !== 'to'; tries += 1) {
        expect(tries).toBeLessThan(100)
        await moment(100)
      }
      expect(await subscriptionWith(phone, juliet)).toBe('from')
    }),
  patience,
)

test(
  'what could not be said for longer than anything waits for a link outlives a kill, and is said when there is one',
  () =>
    inNeighbourhood(async ({ serve, lineOf }) => {
      const [left, right] = [await serve('one', impatient), await serve('other', impatient)]
      const { romeo, phone, desk, ofRomeo } = await meet(left, right)
      lineOf('one').admit(false)
      lineOf('one').reset()
      show(phone, 'unheard')
      await desk.close()
      await phone.untilFence()
      await moment(4_000)
      await killAtOnce(left.server)
      const back = await serve('one', impatient)
      const resumed = await back.resumed(phone)
      await moment(3_000)
      lineOf('one').admit(true)
      // Somebody's message finds the link before it is tried again.
      resumed.message('nobody@other.example', 'hark')
      await ofRomeo.shows(romeo, { phone: 'unheard' })
    }),
  patience,
)

test(
  'a link that works and is cut every time it did is there again at once',
  () =>
    inNeighbourhood(async ({ serve, lineOf }) => {
      const [left, right] = [await serve('one'), await serve('other')]
      const [romeo, juliet] = [await left.managed(left.person()), await right.managed(right.person())]
      const waits: Array<number> = []
      for (let cut = 0; cut < 8; cut += 1) {
        const began = Date.now()
        romeo.message(juliet.jid, String(cut))
        await arrives(juliet, it => it.name === 'message' && bodyOf(it) === String(cut))
        waits.push(Date.now() - began)
        // Until it is acked, too.
        await moment(1_000)
        lineOf('one').reset()
      }
      // With growing pauses these were 15 seconds and more.
      expect(Math.max(...waits.slice(5))).toBeLessThan(12_000)
    }),
  patience,
)
