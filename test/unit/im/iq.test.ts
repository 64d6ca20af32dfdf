/** IQs: every get and set gets exactly one answer. */
import { describe, expect, it } from 'vitest'
import { errorReply, openHouse, xml } from './house.js'

const me = 'romeo@a.example/phone'

describe('a malformed iq goes back with bad-request', () => {
  const cases: ReadonlyArray<readonly [string, string, string]> = [
    ['without an id', `<iq type='get'><ping xmlns='urn:xmpp:ping'/></iq>`, `to='${me}'`],
    ['without a type', `<iq id='q'><ping xmlns='urn:xmpp:ping'/></iq>`, `id='q' to='${me}'`],
    ['of an unknown type', `<iq id='q' type='ask'><ping xmlns='urn:xmpp:ping'/></iq>`, `id='q' to='${me}'`],
    ['without a payload', `<iq id='q' type='get'/>`, `id='q' to='${me}'`],
    ['with two payloads', `<iq id='q' type='set'><a xmlns='x'/><b xmlns='x'/></iq>`, `id='q' to='${me}'`],
  ]
  for (const [what, stanza, addresses] of cases)
    it(what, () => {
      const romeo = openHouse().login('romeo@a.example', 'phone')
      romeo.says(stanza)
      expect(romeo.hears()).toEqual([errorReply('iq', addresses, 'modify', 'bad-request')])
    })
})

describe('a request that nobody here answers goes back with service-unavailable', () => {
  const cases: ReadonlyArray<readonly [string, string | undefined, string]> = [
    ['vcard-temp of the own account', undefined, `<vCard xmlns='vcard-temp'/>`],
    ['vcard-temp of somebody else', 'juliet@a.example', `<vCard xmlns='vcard-temp'/>`],
    ['private storage', undefined, `<query xmlns='jabber:iq:private'><x xmlns='y'/></query>`],
    ['external services', 'a.example', `<services xmlns='urn:xmpp:extdisco:2'/>`],
    [
      'disco of somebody who is no contact',
      'juliet@a.example',
      `<query xmlns='http://jabber.org/protocol/disco#info'/>`,
    ],
    ['disco of nobody', 'nobody@a.example', `<query xmlns='http://jabber.org/protocol/disco#info'/>`],
    ['ping of somebody else', 'juliet@a.example', `<ping xmlns='urn:xmpp:ping'/>`],
    ['a resource that is not there', 'juliet@a.example/gone', `<ping xmlns='urn:xmpp:ping'/>`],
    ['a resource of a domain', 'a.example/x', `<ping xmlns='urn:xmpp:ping'/>`],
  ]
  for (const [what, to, payload] of cases)
    it(what, () => {
      const romeo = openHouse().login('romeo@a.example', 'phone')
      romeo.says(`<iq type='get' id='q'${to === undefined ? '' : ` to='${to}'`}>${payload}</iq>`)
      const from = to === undefined ? '' : ` from='${to}'`
      expect(romeo.hears()).toEqual([errorReply('iq', `id='q' to='${me}'${from}`, 'cancel', 'service-unavailable')])
    })
})

describe('the server answers', () => {
  const cases: ReadonlyArray<readonly [string, string, string]> = [
    [
      'a ping of the domain',
      `<iq type='get' id='q' to='a.example'><ping xmlns='urn:xmpp:ping'/></iq>`,
      `<iq type='result' id='q' from='a.example' to='${me}'/>`,
    ],
    [
      'a ping of the own account',
      `<iq type='get' id='q' to='romeo@a.example'><ping xmlns='urn:xmpp:ping'/></iq>`,
      `<iq type='result' id='q' from='romeo@a.example' to='${me}'/>`,
    ],
    [
      'a request for a session, as older clients send it',
      `<iq type='set' id='q'><session xmlns='urn:ietf:params:xml:ns:xmpp-session'/></iq>`,
      `<iq type='result' id='q' to='${me}'/>`,
    ],
    [
      'its version',
      `<iq type='get' id='q' to='a.example'><query xmlns='jabber:iq:version'/></iq>`,
      `<iq type='result' id='q' from='a.example' to='${me}'><query xmlns='jabber:iq:version'><name>smacks</name><version>1.2.3</version></query></iq>`,
    ],
    [
      'its time',
      `<iq type='get' id='q' to='a.example'><time xmlns='urn:xmpp:time'/></iq>`,
      `<iq type='result' id='q' from='a.example' to='${me}'><time xmlns='urn:xmpp:time'><tzo>+00:00</tzo><utc>2026-01-01T00:00:00.000Z</utc></time></iq>`,
    ],
    [
      'the items of the domain',
      `<iq type='get' id='q' to='a.example'><query xmlns='http://jabber.org/protocol/disco#items'/></iq>`,
      `<iq type='result' id='q' from='a.example' to='${me}'><query xmlns='http://jabber.org/protocol/disco#items'/></iq>`,
    ],
    [
      'what the own account is',
      `<iq type='get' id='q' to='romeo@a.example'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>`,
      `<iq type='result' id='q' from='romeo@a.example' to='${me}'><query xmlns='http://jabber.org/protocol/disco#info'>` +
        `<identity category='account' type='registered'/><feature var='http://jabber.org/protocol/disco#info'/>` +
        `<feature var='http://jabber.org/protocol/disco#items'/></query></iq>`,
    ],
  ]
  for (const [what, request, reply] of cases)
    it(what, () => {
      const romeo = openHouse().login('romeo@a.example', 'phone')
      romeo.says(request)
      expect(romeo.hears()).toEqual(xml(reply))
    })

  it('what the domain is and can do, and nothing it cannot', () => {
    const feature = (storage: boolean): ReadonlyArray<string> => {
      const romeo = openHouse({ offlineStorage: storage }).login('romeo@a.example', 'phone')
      romeo.says(`<iq type='get' id='q' to='a.example'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>`)
      const [reply = ''] = romeo.hears()
      expect(reply).toContain('<identity category="server" name="smacks" type="im"/>')
      return [...reply.matchAll(/var="(.*?)"/g)].map(([, name]) => name ?? '').sort()
    }
    const always = [
      'http://jabber.org/protocol/disco#info',
      'http://jabber.org/protocol/disco#items',
      'jabber:iq:roster',
      'jabber:iq:version',
      'urn:xmpp:blocking',
      'urn:xmpp:carbons:2',
      'urn:xmpp:ping',
      'urn:xmpp:time',
    ]
    expect(feature(false)).toEqual(always)
    expect(feature(true)).toEqual([...always, 'msgoffline'].sort())
  })

  it('disco for a node it does not know with item-not-found', () => {
    const romeo = openHouse().login('romeo@a.example', 'phone')
    romeo.says(
      `<iq type='get' id='q' to='a.example'><query xmlns='http://jabber.org/protocol/disco#info' node='n'/></iq>`,
    )
    expect(romeo.hears()).toEqual([errorReply('iq', `id='q' from='a.example' to='${me}'`, 'cancel', 'item-not-found')])
  })

  it('disco of a contact to those who may see its presence', () => {
    const house = openHouse()
    house.befriend('romeo@a.example', 'juliet@a.example')
    const romeo = house.login('romeo@a.example', 'phone')
    romeo.says(
      `<iq type='get' id='q' to='juliet@a.example'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>`,
    )
    expect(romeo.hears()[0]).toContain('type="registered"')
  })
})

describe('an iq between sessions', () => {
  it('gets there, and its answer comes back', () => {
    const house = openHouse()
    const romeo = house.login('romeo@a.example', 'phone')
    const juliet = house.login('juliet@a.example', 'balcony')
    romeo.says(`<iq type='get' id='q' to='${juliet.jid}'><ping xmlns='urn:xmpp:ping'/></iq>`)
    expect(juliet.hears()).toEqual(
      xml(`<iq type='get' id='q' from='${me}' to='${juliet.jid}'><ping xmlns='urn:xmpp:ping'/></iq>`),
    )
    juliet.says(`<iq type='result' id='q' to='${me}'/>`)
    expect(romeo.hears()).toEqual(xml(`<iq type='result' id='q' from='${juliet.jid}' to='${me}'/>`))
  })

  it('that is a result or an error is never answered, wherever it goes', () => {
    const house = openHouse()
    const romeo = house.login('romeo@a.example', 'phone')
    for (const to of ['', `to='a.example'`, `to='juliet@a.example/gone'`, `to='x@elsewhere.example'`, `to='@'`])
      for (const type of ['result', 'error']) romeo.says(`<iq type='${type}' id='q' ${to}/>`)
    expect(romeo.hears()).toEqual([])
  })

  it('to a domain elsewhere goes back with remote-server-not-found', () => {
    const romeo = openHouse().login('romeo@a.example', 'phone')
    romeo.says(`<iq type='get' id='q' to='elsewhere.example'><ping xmlns='urn:xmpp:ping'/></iq>`)
    expect(romeo.hears()).toEqual([
      errorReply('iq', `id='q' from='elsewhere.example' to='${me}'`, 'cancel', 'remote-server-not-found'),
    ])
  })
})
