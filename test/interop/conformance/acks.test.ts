/** Acks in both directions (XEP-0198 §§4, 6). */
import { expect } from 'vitest'
import { rules } from '../../support/rules.js'
import { bodyOf, child } from '../../support/xml.js'
import { nsSm3 } from '../../support/xmpp-client.js'

rules('acks', {}, rule => {
  rule('XEP-0198 §4', 'an <r/> of an idle session is answered at once with h=0', async house => {
    const client = await house.bound(house.person())
    await client.enable()
    expect(await client.acked()).toBe(0)
    expect(await client.acked()).toBe(0)
  })

  rule('XEP-0198 §4', 'an <r/> right behind a stanza is answered with that stanza counted', async house => {
    const client = await house.bound(house.person())
    await client.enable()
    client.send(`<presence/><r xmlns='${nsSm3}'/>`)
    expect((await client.until('a')).attrs.h).toBe('1')
  })

  rule('edge 33', 'a thousand <r/> get a thousand answers', async house => {
    const client = await house.bound(house.person())
    await client.enable()
    client.send(`<r xmlns='${nsSm3}'/>`.repeat(1_000))
    const answers = await client.expectMany('a', 1_000)
    expect(new Set(answers.map(it => it.attrs.h))).toEqual(new Set(['0']))
  })

  rule('edge 34', 'an unasked <a/> is accepted', async house => {
    const client = await house.managed(house.person())
    client.ack()
    await client.expectNothing()
  })

  rule('edge 35', 'the same <a/> twice is no error', async house => {
    const client = await house.managed(house.person())
    const h = client.handled
    client.ack(h)
    client.ack(h)
    client.ack(h)
    await client.expectNothing()
  })

  rule('edge 39', 'an <a/> for half of the queue leaves the other half, in order', async house => {
    const client = await house.managed(house.person())
    const sender = await house.online(house.person())
    const h = client.handled
    for (const body of ['1', '2', '3', '4', '5', '6']) sender.message(client.jid, body)
    await client.expectMany('message', 6)
    client.ack(h + 3)
    await client.expectNothing()
    client.reset()
    const again = await house.resumed(client, h + 3)
    const came = await again.untilFence()
    expect(came.map(bodyOf).filter(it => it !== undefined)).toEqual(['4', '5', '6'])
  })

  rule(
    'XEP-0198 §6',
    'an h above what was sent ends the stream with undefined-condition and handled-count-too-high, with the right counts',
    async house => {
      const client = await house.managed(house.person())
      const sent = client.handled
      client.ack(sent + 2)
      const error = await client.expectStreamError('undefined-condition')
      const tooHigh = child(error, 'handled-count-too-high', nsSm3)
      expect(tooHigh?.attrs).toMatchObject({ h: String(sent + 2), 'send-count': String(sent) })
    },
    {
      differs: {
        prosody: 'no <handled-count-too-high/>',
        ejabberd: 'no <handled-count-too-high/>',
      },
    },
  )

  rule('XEP-0198 §6', 'an h above what was sent ends the stream with undefined-condition', async house => {
    const client = await house.managed(house.person())
    client.ack(client.handled + 1)
    const error = await client.until(it => it.name === 'error')
    expect(child(error, 'undefined-condition')).toBeDefined()
  })

  rule('edge 37', 'a session that ended over a wrong h cannot be resumed', async house => {
    const client = await house.managed(house.person())
    client.ack(client.handled + 7)
    await client.expectLost()
    const again = await house.returning(client)
    again.send(`<resume xmlns='${nsSm3}' previd='${client.smId}' h='${client.handled}'/>`)
    const failed = await again.expect('failed')
    expect(child(failed, 'item-not-found')).toBeDefined()
  })

  rule('smacks', 'the queue of a session that ended over a wrong h is not lost', async house => {
    const who = house.person()
    const client = await house.managed(who)
    const sender = await house.online(house.person())
    const h = client.handled
    sender.message(client.jid, 'precious')
    await client.expect('message')
    client.ack(h + 99)
    await client.expectLost()
    const later = await house.bound(who)
    later.send('<presence/>')
    const came = await later.untilFence()
    expect(came.map(bodyOf).filter(it => it !== undefined)).toEqual(['precious'])
  })

  for (const h of [undefined, '', '-1', '1.5', '5 5', 'many', '4294967296', '99999999999999999999'])
    rule(
      'edge 38',
      `an <a/> ${h === undefined ? 'without h' : `with h='${h}'`} ends the stream with an error`,
      async house => {
        const client = await house.managed(house.person())
        client.send(`<a xmlns='${nsSm3}'${h === undefined ? '' : ` h='${h}'`}/>`)
        const error = await client.expectStreamError()
        expect(child(error, 'text')?.text).toMatch(/h/)
      },
      {
        differs: { ejabberd: 'answers <failed/> and goes on' },
        spares: h === '1.5' ? { prosody: 'reads any number of Lua' } : {},
      },
    )

  for (const write of [(h: number) => ` ${h} `, (h: number) => `+${h}`, (h: number) => `\t00${h}`])
    rule(
      'XML Schema 2, 4.3.6',
      `an <a/> with h='${write(5)}' is one with h='5'`,
      async house => {
        const client = await house.managed(house.person())
        client.send(`<a xmlns='${nsSm3}' h='${write(client.handled)}'/>`)
        await client.expectNothing()
      },
      { spares: { ejabberd: 'takes the sign, and no white space' } },
    )

  rule(
    'edge 36',
    'an h below the one before ends the stream with an error, not with 2^32 acks',
    async house => {
      const client = await house.managed(house.person())
      client.ack()
      client.ack(client.handled - 1)
      await client.expectStreamError()
    },
    { differs: { ejabberd: 'ignores it' } },
  )

  rule('edge 36', 'an h below the one before loses nothing', async house => {
    const who = house.person()
    const client = await house.managed(who)
    const sender = await house.online(house.person())
    client.ack()
    const h = client.handled
    sender.message(client.jid, 'precious')
    await client.expect('message')
    client.ack(h - 1)
    await client.expectLost()
    const later = await house.bound(who)
    later.send('<presence/>')
    const came = await later.untilFence()
    expect(came.map(bodyOf).filter(it => it !== undefined)).toEqual(['precious'])
  })

  rule('clients 14', 'an h that stays too low is tolerated without penalty', async house => {
    const client = await house.managed(house.person())
    const sender = await house.online(house.person())
    const h = client.handled
    for (let n = 0; n < 20; n += 1) {
      sender.message(client.jid, String(n))
      await client.expect('message')
      client.ack(h)
    }
    await client.expectNothing()
  })

  rule(
    'edge 43',
    'a clean close is answered by a last <a/> before </stream:stream>',
    async house => {
      const client = await house.managed(house.person())
      client.send('<presence/>')
      await client.untilFence()
      const before = await client.close()
      expect(before.map(it => [it.name, it.attrs.h])).toEqual([['a', String(client.sent)]])
    },
    { differs: { ejabberd: 'sends no last <a/>' } },
  )

  rule(
    'XEP-0198 §4',
    "a client's last <a/> before </stream:stream> counts: nothing is delivered again",
    async house => {
      const who = house.person()
      const client = await house.managed(who)
      const sender = await house.online(house.person())
      sender.message(client.jid, 'seen')
      await client.expect('message')
      client.ack()
      await client.close()
      const later = await house.bound(who)
      later.send('<presence/>')
      const came = await later.untilFence()
      expect(came.filter(it => it.name === 'message')).toEqual([])
    },
  )

  rule('XEP-0198 §4', 'what was not acked at a clean close is delivered at the next login', async house => {
    const who = house.person()
    const client = await house.managed(who)
    const sender = await house.online(house.person())
    sender.message(client.jid, 'unseen')
    await sender.untilFence()
    client.send('</stream:stream>')
    await client.expectLost()
    const later = await house.bound(who)
    later.send('<presence/>')
    const came = await later.untilFence()
    expect(came.map(bodyOf).filter(it => it !== undefined)).toEqual(['unseen'])
  })
})
