/** Subscriptions from end to end (RFC 6121 §3): both rosters, pushes, and presence. */
import { describe, expect, it } from 'vitest'
import { pendingRequestCharacters, pendingRequests } from '../../../packages/im/src/limits.js'
import { canonical, errorReply, type House, openHouse, xml } from './house.js'

const romeoAccount = 'romeo@a.example'
const julietAccount = 'juliet@a.example'

const between = (from: string, to: string, type: string): string =>
  canonical(`<presence from='${from}' to='${to}' type='${type}'/>`)

/** The items that were pushed, as `jid subscription ask`. */
const pushes = (heard: ReadonlyArray<string>): ReadonlyArray<string> =>
  heard
    .filter(text => text.startsWith('<iq') && text.includes('type="set"'))
    .map(text => {
      const attribute = (name: string): string =>
        new RegExp(` ${name}="(.*?)"`).exec(/<item.*?>/.exec(text)?.[0] ?? '')?.[1] ?? ''
      return [attribute('jid'), attribute('subscription'), attribute('ask')].join(' ').trim()
    })

const presences = (heard: ReadonlyArray<string>): ReadonlyArray<string> =>
  heard.filter(text => text.startsWith('<presence'))

const stateOf = (house: House, account: string, contact: string): string | undefined =>
  house.rosters.roster(account).items.get(contact)?.state

const both = () => {
  const house = openHouse()
  const romeo = house.login(romeoAccount, 'phone').appears()
  const juliet = house.login(julietAccount, 'balcony').appears()
  return { house, romeo, juliet }
}

describe('asking for a subscription and getting it', () => {
  it('puts the contact into both rosters and shows presence', () => {
    const { house, romeo, juliet } = both()
    romeo.says(`<presence type='subscribe' to='${julietAccount}/balcony'/>`)
    expect(pushes(romeo.hears())).toEqual([`${julietAccount} none subscribe`])
    expect(juliet.hears()).toEqual([between(romeoAccount, julietAccount, 'subscribe')])

    juliet.says(`<presence type='subscribed' to='${romeoAccount}'/>`)
    expect(pushes(juliet.hears())).toEqual([`${romeoAccount} from`])
    const heard = romeo.hears()
    expect(pushes(heard)).toEqual([`${julietAccount} to`])
    expect(presences(heard)).toEqual([
      between(julietAccount, romeoAccount, 'subscribed'),
      canonical(`<presence from='${juliet.jid}' to='${romeoAccount}'/>`),
    ])
    expect([stateOf(house, romeoAccount, julietAccount), stateOf(house, julietAccount, romeoAccount)]).toEqual([
      'to',
      'from',
    ])
  })

  it('in both directions ends in both', () => {
    const { house, romeo, juliet } = both()
    romeo.says(`<presence type='subscribe' to='${julietAccount}'/>`)
    juliet.says(
      `<presence type='subscribed' to='${romeoAccount}'/>`,
      `<presence type='subscribe' to='${romeoAccount}'/>`,
    )
    romeo.says(`<presence type='subscribed' to='${julietAccount}'/>`)
    expect([stateOf(house, romeoAccount, julietAccount), stateOf(house, julietAccount, romeoAccount)]).toEqual([
      'both',
      'both',
    ])
  })
})

describe('a request', () => {
  it('waits for the user and is shown at each login until it is answered', () => {
    const house = openHouse()
    const romeo = house.login(romeoAccount, 'phone').appears()
    romeo.says(`<presence type='subscribe' to='${julietAccount}'><status>please</status></presence>`)
    const asked = canonical(
      `<presence from='${romeoAccount}' to='${julietAccount}' type='subscribe'><status>please</status></presence>`,
    )
    for (const resource of ['one', 'two']) {
      const juliet = house.login(julietAccount, resource)
      juliet.says('<presence/>')
      expect(juliet.hears()).toContain(asked)
    }
    const juliet = house.login(julietAccount, 'three').appears()
    juliet.says(`<presence type='unsubscribed' to='${romeoAccount}'/>`)
    const later = house.login(julietAccount, 'four')
    later.says('<presence/>')
    expect(later.hears()).not.toContain(asked)
    expect(romeo.hears()).toContain(between(julietAccount, romeoAccount, 'unsubscribed'))
    expect(stateOf(house, romeoAccount, julietAccount)).toBe('none')
  })

  it('does not show in the roster of whoever is asked', () => {
    const { romeo, juliet } = both()
    romeo.says(`<presence type='subscribe' to='${julietAccount}'/>`)
    expect(pushes(juliet.hears())).toEqual([])
    juliet.says(`<iq type='get' id='r'><query xmlns='jabber:iq:roster'/></iq>`)
    expect(juliet.hears()[0]).not.toContain('<item')
  })

  it('that was granted already is answered by the server', () => {
    const { house, romeo, juliet } = both()
    const item = { groups: [], approved: false, listed: true } as const
    house.rosters.put(julietAccount, { ...item, jid: romeoAccount, state: 'from' })
    romeo.says(`<presence type='subscribe' to='${julietAccount}'/>`)
    expect(juliet.hears()).toEqual([])
    expect(presences(romeo.hears())).toContain(between(julietAccount, romeoAccount, 'subscribed'))
    expect(stateOf(house, romeoAccount, julietAccount)).toBe('to')
  })

  it('to nobody is heard by nobody, and to oneself does nothing', () => {
    const { house, romeo } = both()
    romeo.says(`<presence type='subscribe' to='nobody@a.example'/>`)
    expect(presences(romeo.hears())).toEqual([])
    expect(stateOf(house, 'nobody@a.example', romeoAccount)).toBeUndefined()
    romeo.says(`<presence type='subscribe' to='${romeoAccount}'/>`)
    expect(romeo.hears()).toEqual([])
  })

  it('is refused when too many wait', () => {
    const { house, romeo, juliet } = both()
    const item = { groups: [], approved: false, listed: false, request: '<presence/>', state: 'none+in' } as const
    for (let n = 0; n < pendingRequests; n += 1) house.rosters.put(julietAccount, { ...item, jid: `u${n}@a.example` })
    romeo.says(`<presence type='subscribe' to='${julietAccount}'/>`)
    expect(juliet.hears()).toEqual([])
    expect(stateOf(house, julietAccount, romeoAccount)).toBeUndefined()
    expect(presences(romeo.hears())).toEqual([
      errorReply('presence', `from='${julietAccount}' to='${romeo.jid}'`, 'wait', 'resource-constraint'),
    ])
  })

  it('waits whole, however long it is, as long as all of them have room', () => {
    const house = openHouse()
    const nick = (length: number): string =>
      `<nick xmlns='http://jabber.org/protocol/nick'>${'n'.repeat(length)}</nick>`
    const romeo = house.login(romeoAccount, 'phone')
    romeo.says(`<presence type='subscribe' id='s' to='${julietAccount}'>${nick(100_000)}</presence>`)
    const tybalt = house.login('tybalt@b.example', 'street')
    tybalt.says(
      `<presence type='subscribe' to='${julietAccount}'>${nick(pendingRequestCharacters - 100_000)}</presence>`,
    )
    expect(presences(tybalt.hears()).join()).toContain('resource-constraint')
    const juliet = house.login(julietAccount, 'balcony')
    juliet.says('<presence/>')
    expect(juliet.hears().filter(text => text.includes('type="subscribe"'))).toEqual([
      canonical(
        `<presence type='subscribe' id='s' from='${romeoAccount}' to='${julietAccount}'>${nick(100_000)}</presence>`,
      ),
    ])
  })
})

describe('approval before the request (§3.4)', () => {
  it('grants it as soon as it comes', () => {
    const { house, romeo, juliet } = both()
    juliet.says(`<presence type='subscribed' to='${romeoAccount}'/>`)
    expect(juliet.hears().join()).toContain('approved="true"')
    expect(presences(romeo.hears())).toEqual([])
    romeo.says(`<presence type='subscribe' to='${julietAccount}'/>`)
    expect(presences(juliet.hears())).toEqual([])
    expect([stateOf(house, romeoAccount, julietAccount), stateOf(house, julietAccount, romeoAccount)]).toEqual([
      'to',
      'from',
    ])
  })

  it('can be taken back', () => {
    const { house, romeo, juliet } = both()
    juliet.says(
      `<presence type='subscribed' to='${romeoAccount}'/>`,
      `<presence type='unsubscribed' to='${romeoAccount}'/>`,
    )
    romeo.says(`<presence type='subscribe' to='${julietAccount}'/>`)
    expect(stateOf(house, julietAccount, romeoAccount)).toBe('none+in')
  })
})

describe('ending a subscription', () => {
  const befriended = () => {
    const house = openHouse()
    house.befriend(romeoAccount, julietAccount)
    const romeo = house.login(romeoAccount, 'phone').appears()
    const juliet = house.login(julietAccount, 'balcony').appears()
    romeo.ignores()
    return { house, romeo, juliet }
  }

  it('with unsubscribe: the contact is told and its presence goes', () => {
    const { house, romeo, juliet } = befriended()
    romeo.says(`<presence type='unsubscribe' to='${julietAccount}'/>`)
    const heard = romeo.hears()
    expect(pushes(heard)).toEqual([`${julietAccount} from`])
    expect(presences(heard)).toEqual([
      canonical(`<presence from='${juliet.jid}' to='${romeoAccount}' type='unavailable'/>`),
    ])
    const told = juliet.hears()
    expect(presences(told)).toEqual([between(romeoAccount, julietAccount, 'unsubscribe')])
    expect(pushes(told)).toEqual([`${romeoAccount} to`])
    expect(stateOf(house, julietAccount, romeoAccount)).toBe('to')
  })

  it('with unsubscribed: the contact sees the user leave, then learns why', () => {
    const { house, romeo, juliet } = befriended()
    romeo.says(`<presence type='unsubscribed' to='${julietAccount}'/>`)
    expect(presences(juliet.hears())).toEqual([
      canonical(`<presence from='${romeo.jid}' to='${julietAccount}' type='unavailable'/>`),
      between(romeoAccount, julietAccount, 'unsubscribed'),
    ])
    expect(pushes(romeo.hears())).toEqual([`${julietAccount} to`])
    expect(stateOf(house, julietAccount, romeoAccount)).toBe('from')
  })

  it('by removing the contact: both directions end', () => {
    const { house, romeo, juliet } = befriended()
    romeo.says(
      `<iq type='set' id='x'><query xmlns='jabber:iq:roster'><item jid='${julietAccount}' subscription='remove'/></query></iq>`,
    )
    const heard = romeo.hears()
    expect(pushes(heard)).toEqual([`${julietAccount} remove`])
    expect(heard).toContain(canonical(`<iq type='result' id='x' to='${romeo.jid}'/>`))
    expect(presences(juliet.hears())).toEqual([
      between(romeoAccount, julietAccount, 'unsubscribe'),
      canonical(`<presence from='${romeo.jid}' to='${julietAccount}' type='unavailable'/>`),
      between(romeoAccount, julietAccount, 'unsubscribed'),
    ])
    expect([stateOf(house, romeoAccount, julietAccount), stateOf(house, julietAccount, romeoAccount)]).toEqual([
      undefined,
      'none',
    ])
  })
})

describe('blocking (XEP-0191)', () => {
  const block = (jid: string, verb = 'block'): string =>
    `<iq type='set' id='b'><${verb} xmlns='urn:xmpp:blocking'><item jid='${jid}'/></${verb}></iq>`

  it('lists, blocks and unblocks, and tells the sessions that asked for the list', () => {
    const { juliet } = both()
    juliet.says(`<iq type='get' id='l'><blocklist xmlns='urn:xmpp:blocking'/></iq>`)
    expect(juliet.hears()).toEqual(
      xml(`<iq type='result' id='l' to='${juliet.jid}'><blocklist xmlns='urn:xmpp:blocking'/></iq>`),
    )
    juliet.says(block('Romeo@a.example'))
    const [answer, push = ''] = juliet.hears()
    expect(answer).toBe(canonical(`<iq type='result' id='b' to='${juliet.jid}'/>`))
    expect(push).toContain(`<block xmlns="urn:xmpp:blocking"><item jid="${romeoAccount}"/></block>`)
    juliet.says(`<iq type='get' id='l'><blocklist xmlns='urn:xmpp:blocking'/></iq>`)
    expect(juliet.hears()[0]).toContain(romeoAccount)
    juliet.says(`<iq type='set' id='u'><unblock xmlns='urn:xmpp:blocking'/></iq>`)
    juliet.ignores()
    juliet.says(`<iq type='get' id='l'><blocklist xmlns='urn:xmpp:blocking'/></iq>`)
    expect(juliet.hears()[0]).not.toContain(romeoAccount)
  })

  it('makes the user unavailable for whoever is blocked, in every way', () => {
    const house = openHouse()
    house.befriend(romeoAccount, julietAccount)
    const romeo = house.login(romeoAccount, 'phone').appears()
    const juliet = house.login(julietAccount, 'balcony').appears()
    romeo.ignores()
    juliet.says(block(romeoAccount))
    expect(romeo.hears()).toEqual(xml(`<presence from='${juliet.jid}' to='${romeoAccount}' type='unavailable'/>`))
    juliet.ignores()
    romeo.says(
      `<message id='m' to='${juliet.jid}'><body>hi</body></message>`,
      `<iq id='i' type='get' to='${juliet.jid}'><ping xmlns='urn:xmpp:ping'/></iq>`,
      `<presence to='${juliet.jid}'/>`,
      '<presence><show>away</show></presence>',
    )
    expect(juliet.hears()).toEqual([])
    const errors = romeo.hears().filter(text => text.includes('type="error"'))
    expect(errors).toHaveLength(2)
    for (const error of errors) expect(error).toContain('service-unavailable')
    juliet.says('<presence><show>dnd</show></presence>')
    expect(romeo.hears()).toEqual([])
    juliet.says(block(romeoAccount, 'unblock'))
    expect(romeo.hears()).toEqual(
      xml(`<presence from='${juliet.jid}' to='${romeoAccount}'><show>dnd</show></presence>`),
    )
  })

  it('by domain blocks all of its users', () => {
    const house = openHouse()
    const tybalt = house.login('tybalt@b.example', 'street')
    const juliet = house.login(julietAccount, 'balcony').appears()
    juliet.says(block('b.example'))
    juliet.ignores()
    tybalt.says(`<message id='m' to='${juliet.jid}'><body>hi</body></message>`)
    expect(juliet.hears()).toEqual([])
  })

  it('keeps the user from writing to whoever is blocked', () => {
    const { romeo, juliet } = both()
    juliet.says(block(romeoAccount))
    juliet.ignores()
    juliet.says(`<message id='m' to='${romeo.jid}'><body>hi</body></message>`)
    expect(romeo.hears()).toEqual([])
    expect(juliet.hears()).toEqual(
      xml(
        `<message type='error' id='m' from='${romeo.jid}' to='${juliet.jid}'><error type='cancel'>` +
          `<not-acceptable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/><blocked xmlns='urn:xmpp:blocking:errors'/></error></message>`,
      ),
    )
  })

  it('needs at least one address, and each must be one', () => {
    const { juliet } = both()
    juliet.says(`<iq type='set' id='b'><block xmlns='urn:xmpp:blocking'/></iq>`, block('@'))
    const [empty, malformed] = juliet.hears()
    expect(empty).toContain('bad-request')
    expect(malformed).toContain('jid-malformed')
  })
})
