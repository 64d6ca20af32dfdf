/** A session goes from one line to another while the former line still stands (XEP-0198 §5, RFC 6120 §7.7.2.2). */
import { expect } from 'vitest'
import { rules } from '../../support/rules.js'
import { bodyOf, child, type Xml } from '../../support/xml.js'
import { nsSm3, type XmppClient } from '../../support/xmpp-client.js'

const bodies = (came: ReadonlyArray<Xml>): ReadonlyArray<string> =>
  came.map(bodyOf).filter((it): it is string => it !== undefined)

const numbers = (count: number): ReadonlyArray<string> => Array.from({ length: count }, (_, n) => String(n))

rules('hand-over', {}, rule => {
  rule(
    'edge 56',
    'the line that still stands learns what was handled, gets a conflict and is closed',
    async house => {
      const client = await house.managed(house.person())
      const again = await house.resumed(client)
      expect((await client.expect('a')).attrs.h).toBe(String(client.sent))
      await client.expectStreamError('conflict')
      await again.expectNothing()
    },
    { differs: { prosody: 'closes the line without a word' } },
  )

  rule('edge 56', 'after the hand-over stanzas go to the new line, and to it alone', async house => {
    const client = await house.managed(house.person())
    const sender = await house.online(house.person())
    const again = await house.resumed(client)
    sender.message(client.jid, 'for the new line')
    expect(bodyOf(await again.until('message'))).toBe('for the new line')
    const left = await client.expectLost()
    expect(left.filter(it => it.kind === 'element' && it.element.name === 'message')).toEqual([])
  })

  rule('edge 56', 'under a stream of messages nothing is lost, doubled or reordered by a hand-over', async house => {
    let client = await house.managed(house.person())
    const sender = await house.online(house.person())
    const sent = numbers(200)
    const seen: string[] = []
    for (const [n, body] of sent.entries()) {
      sender.message(client.jid, body)
      if (n % 40 === 20) {
        seen.push(bodyOf(await client.until('message')) ?? '')
        client = await house.resumed(client)
      }
    }
    await sender.untilFence()
    seen.push(...bodies(await client.untilFence()))
    expect(seen).toEqual(sent)
  })

  rule(
    'edge 57',
    'what was sent on the former line right before the hand-over arrives once, as <resumed h/> says',
    async house => {
      const client = await house.managed(house.person())
      const reader = await house.online(house.person())
      const handledBefore = client.sent
      const sent = numbers(30)
      const again = await house.returning(client)
      for (const body of sent) client.message(reader.jid, body)
      const resumed = await again.resume(client)
      const handled = Number(resumed.attrs.h) - handledBefore
      for (const body of sent.slice(handled)) again.message(reader.jid, body)
      await again.untilFence()
      expect(bodies(await reader.untilFence())).toEqual(sent)
    },
  )

  rule('edge 55', 'of five resumes at once exactly one line ends up with the session', async house => {
    const client = await house.managed(house.person())
    const sender = await house.online(house.person())
    client.reset()
    const rivals = await Promise.all([1, 2, 3, 4, 5].map(() => house.returning(client)))
    for (const rival of rivals) rival.send(`<resume xmlns='${nsSm3}' previd='${client.smId}' h='${client.handled}'/>`)
    const first = await Promise.all(rivals.map(rival => rival.element()))
    expect(first.every(it => ['resumed', 'failed'].includes(it.name))).toBe(true)
    await sender.untilFence()
    sender.message(client.jid, 'who has it?')
    await sender.untilFence()
    const readers = await Promise.all(rivals.map((rival, n) => winner(rival, first[n])))
    expect(readers.filter(it => it === 'who has it?')).toHaveLength(1)
  })

  rule('smacks', 'a half-open line is taken over, and what it swallowed comes again', async house => {
    const client = await house.managed(house.person())
    const sender = await house.online(house.person())
    client.freeze()
    for (const body of numbers(10)) sender.message(client.jid, body)
    await sender.untilFence()
    const again = await house.resumed(client)
    expect(bodies(await again.untilFence())).toEqual(numbers(10))
  })

  rule('edge 42', 'an <r/> unanswered on the former line does no harm on the new one', async house => {
    const client = await house.managed(house.person())
    const sender = await house.online(house.person())
    sender.message(client.jid, 'one')
    await client.expect('message')
    const again = await house.resumed(client)
    again.ack()
    sender.message(client.jid, 'two')
    expect(bodyOf(await again.until('message'))).toBe('two')
    await again.expectNothing()
  })

  rule('RFC 6120 7.7.2.2', 'binding a resource that is in use ends one of the two, and tells it why', async house => {
    const who = house.person()
    const former = await house.online(who, 'same')
    const later = await house.authenticated(who)
    later.send(
      "<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>same</resource></bind></iq>",
    )
    const answer = await later.expect('iq')
    if (answer.attrs.type === 'error') expect(child(child(answer, 'error'), 'conflict')).toBeDefined()
    else if (child(child(answer, 'bind'), 'jid')?.text === former.jid) await former.expectStreamError('conflict')
    else await former.expectNothing()
  })

  rule('clients 17', 'binding the resource of a hibernating session ends that session', async house => {
    const who = house.person()
    const client = await house.managed(who, 'same')
    client.reset()
    const later = await house.bound(who, 'same')
    expect(later.jid).toBe(client.jid)
    const again = await house.authenticated(who)
    again.send(`<resume xmlns='${nsSm3}' previd='${client.smId}' h='${client.handled}'/>`)
    expect(child(await again.expect('failed'), 'item-not-found')).toBeDefined()
  })

  rule(
    'edge 83',
    'the queue of a hibernating session whose resource is bound anew goes to exactly one place',
    async house => {
      const who = house.person()
      const client = await house.managed(who, 'same')
      const sender = await house.online(house.person())
      client.reset()
      for (const body of numbers(5)) sender.message(client.jid, body)
      await sender.untilFence()
      const later = await house.bound(who, 'same')
      later.send('<presence/>')
      const came = [...(await later.untilFence()), ...(await later.close())]
      const last = await house.bound(who, 'same')
      last.send('<presence/>')
      const stored = await last.untilFence()
      const returned = await sender.untilFence()
      expect([...bodies(came), ...bodies(stored), ...bodies(returned)]).toEqual(numbers(5))
    },
    { spares: { ejabberd: 'stores in its own time' } },
  )

  rule('edge 84', 'the end of a line that was handed over takes nothing from the session', async house => {
    const [one, other] = [house.person(), house.person()]
    await house.befriend(one, other)
    const friend = await house.online(other)
    const client = await house.managed(one)
    await friend.until('presence')
    const again = await house.resumed(client)
    client.reset()
    await friend.expectNothing()
    friend.message(client.jid, 'still there?')
    expect(bodyOf(await again.until('message'))).toBe('still there?')
  })
})

/** The body that a rival reads, if it has the session. */
const winner = async (rival: XmppClient, first: Xml | undefined): Promise<string | undefined> => {
  if (first?.name !== 'resumed') return undefined
  for (;;) {
    const item = await rival.next()
    if (item.kind !== 'element') return undefined
    if (item.element.name === 'message') return bodyOf(item.element)
  }
}
