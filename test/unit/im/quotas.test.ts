/** What users, and other servers, can have stored: who exceeds it is told, and nobody else notices. */
import { Stanza } from '@smacks/codec'
import { describe, expect, it } from 'vitest'
import { blockedCharacters, presenceBytes, rosterItemBytes } from '../../../packages/im/src/limits.js'
import { openHouse } from './house.js'
import { openHouses } from './houses.js'

const long = (size: number): string => 'x'.repeat(size)
const say = (to: string, body: string): string => `<message type='chat' to='${to}'><body>${body}</body></message>`
const bodiesOf = (heard: ReadonlyArray<string>): ReadonlyArray<string> =>
  heard.flatMap(text => /<body>(.*)<.body>/.exec(text)?.[1] ?? [])
const isError = (text: string): boolean => text.includes('type="error"')
const conditionsIn = (heard: ReadonlyArray<string>): ReadonlyArray<string> =>
  heard
    .filter(isError)
    .map(text => /<(resource-constraint|service-unavailable|policy-violation|not-acceptable)/.exec(text)?.[1] ?? text)

describe('offline messages', () => {
  const accounts = ['romeo@a.example', 'juliet@a.example', 'nurse@a.example', 'tybalt@b.example']

  it('of one sender are refused beyond a share, and those of others are not', () => {
    const house = openHouse({ accounts, quotas: { offlineBytesPerSender: 10_000 } })
    const romeo = house.login('romeo@a.example', 'phone')
    const nurse = house.login('nurse@a.example', 'phone')
    for (let n = 0; n < 12; n += 1) romeo.says(say('juliet@a.example', long(1000)))
    expect(conditionsIn(romeo.hears())).toEqual(['resource-constraint', 'resource-constraint', 'resource-constraint'])
    nurse.says(say('juliet@a.example', 'mine'))
    romeo.says(say('tybalt@b.example', long(1000)))
    expect([...nurse.hears(), ...romeo.hears()]).toEqual([])
    const juliet = house.login('juliet@a.example', 'balcony')
    juliet.says('<presence/>')
    expect(bodiesOf(juliet.hears())).toEqual([...Array.from({ length: 9 }, () => long(1000)), 'mine'])
    // What was delivered takes no room any more.
    juliet.leaves()
    romeo.says(say('juliet@a.example', long(1000)))
    expect(romeo.hears()).toEqual([])
  })

  it('of all senders together are refused as if there was no storage (XEP-0160 §3)', () => {
    const house = openHouse({ accounts, quotas: { offlineBytesPerUser: 3000, offlineBytesPerSender: 2500 } })
    const romeo = house.login('romeo@a.example', 'phone')
    const nurse = house.login('nurse@a.example', 'phone')
    romeo.says(say('juliet@a.example', long(2000)))
    nurse.says(say('juliet@a.example', long(2000)))
    expect(romeo.hears()).toEqual([])
    expect(conditionsIn(nurse.hears())).toEqual(['service-unavailable'])
  })

  it('that a session leaves go back where there is no room for them', () => {
    const house = openHouse({ accounts, quotas: { offlineBytesPerSender: 2500 } })
    const romeo = house.login('romeo@a.example', 'phone')
    const juliet = house.login('juliet@a.example', 'balcony').enables().appears()
    juliet.drops()
    for (let n = 0; n < 4; n += 1) romeo.says(say('juliet@a.example', long(1000)))
    expect(romeo.hears()).toEqual([])
    house.host.advance(601_000)
    expect(conditionsIn(romeo.hears())).toEqual(['resource-constraint', 'resource-constraint'])
    expect(house.offline.count('juliet@a.example')).toBe(2)
  })

  it('are not taken in while more is stored than the operator wants', () => {
    let isFull = true
    const house = openHouse({ accounts, isDataFull: () => isFull })
    const romeo = house.login('romeo@a.example', 'phone').appears()
    romeo.says(
      say('juliet@a.example', 'one'),
      "<iq type='set' id='r1'><query xmlns='jabber:iq:roster'><item jid='nurse@a.example'/></query></iq>",
    )
    expect(conditionsIn(romeo.hears())).toEqual(['resource-constraint', 'resource-constraint'])
    isFull = false
    romeo.says(say('juliet@a.example', 'two'))
    expect(house.offline.read('juliet@a.example').map(({ stanza }) => stanza.xml.includes('two'))).toEqual([true])
  })

  it('of one other server are refused beyond a share, whoever sends them there', () => {
    const { here, there, wire } = openHouses({ quotas: { offlineBytesPerSender: 2500 } })
    const senders = ['benvolio@c.example', 'rosaline@c.example'].map(jid => there.login(jid, 'hall'))
    for (const sender of senders) sender.says(say('juliet@a.example', long(1000)))
    for (const sender of senders) sender.says(say('juliet@a.example', long(1000)))
    wire.release()
    expect(conditionsIn(senders.flatMap(sender => sender.hears()))).toEqual([
      'resource-constraint',
      'resource-constraint',
    ])
    expect(here.offline.count('juliet@a.example')).toBe(2)
  })
})

describe('contacts', () => {
  const put = (id: string, jid: string, groups: ReadonlyArray<string>): string =>
    `<iq type='set' id='${id}'><query xmlns='jabber:iq:roster'><item jid='${jid}'>${groups.map(one => `<group>${one}</group>`).join('')}</item></query></iq>`
  const groups = (count: number): ReadonlyArray<string> => Array.from({ length: count }, (_, n) => `${n}${long(900)}`)

  it('have few bytes each', () => {
    const house = openHouse()
    const romeo = house.login('romeo@a.example', 'phone').appears()
    romeo.says(put('r1', 'juliet@a.example', groups(Math.ceil(rosterItemBytes / 900))))
    expect(conditionsIn(romeo.hears())).toEqual(['not-acceptable'])
  })

  it('have so many together, and who has too many can still change one for the better', () => {
    const house = openHouse({ quotas: { contactBytesPerUser: 10_000 } })
    const romeo = house.login('romeo@a.example', 'phone').appears()
    for (let n = 0; n < 3; n += 1) romeo.says(put(`r${n}`, `u${n}@a.example`, groups(4)))
    expect(conditionsIn(romeo.hears())).toEqual(['resource-constraint'])
    romeo.says(put('r4', 'u1@a.example', []), put('r5', 'u3@a.example', groups(3)))
    expect(conditionsIn(romeo.hears())).toEqual([])
    romeo.says(
      `<iq type='set' id='b1'><block xmlns='urn:xmpp:blocking'><item jid='${long(900)}@a.example'/></block></iq>`,
    )
    romeo.says(`<presence type='subscribe' to='tybalt@b.example'/>`)
    romeo.ignores()
    for (let n = 0; n < 40; n += 1) romeo.says(`<presence type='subscribe' to='v${n}@b.example'/>`)
    expect(new Set(conditionsIn(romeo.hears()))).toEqual(new Set(['resource-constraint']))
    expect(house.rosters.bytes('romeo@a.example')).toBeLessThanOrEqual(10_000)
  })

  it('are not written again when nothing changed', () => {
    const house = openHouse()
    const romeo = house.login('romeo@a.example', 'phone').appears()
    romeo.says("<iq type='get' id='b0'><blocklist xmlns='urn:xmpp:blocking'/></iq>")
    let commits = 0
    const { commit } = house.journal
    Object.assign(house.journal, {
      commit: (...batch: Parameters<typeof commit>) => {
        commits += batch[0].filter(({ _tag }) => _tag === 'PutRecord').length
        return commit(...batch)
      },
    })
    for (let n = 0; n < 5; n += 1)
      romeo.says(
        `<iq type='get' id='g${n}'><query xmlns='jabber:iq:roster'/></iq>`,
        `<iq type='get' id='b${n}'><blocklist xmlns='urn:xmpp:blocking'/></iq>`,
        `<iq type='set' id='u${n}'><unblock xmlns='urn:xmpp:blocking'/></iq>`,
      )
    expect(romeo.hears().length).toBeGreaterThanOrEqual(15)
    expect(commits).toBe(0)
  })

  it('are blocked up to some characters', () => {
    const house = openHouse()
    const romeo = house.login('romeo@a.example', 'phone').appears()
    const items = Array.from({ length: 90 }, (_, n) => `<item jid='${n}${long(900)}@a.example'/>`).join('')
    expect(items.length).toBeGreaterThan(blockedCharacters)
    romeo.says(`<iq type='set' id='b1'><block xmlns='urn:xmpp:blocking'>${items}</block></iq>`)
    expect(conditionsIn(romeo.hears())).toEqual(['resource-constraint'])
    expect(house.rosters.blocked('romeo@a.example').size).toBe(0)
  })
})

describe('presence', () => {
  it('that is broadcast has few bytes', () => {
    const house = openHouse()
    house.befriend('romeo@a.example', 'juliet@a.example')
    const romeo = house.login('romeo@a.example', 'phone').appears()
    const juliet = house.login('juliet@a.example', 'balcony').appears()
    romeo.ignores()
    romeo.says(`<presence><status>${long(presenceBytes)}</status></presence>`)
    expect(conditionsIn(romeo.hears())).toEqual(['policy-violation'])
    expect(juliet.hears()).toEqual([])
  })

  it('is directed to addresses of so many characters', () => {
    const house = openHouse()
    const romeo = house.login('romeo@a.example', 'phone').appears()
    for (let n = 0; n < 90; n += 1) romeo.says(`<presence to='tybalt@b.example/${n}${long(900)}'/>`)
    expect(conditionsIn(romeo.hears()).length).toBeGreaterThan(10)
  })
})

describe('another server', () => {
  it('has so many requests wait for one user, and leaves room for those of others', () => {
    const { here } = openHouses()
    const ask = (from: string): void =>
      here.messaging.receive(Stanza.fromXml(`<presence type='subscribe' from='${from}' to='juliet@a.example'/>`))
    for (let n = 0; n < 300; n += 1) ask(`u${n}@c.example`)
    expect(here.rosters.roster('juliet@a.example').items.size).toBe(250)
    here.login('romeo@a.example', 'phone').says("<presence type='subscribe' to='juliet@a.example'/>")
    ask('u@d.example')
    expect(here.rosters.roster('juliet@a.example').items.size).toBe(252)
  })
})
