/** IQs across servers: each get and set gets one answer, wherever it goes. */
import { describe, expect, it } from 'vitest'
import { unreachable } from '../../../packages/im/src/remote/unreachable.js'
import { errorReply, xml } from './house.js'
import { openHouses } from './houses.js'

const romeoAccount = 'romeo@a.example'
const benvolioAccount = 'benvolio@c.example'
const ping = `<ping xmlns='urn:xmpp:ping'/>`
const info = `<query xmlns='http://jabber.org/protocol/disco#info'/>`

const asks = (to: string, payload: string, type = 'get'): string =>
  `<iq type='${type}' id='q' to='${to}'>${payload}</iq>`

describe('an iq to another server', () => {
  it('gets to its session, and the answer comes back to the one that asked', () => {
    const { here, there } = openHouses()
    const romeo = here.login(romeoAccount, 'phone')
    const other = here.login(romeoAccount, 'desk').appears(10)
    const benvolio = there.login(benvolioAccount, 'square')
    for (const type of ['result', 'error']) {
      romeo.says(asks(benvolio.jid, ping))
      expect(benvolio.hears()).toEqual(
        xml(`<iq type='get' id='q' from='${romeo.jid}' to='${benvolio.jid}'>${ping}</iq>`),
      )
      benvolio.says(`<iq type='${type}' id='q' to='${romeo.jid}'/>`)
      expect(romeo.hears()).toEqual(xml(`<iq type='${type}' id='q' from='${benvolio.jid}' to='${romeo.jid}'/>`))
    }
    expect(other.hears()).toEqual([])
  })

  it('is answered by the server that it names: ping, version, time, disco', () => {
    const { here } = openHouses()
    const romeo = here.login(romeoAccount, 'phone')
    const addresses = `type='result' id='q' from='c.example' to='${romeo.jid}'`
    romeo.says(asks('c.example', ping), asks('c.example', `<query xmlns='jabber:iq:version'/>`))
    expect(romeo.hears()).toEqual(
      xml(
        `<iq ${addresses}/>`,
        `<iq ${addresses}><query xmlns='jabber:iq:version'><name>smacks</name><version>1.2.3</version></query></iq>`,
      ),
    )
    romeo.says(asks('c.example', info), asks('c.example', `<time xmlns='urn:xmpp:time'/>`))
    const [features, time] = romeo.hears()
    expect(features).toContain('urn:xmpp:ping')
    expect(time).toContain('2026-01-01T00:00:00.000Z')
  })

  it('is answered on behalf of an account, to those who may see its presence', () => {
    const { here, there } = openHouses()
    const romeo = here.login(romeoAccount, 'phone')
    romeo.says(asks(benvolioAccount, info))
    const refused = errorReply(
      'iq',
      `id='q' from='${benvolioAccount}' to='${romeo.jid}'`,
      'cancel',
      'service-unavailable',
    )
    expect(romeo.hears()).toEqual([refused])
    there.rosters.put(benvolioAccount, {
      jid: romeoAccount,
      groups: [],
      approved: false,
      listed: true,
      state: 'from',
    })
    there.host.settle()
    romeo.says(asks(benvolioAccount, info))
    expect(romeo.hears()[0]).toContain('type="registered"')
  })

  it('is refused there if nobody answers it, whoever exists', () => {
    const { here, there } = openHouses()
    const romeo = here.login(romeoAccount, 'phone')
    const benvolio = there.login(benvolioAccount, 'square')
    for (const to of [benvolioAccount, 'nobody@c.example', `${benvolioAccount}/gone`, 'c.example/x']) {
      romeo.says(asks(to, ping))
      expect(romeo.hears()).toEqual([
        errorReply('iq', `id='q' from='${to}' to='${romeo.jid}'`, 'cancel', 'service-unavailable'),
      ])
    }
    expect(benvolio.hears()).toEqual([])
  })

  it('that is malformed does not leave', () => {
    const { here, wire } = openHouses()
    const romeo = here.login(romeoAccount, 'phone')
    romeo.says(`<iq type='get' id='q' to='c.example'/>`)
    expect(romeo.hears()).toEqual([
      errorReply('iq', `id='q' from='c.example' to='${romeo.jid}'`, 'modify', 'bad-request'),
    ])
    expect(wire.carried.here).toEqual([])
  })

  it('that cannot leave is refused', () => {
    const { here, wire } = openHouses()
    const romeo = here.login(romeoAccount, 'phone')
    wire.refuse(unreachable('remote-server-not-found'))
    romeo.says(asks('c.example', ping))
    expect(romeo.hears()).toEqual([
      errorReply('iq', `id='q' from='c.example' to='${romeo.jid}'`, 'cancel', 'remote-server-not-found'),
    ])
  })

  it('of a user whom its recipient blocks is refused', () => {
    const { here, there } = openHouses()
    const benvolio = there.login(benvolioAccount, 'square')
    benvolio.says(`<iq type='set' id='b'><block xmlns='urn:xmpp:blocking'><item jid='a.example'/></block></iq>`)
    benvolio.ignores()
    const romeo = here.login(romeoAccount, 'phone')
    romeo.says(asks(benvolio.jid, ping))
    expect(benvolio.hears()).toEqual([])
    expect(romeo.hears()).toEqual([
      errorReply('iq', `id='q' from='${benvolio.jid}' to='${romeo.jid}'`, 'cancel', 'service-unavailable'),
    ])
  })
})

describe('an account is changed by nobody elsewhere', () => {
  const payloads: ReadonlyArray<readonly [string, string]> = [
    ['set', `<query xmlns='jabber:iq:roster'><item jid='x@c.example'/></query>`],
    ['get', `<query xmlns='jabber:iq:roster'/>`],
    ['set', `<block xmlns='urn:xmpp:blocking'><item jid='x@c.example'/></block>`],
    ['get', `<blocklist xmlns='urn:xmpp:blocking'/>`],
    ['set', `<enable xmlns='urn:xmpp:carbons:2'/>`],
  ]
  for (const [type, payload] of payloads)
    it(`${type} ${payload}`, () => {
      const { here, there } = openHouses()
      const benvolio = there.login(benvolioAccount, 'square').appears()
      const romeo = here.login(romeoAccount, 'square')
      const before = there.rosters.roster(benvolioAccount).version
      for (const to of [benvolioAccount, 'c.example']) {
        romeo.says(asks(to, payload, type))
        const [answer = ''] = romeo.hears()
        expect(answer).toMatch(/forbidden|service-unavailable/)
      }
      expect(there.rosters.roster(benvolioAccount).version).toBe(before)
      expect(there.rosters.blocked(benvolioAccount).size).toBe(0)
      expect(benvolio.hears()).toEqual([])
    })
})
