/** What becomes of a session that nobody resumes in time (XEP-0198 §§4, 5). These cases wait for real seconds. */
import { expect } from 'vitest'
import type { House } from '../../support/house.js'
import { rules } from '../../support/rules.js'
import { bodyOf, child, type Xml } from '../../support/xml.js'
import { nsSm3, type XmppClient } from '../../support/xmpp-client.js'

const bodies = (came: ReadonlyArray<Xml>): ReadonlyArray<string> =>
  came.map(bodyOf).filter((it): it is string => it !== undefined)
const seconds = (count: number): Promise<void> => new Promise(resolve => setTimeout(resolve, count * 1_000))

/** A hibernating session whose queue holds what `sender` sends. */
const hibernating = async (house: House) => {
  const client = await house.managed(house.person())
  const sender = await house.online(house.person())
  client.reset()
  return { client, sender }
}

/** What comes to a new login of the same user. */
const atNextLogin = async (house: House, former: XmppClient): Promise<ReadonlyArray<Xml>> => {
  const later = await house.returning(former)
  await later.bind('later')
  later.send('<presence/>')
  return later.untilFence()
}

const errorOf = (stanza: Xml): string | undefined => child(stanza, 'error')?.children[0]?.name

rules('the end of hibernation', { hibernationTime: 1, people: 120 }, rule => {
  rule(
    'smacks',
    'the messages of the last session go to offline storage and come at the next login, in order, with their time',
    async house => {
      const { client, sender } = await hibernating(house)
      for (const body of ['1', '2', '3']) sender.message(client.jid, body)
      sender.message(client.jid, '4', 'normal')
      await sender.untilFence()
      const sentAt = Date.now()
      await seconds(2.5)
      await sender.expectNothing()
      const came = await atNextLogin(house, client)
      expect(bodies(came)).toEqual(['1', '2', '3', '4'])
      for (const message of came.filter(it => it.name === 'message')) {
        const delays = message.children.filter(it => it.name === 'delay' && it.ns === 'urn:xmpp:delay')
        expect(Date.parse(delays[0]?.attrs.stamp ?? '')).toBeLessThan(sentAt + 1_100)
      }
    },
  )

  rule(
    'edge 82',
    'a stored message carries one <delay/>, not two',
    async house => {
      const { client, sender } = await hibernating(house)
      sender.message(client.jid, 'once')
      await sender.untilFence()
      await seconds(2.5)
      const message = (await atNextLogin(house, client)).find(it => it.name === 'message')
      expect(message?.children.filter(it => it.name === 'delay' && it.ns === 'urn:xmpp:delay')).toHaveLength(1)
    },
    { differs: { prosody: 'adds its own' } },
  )

  rule(
    'edge 77',
    'an unanswered question is answered with recipient-unavailable',
    async house => {
      const { client, sender } = await hibernating(house)
      sender.send(`<iq to='${client.jid}' type='get' id='q'><query xmlns='urn:example:question'/></iq>`)
      await sender.expectNothing()
      await seconds(2.5)
      const answer = await sender.expect('iq')
      expect(answer.attrs).toMatchObject({ type: 'error', id: 'q', from: client.jid })
      expect(errorOf(answer)).toBe('recipient-unavailable')
    },
    { differs: { ejabberd: 'says service-unavailable' } },
  )

  rule(
    'RFC 6120 8.3.3.13',
    'recipient-unavailable tells its sender to try again later',
    async house => {
      const { client, sender } = await hibernating(house)
      sender.send(`<iq to='${client.jid}' type='get' id='q'><query xmlns='urn:example:question'/></iq>`)
      const answer = await sender.until('iq')
      expect(child(answer, 'error')?.attrs.type).toBe('wait')
    },
    { differs: { ejabberd: 'says service-unavailable' } },
  )

  rule(
    'edge 77',
    'an answer, an error and a presence are never answered',
    async house => {
      const { client, sender } = await hibernating(house)
      sender.send(
        `<iq to='${client.jid}' type='result' id='r'/>` +
          `<iq to='${client.jid}' type='error' id='e'><error type='cancel'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>` +
          `<message to='${client.jid}' type='error' id='m'><error type='cancel'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>` +
          `<presence to='${client.jid}'/>`,
      )
      await sender.expectNothing()
      await seconds(2.5)
      expect((await sender.untilFence()).filter(it => it.attrs.type !== 'unavailable')).toEqual([])
      expect((await atNextLogin(house, client)).filter(it => it.name === 'message')).toEqual([])
    },
    { differs: { prosody: 'answers results and presence with errors' } },
  )

  rule('edge 77', 'a headline is not stored', async house => {
    const { client, sender } = await hibernating(house)
    sender.message(client.jid, 'news', 'headline')
    await sender.untilFence()
    await seconds(2.5)
    expect(bodies(await atNextLogin(house, client))).toEqual([])
  })

  rule(
    'smacks',
    'a message of type groupchat is returned, not stored',
    async house => {
      const { client, sender } = await hibernating(house)
      sender.message(client.jid, 'to all', 'groupchat')
      await sender.untilFence()
      await seconds(2.5)
      const returned = await sender.until('message')
      expect([returned.attrs.type, errorOf(returned)]).toEqual(['error', 'recipient-unavailable'])
      expect(bodies(await atNextLogin(house, client))).toEqual([])
    },
    { spares: { ejabberd: 'refuses groupchat at once' } },
  )

  rule(
    'smacks',
    'messages of a session that is not the last one are returned',
    async house => {
      const who = house.person()
      const other = await house.online(who, 'other')
      const client = await house.managed(who)
      await other.untilFence()
      const sender = await house.online(house.person())
      client.reset()
      sender.message(client.jid, 'for the desk')
      await sender.expectNothing()
      await seconds(2.5)
      const returned = await sender.until('message')
      expect(returned.attrs).toMatchObject({ type: 'error', id: 'for the desk', from: client.jid })
      expect(errorOf(returned)).toBe('recipient-unavailable')
      expect(bodies(await other.untilFence())).toEqual([])
    },
    { differs: { ejabberd: 'sends it to the other session' } },
  )

  rule(
    'edge 73',
    'contacts see exactly one unavailable presence, and none before the time is over',
    async house => {
      const [one, two] = [house.person(), house.person()]
      await house.befriend(one, two)
      const friend = await house.online(two)
      const client = await house.managed(one)
      await friend.until('presence')
      client.reset()
      await friend.expectNothing()
      await seconds(2.5)
      const came = await friend.untilFence()
      expect(came.map(it => [it.name, it.attrs.type, it.attrs.from])).toEqual([['presence', 'unavailable', client.jid]])
    },
    { differs: { prosody: 'answers unacked presence with an error' } },
  )

  rule(
    'edge 51',
    'a resume that comes too late fails with item-not-found and the h of the former session',
    async house => {
      const { client } = await hibernating(house)
      await seconds(2.5)
      const late = await house.returning(client)
      late.send(`<resume xmlns='${nsSm3}' previd='${client.smId}' h='${client.handled}'/>`)
      const failed = await late.expect('failed')
      expect(child(failed, 'item-not-found')).toBeDefined()
      expect(failed.attrs.h).toBe(String(client.sent))
      await late.bind()
      expect((await late.enable()).attrs.id).toBeDefined()
    },
  )

  rule('options', 'the h of the newest smacks_max_old_sessions sessions is kept, of older ones not', async house => {
    const who = house.person()
    const old: XmppClient[] = []
    for (let n = 0; n < 4; n += 1) {
      const client = await house.managed(who, `r${n}`)
      client.reset()
      old.push(client)
      await seconds(0.1)
    }
    await seconds(2.5)
    const later = await house.authenticated(who)
    const kept: string[] = []
    for (const client of old) {
      later.send(`<resume xmlns='${nsSm3}' previd='${client.smId}' h='0'/>`)
      kept.push((await later.expect('failed')).attrs.h ?? 'forgotten')
    }
    expect(kept.every(it => it !== 'forgotten')).toBe(true)
  })

  rule('edge 42', 'a session that was resumed in time lives on after the former deadline', async house => {
    const { client, sender } = await hibernating(house)
    await seconds(0.5)
    const again = await house.resumed(client)
    await seconds(2)
    sender.message(client.jid, 'still here?')
    expect(bodyOf(await again.until('message'))).toBe('still here?')
  })

  rule('edge 54', 'a failed resume does not lengthen the time', async house => {
    const { client } = await hibernating(house)
    await seconds(0.7)
    const again = await house.returning(client)
    again.send(`<resume xmlns='${nsSm3}' previd='made-up' h='0'/>`)
    await again.expect('failed')
    await seconds(1.8)
    again.send(`<resume xmlns='${nsSm3}' previd='${client.smId}' h='0'/>`)
    expect(child(await again.expect('failed'), 'item-not-found')).toBeDefined()
  })

  rule(
    'edge 78',
    'a carbon copy in the queue is neither returned nor stored',
    async house => {
      const who = house.person()
      const client = await house.managed(who)
      await client.ask("<iq type='set' id='c'><enable xmlns='urn:xmpp:carbons:2'/></iq>")
      const other = await house.online(who, 'other')
      await client.untilFence()
      const sender = await house.online(house.person())
      client.reset()
      sender.message(other.jid, 'copied')
      expect(bodyOf(await other.until('message'))).toBe('copied')
      await other.close()
      await seconds(2.5)
      await sender.expectNothing()
      expect((await atNextLogin(house, client)).filter(it => it.name === 'message')).toEqual([])
    },
    { differs: { prosody: 'stores the copy' }, spares: { ejabberd: 'in its own time' } },
  )

  rule(
    'edge 80',
    'a message to the bare JID of two sleeping sessions is delivered once at the next login',
    async house => {
      const who = house.person()
      const [one, two] = [await house.managed(who, 'one'), await house.managed(who, 'two')]
      await one.untilFence()
      const sender = await house.online(house.person())
      one.reset()
      two.reset()
      sender.message(who.jid, 'just once')
      await sender.untilFence()
      await seconds(2.5)
      const returned = await sender.untilFence()
      expect(returned.length).toBeLessThanOrEqual(1)
      expect(bodies(await atNextLogin(house, one))).toEqual(['just once'])
    },
    { spares: { prosody: 'either once or twice', ejabberd: 'either once or twice' } },
  )

  rule('edge 86', 'those who got directed presence see the session end once', async house => {
    const client = await house.managed(house.person())
    const stranger = await house.online(house.person())
    client.send(`<presence to='${stranger.jid}'/>`)
    await stranger.expect('presence')
    client.reset()
    await stranger.expectNothing()
    await seconds(2.5)
    const came = await stranger.untilFence()
    expect(came.map(it => [it.attrs.type, it.attrs.from])).toEqual([['unavailable', client.jid]])
  })

  rule('edge 92', 'a new session of the same resource has another SM-ID', async house => {
    const who = house.person()
    const client = await house.managed(who)
    client.reset()
    await seconds(2.5)
    const later = await house.managed(who)
    expect(later.smId).not.toBe(client.smId)
  })
})

rules('the end of hibernation, tuned', { hibernationTime: 60, maxOldSessions: 2, people: 20 }, rule => {
  rule(
    'edge 16',
    "a client's own max ends its hibernation",
    async house => {
      const client = await house.managed(house.person(), 'desk', "resume='true' max='1'")
      client.reset()
      await seconds(2.5)
      const late = await house.returning(client)
      late.send(`<resume xmlns='${nsSm3}' previd='${client.smId}' h='${client.handled}'/>`)
      expect((await late.expect('failed')).attrs.h).toBe(String(client.sent))
    },
    { differs: { prosody: 'ignores max' } },
  )

  rule(
    'options',
    'with smacks_max_old_sessions = 2, only the h of the two newest is kept',
    async house => {
      const who = house.person()
      const old: XmppClient[] = []
      for (let n = 0; n < 4; n += 1) {
        const client = await house.managed(who, `r${n}`, "resume='true' max='1'")
        client.reset()
        old.push(client)
        await seconds(0.2)
      }
      await seconds(2.5)
      const later = await house.authenticated(who)
      const kept: boolean[] = []
      for (const client of old) {
        later.send(`<resume xmlns='${nsSm3}' previd='${client.smId}' h='0'/>`)
        kept.push((await later.expect('failed')).attrs.h !== undefined)
      }
      expect(kept).toEqual([false, false, true, true])
    },
    { differs: { prosody: 'ignores max' }, spares: { ejabberd: 'has no such option' } },
  )
})

rules(
  'the end of hibernation, without offline storage',
  { hibernationTime: 1, offlineStorage: false, people: 20 },
  rule => {
    rule(
      'mod_smacks',
      'the messages of the last session are returned with recipient-unavailable',
      async house => {
        const { client, sender } = await hibernating(house)
        sender.message(client.jid, 'returned')
        await sender.expectNothing()
        await seconds(2.5)
        const returned = await sender.until('message')
        expect(returned.attrs).toMatchObject({ type: 'error', id: 'returned', from: client.jid })
        expect(errorOf(returned)).toBe('recipient-unavailable')
      },
      { differs: { ejabberd: 'says service-unavailable' } },
    )

    rule('mod_smacks', 'while the session hibernates its messages are neither lost nor returned', async house => {
      const { client, sender } = await hibernating(house)
      sender.message(client.jid, 'kept')
      await sender.expectNothing()
      const again = await house.resumed(client)
      expect(bodies(await again.untilFence())).toEqual(['kept'])
    })
  },
)
