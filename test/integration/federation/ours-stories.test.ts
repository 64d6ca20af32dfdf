/** What people of two of our servers do with each other. */
import { expect, test } from 'vitest'
import { conditionOf } from '../../support/federation/letters.js'
import { bodyOf, type Xml } from '../../support/xml.js'
import { inNeighbourhood } from './ground.js'
import { arrives, nowhere } from './ours-traffic.js'

const patience = 120_000
const isPresence = (from: string, type?: string) => (it: Xml) =>
  it.name === 'presence' && it.attrs.type === type && it.attrs.from === from
const isMessage = (body: string) => (it: Xml) => it.name === 'message' && bodyOf(it) === body
const isError = (id: string) => (it: Xml) => it.attrs.type === 'error' && it.attrs.id === id

test(
  'a subscription that is asked for and granted shows presence, until its session ends',
  () =>
    inNeighbourhood(async ({ serve }) => {
      const [left, right] = await Promise.all([serve('one'), serve('other')])
      const [romeo, juliet] = [left.person(), right.person()]
      const [asking, asked] = [await left.managed(romeo), await right.managed(juliet)]
      for (const client of [asking, asked])
        await client.ask("<iq type='get' id='roster'><query xmlns='jabber:iq:roster'/></iq>")
      asking.send(`<presence to='${juliet.jid}' type='subscribe'/>`)
      await arrives(asked, isPresence(romeo.jid, 'subscribe'))
      asked.send(`<presence to='${romeo.jid}' type='subscribed'/>`)
      const granted: Array<Xml> = []
      await arrives(asking, it => {
        granted.push(it)
        return isPresence(asked.jid)(it)
      })
      expect(granted.some(isPresence(juliet.jid, 'subscribed'))).toBe(true)
      asked.send('<presence><show>away</show></presence>')
      const away = await arrives(asking, isPresence(asked.jid))
      expect(away.children.find(({ name }) => name === 'show')?.text).toBe('away')
      await asked.close()
      await arrives(asking, isPresence(asked.jid, 'unavailable'))
    }),
  patience,
)

test(
  'an iq is answered across domains: by a server, by a client, and in place of a user who is not there',
  () =>
    inNeighbourhood(async ({ serve }) => {
      const [left, right] = await Promise.all([serve('one'), serve('other')])
      const [romeo, juliet] = [await left.managed(left.person()), await right.managed(right.person())]
      const ping = (id: string, to: string): string =>
        `<iq type='get' id='${id}' to='${to}'><ping xmlns='urn:xmpp:ping'/></iq>`
      romeo.send(ping('server', 'other.example'))
      expect((await arrives(romeo, it => it.attrs.id === 'server')).attrs.type).toBe('result')
      romeo.send(ping('client', juliet.jid))
      const request = await arrives(juliet, it => it.name === 'iq' && it.attrs.id === 'client')
      expect(request.attrs.from).toBe(romeo.jid)
      juliet.send(`<iq type='result' id='client' to='${romeo.jid}'/>`)
      expect(await arrives(romeo, it => it.attrs.id === 'client')).toMatchObject({
        attrs: { type: 'result', from: juliet.jid },
      })
      romeo.send(ping('absent', `${right.person().jid}/nowhere`))
      expect(conditionOf(await arrives(romeo, it => it.attrs.id === 'absent'))).toBe('service-unavailable')
    }),
  patience,
)

test(
  'who is not there gets what waited, with the time since when',
  () =>
    inNeighbourhood(async ({ serve }) => {
      const [left, right] = await Promise.all([serve('one'), serve('other')])
      const [romeo, juliet] = [await left.managed(left.person()), right.person()]
      romeo.message(juliet.jid, 'later')
      // Its link keeps the order: when the ping is answered, the message is stored.
      romeo.send("<iq type='get' id='after' to='other.example'><ping xmlns='urn:xmpp:ping'/></iq>")
      await arrives(romeo, it => it.attrs.id === 'after')
      const back = await right.bound(juliet)
      back.send('<presence/>')
      const message = await arrives(back, isMessage('later'))
      expect(message.attrs.from).toBe(romeo.jid)
      expect(message.children.some(({ name, ns }) => name === 'delay' && ns === 'urn:xmpp:delay')).toBe(true)
    }),
  patience,
)

test(
  'a domain that there cannot be is told at once, exactly once',
  () =>
    inNeighbourhood(async ({ serve }) => {
      const left = await serve('one')
      const romeo = await left.managed(left.person())
      romeo.message(`juliet@${nowhere}`, 'lost')
      expect(conditionOf(await arrives(romeo, isError('lost')))).toBe('remote-server-not-found')
      await romeo.expectNothing()
    }),
  patience,
)

test(
  'a server that is down is told in time, once for each sender, and errors are never answered',
  () =>
    inNeighbourhood(async ({ serve }) => {
      const left = await serve('one', { s2s: { establish_seconds: 3 } })
      const [romeo, benvolio] = [await left.managed(left.person()), await left.managed(left.person())]
      romeo.message('juliet@other.example', 'from romeo')
      romeo.send("<message to='juliet@other.example' id='of an error' type='error'><body>no</body></message>")
      romeo.send("<iq to='other.example' id='of a result' type='result'/>")
      benvolio.message('juliet@other.example', 'from benvolio')
      for (const [client, id] of [[romeo, 'from romeo'] as const, [benvolio, 'from benvolio'] as const]) {
        const seen: Array<Xml> = []
        await arrives(client, it => {
          seen.push(it)
          return isError(id)(it)
        })
        expect(seen.map(it => [it.attrs.id, conditionOf(it)])).toEqual([[id, 'remote-server-timeout']])
        await client.expectNothing()
      }
    }),
  patience,
)

test(
  'a server that comes up in time gets what waited, in its order',
  () =>
    inNeighbourhood(async ({ serve }) => {
      const left = await serve('one')
      const romeo = await left.managed(left.person())
      const bodies = ['one', 'two', 'three']
      for (const body of bodies) romeo.message('user1@other.example', body)
      await romeo.untilFence()
      const right = await serve('other')
      const juliet = await right.managed(right.person())
      const came: Array<string> = []
      await arrives(juliet, it => {
        if (it.name === 'message') came.push(bodyOf(it) ?? '')
        return came.length === bodies.length
      })
      expect(came).toEqual(bodies)
    }),
  patience,
)

test(
  'what waits outlives a server that is killed before it could connect',
  () =>
    inNeighbourhood(async ({ serve }) => {
      const left = await serve('one')
      const romeo = await left.managed(left.person())
      romeo.message('user1@other.example', 'survivor')
      await romeo.untilFence()
      process.kill(left.server.pid, 'SIGKILL')
      await left.server.terminate()
      await serve('one')
      const right = await serve('other')
      const juliet = await right.managed(right.person())
      await arrives(juliet, isMessage('survivor'))
    }),
  patience,
)
