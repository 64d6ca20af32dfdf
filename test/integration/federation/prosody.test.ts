/** Our server and a real Prosody: all kinds of traffic, both ways of showing who one is, and what is negotiated. */
import { describe, expect, test } from 'vitest'
import { createAuthority } from '../../support/authority.js'
import { type BesideProsody, besideProsody, domains } from '../../support/federation/beside-prosody.js'
import { conditionOf, pingAcross } from '../../support/federation/letters.js'
import { prosodyProgram } from '../../support/federation/prosody.js'
import type { House } from '../../support/house.js'
import { bodyOf, type Xml } from '../../support/xml.js'
import type { XmppClient } from '../../support/xmpp-client.js'
import { bodiesOf, comeBack, eventually } from '../ground.js'

const here = prosodyProgram() === undefined ? describe.skip : describe
const named = (name: string): string =>
  prosodyProgram() === undefined ? `${name} (skipped: Prosody is not installed, apt install prosody)` : name

interface Both {
  readonly ours: House
  readonly prosodys: House
}

/** How the two show who they are; each leaves no other way. */
const ways = {
  'SASL EXTERNAL': async ({ serveOurs, serveProsody }: BesideProsody): Promise<Both> => {
    const lua = ['s2s_secure_auth = true', 'modules_disabled = { "dialback" }']
    const s2s = { authentication: 'external' }
    return {
      prosodys: await serveProsody({ lua, logLevel: 'debug' }),
      ours: await serveOurs({ s2s, config: { log_level: process.env.SMACKS_LOG_LEVEL ?? 'info' } }),
    }
  },
  dialback: async ({ serveOurs, serveProsody }: BesideProsody): Promise<Both> => {
    const nobody = await createAuthority('Nobody trusts it')
    const of = (dns: string) => nobody.issue({ names: [{ dns }] })
    const prosodys = await serveProsody({
      certificate: await of(domains.prosody),
      lua: ['s2s_secure_auth = false'],
      logLevel: 'debug',
    })
    const ours = await serveOurs({
      certificate: await of(domains.ours),
      s2s: { authentication: 'dialback' },
      config: { log_level: process.env.SMACKS_LOG_LEVEL ?? 'info' },
    })
    return { prosodys, ours }
  },
}

/** The two directions, from the house of the one who begins. */
const directions = ({ ours, prosodys }: Both) => [
  { from: ours, to: prosodys },
  { from: prosodys, to: ours },
]

for (const [way, serve] of Object.entries(ways)) {
  here(named(`with ${way}, both ways,`), () => {
    const between = (play: (both: Both) => Promise<void>) => () =>
      besideProsody(async beside => play(await serve(beside)))

    test(
      'messages come, and those to nobody come back',
      between(async both => {
        for (const { from, to } of directions(both)) {
          const [romeo, juliet] = await Promise.all([from.managed(from.person()), to.managed(to.person())])
          romeo.message(juliet.jid, 'over there')
          const message = await juliet.until('message')
          expect(bodyOf(message)).toBe('over there')
          expect(message.attrs).toMatchObject({ from: romeo.jid, to: juliet.jid, type: 'chat' })
          romeo.message(`nobody@${to.server.domain}`, 'to nobody')
          const error = await romeo.until('message')
          expect(error.attrs).toMatchObject({ type: 'error', id: 'to nobody', from: `nobody@${to.server.domain}` })
          expect(conditionOf(error)).toBe('service-unavailable')
        }
      }),
    )

    test(
      'requests are answered, by servers and by people',
      between(async both => {
        for (const { from, to } of directions(both)) {
          const [romeo, juliet] = await Promise.all([from.managed(from.person()), to.managed(to.person())])
          const there = to.server.domain
          const [pong] = await pingAcross(romeo, there)
          expect(pong.attrs).toMatchObject({ type: 'result', from: there, to: romeo.jid })
          const disco = await romeo.ask(
            `<iq type='get' id='d1' to='${there}'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>`,
          )
          expect(disco.attrs.type).toBe('result')
          const [query] = disco.children
          expect(query?.children.some(({ name, attrs }) => name === 'identity' && attrs.category === 'server')).toBe(
            true,
          )

          romeo.send(`<iq type='get' id='q1' to='${juliet.jid}'><query xmlns='urn:example:question'/></iq>`)
          const question = await juliet.until('iq')
          expect(question.attrs).toMatchObject({ type: 'get', id: 'q1', from: romeo.jid })
          juliet.send(`<iq type='result' id='q1' to='${romeo.jid}'><query xmlns='urn:example:question'/></iq>`)
          expect((await romeo.until('iq')).attrs).toMatchObject({ type: 'result', id: 'q1', from: juliet.jid })

          const unknown = await romeo.ask(`<iq type='get' id='u1' to='${there}'><query xmlns='urn:example:odd'/></iq>`)
          expect(conditionOf(unknown)).toBe('service-unavailable')
          const away = await romeo.ask(
            `<iq type='get' id='u2' to='nobody@${there}/desk'><query xmlns='urn:example:odd'/></iq>`,
          )
          expect(conditionOf(away)).toBe('service-unavailable')
        }
      }),
    )

    test(
      'people become contacts, and see each other come, change and go',
      between(async both => {
        for (const { from, to } of directions(both)) {
          const people = [from.person(), to.person()] as const
          const [romeo, juliet] = await Promise.all([from.managed(people[0]), to.managed(people[1])])
          for (const client of [romeo, juliet])
            await client.ask("<iq type='get' id='roster'><query xmlns='jabber:iq:roster'/></iq>")
          await invite(romeo, juliet)
          await invite(juliet, romeo)

          romeo.send('<presence><show>away</show><status>on the balcony</status></presence>')
          const changed = await juliet.until(it => isPresence(it, romeo.jid) && it.children.length > 0)
          expect(changed.children.find(({ name }) => name === 'status')?.text).toBe('on the balcony')
          await romeo.close()
          await juliet.until(it => isPresence(it, romeo.jid, 'unavailable'))

          // Who comes back asks the other server, and is told.
          const again = await from.managed(people[0], 'garden')
          await again.until(it => isPresence(it, juliet.jid))
          await juliet.until(it => isPresence(it, again.jid))
          again.send(`<presence type='unsubscribe' to='${people[1].jid}'/>`)
          await juliet.until(it => isPresence(it, people[0].jid, 'unsubscribe'))
        }
      }),
    )

    test(
      'messages wait for those who are offline',
      between(async both => {
        for (const { from, to } of directions(both)) {
          const [romeo, absent] = [await from.managed(from.person()), to.person()]
          for (const body of ['one', 'two', 'three']) romeo.message(absent.jid, body)
          const [pong] = await pingAcross(romeo, to.server.domain)
          expect(pong.attrs.type).toBe('result')
          const juliet = await to.bound(absent)
          const waited = await comeBack(juliet)
          expect(bodiesOf(waited)).toEqual(['one', 'two', 'three'])
          expect(waited.every(({ children }) => children.some(({ ns }) => ns === 'urn:xmpp:delay'))).toBe(true)
        }
      }),
    )

    test(
      'stream management is on where Prosody can have it',
      between(async both => {
        for (const { from, to } of directions(both)) {
          const [romeo, juliet] = await Promise.all([from.managed(from.person()), to.managed(to.person())])
          romeo.message(juliet.jid, 'first')
          await juliet.until('message')
          romeo.message(juliet.jid, 'second')
          await juliet.until('message')
        }
        const said = both.prosodys.server.output
        // Prosody offers and enables it with the features after authentication, which dialback does not have.
        if (way === 'dialback') {
          expect(said()).not.toMatch(/\[s2s(in|out)\]: <enabled? /)
          expect(both.ours.server.output()).toContain('"how":"dialback"')
          return
        }
        for (const nonza of [
          'Received[s2sin]: <enable ',
          'Sending[s2sin]: <enabled ',
          'Sending[s2sout]: <enable ',
          'Received[s2sout]: <enabled ',
          'Received[s2sin]: <r ',
          'Sending[s2sin]: <a ',
        ])
          await eventually(
            () => said().includes(nonza),
            () => nonza,
          )
        expect(both.ours.server.output()).toContain('"how":"a certificate"')
      }),
    )
  })
}

/** One asks to see the other's presence, and may. */
const invite = async (asking: XmppClient, asked: XmppClient): Promise<void> => {
  asking.send(`<presence to='${bare(asked.jid)}' type='subscribe'/>`)
  await asked.until(it => isPresence(it, bare(asking.jid), 'subscribe'))
  asked.send(`<presence to='${bare(asking.jid)}' type='subscribed'/>`)
  await asking.until(it => isPresence(it, bare(asked.jid), 'subscribed'))
  await asking.until(it => isPresence(it, asked.jid))
}

const isPresence = (element: Xml, from: string, type?: string): boolean =>
  element.name === 'presence' && element.attrs.from === from && element.attrs.type === type

const bare = (jid: string): string => jid.replace(/\/.*/, '')
