/** After a restart: what was known of sessions comes back, and what was under way goes on. */
import { Stanza, stanzaFacts } from '@smacks/codec'
import { after } from '@smacks/runtime'
import { defaultServerConfig } from '@smacks/server'
import { describe, expect, test } from 'vitest'
import { createInstantMessaging } from '../../../packages/im/src/interpreter.js'
import type { LinkState } from '../../../packages/im/src/link-state.js'
import { encodePresence, presenceRecords } from '../../../packages/im/src/presence/record.js'
import { encodeStale, staleRecords } from '../../../packages/im/src/remote/stale-record.js'
import { bodies, canonical, chat, type House, openHouse, parsed } from './house.js'

const romeo = 'romeo@a.example'
const juliet = 'juliet@a.example'

type Row = readonly [account: string, name: string, text: string]

/** A domain that has just started beside the loop of the house, with these records. */
const awaken = (
  house: House,
  records: ReadonlyArray<Row>,
  stale: ReadonlyArray<Row> = [],
  state: () => LinkState = () => 'ready',
) => {
  const warnings: Array<object> = []
  const kinds: Readonly<Record<string, ReadonlyArray<Row>>> = { [presenceRecords]: records, [staleRecords]: stale }
  const departed: Array<string> = []
  const connected: Array<string> = []
  let laters = 0
  const domain = createInstantMessaging({
    runtime: house.runtime,
    offline: house.offline,
    rosters: house.rosters,
    remotes: {
      send: ({ stanza }) => void departed.push(canonical(stanza.xml)),
      answered: () => {},
      stateOf: state,
      connect: (here, there) => void connected.push(`${here}>${there}`),
    },
    oldSessions: () => [],
    records: kind => (kinds[kind] ?? []).map(([account, name, text]) => ({ account, name, text })),
    accountExists: () => true,
    quotas: () => defaultServerConfig.limits,
    domains: ['a.example'],
    clock: house.host.clock,
    freshId: () => 'fresh',
    unsent: () => 0,
    later: (milliseconds, callback) => {
      laters += 1
      house.host.timers.arm(`awakened ${laters}`, after(house.host.clock, milliseconds), callback)
    },
    offlineStorage: () => true,
    log: { debug: () => {}, warn: fields => void warnings.push(fields) },
    version: '1',
  })
  domain.recovery.restore()
  domain.recovery.resume()
  house.host.settle()
  return { domain, warnings, departed, connected }
}

const available = (resource: string, directed: ReadonlyArray<string> = []): string => {
  const xml = "<presence xmlns='jabber:client'/>"
  return encodePresence({
    resource,
    available: { xml, facts: stanzaFacts(Stanza.fromXml(xml).element), priority: 0 },
    directed,
    interested: true,
    interestedInBlocks: false,
  })
}

test('a presence that does not decode is told, and all others are back', () => {
  const house = openHouse()
  const desk = house.login(romeo, 'desk')
  const { domain, warnings } = awaken(house, [
    [romeo, 'phone', '{"v":2}'],
    [romeo, 'desk', available('desk')],
  ])
  expect(warnings).toEqual([{ account: romeo, resource: 'phone', reason: expect.stringContaining('v') }])
  const set = `<iq type='set' id='s'><query xmlns='jabber:iq:roster'><item jid='${juliet}'/></query></iq>`
  domain.deliver(romeo, 'desk', Stanza.fromElement(parsed(set)))
  house.host.settle()
  expect(desk.hears()[0]).toContain('id="push-fresh"')
})

test('of a session that is not back, contacts are told that it is gone', () => {
  const house = openHouse()
  house.befriend(romeo, juliet)
  const watcher = house.login(juliet, 'balcony').appears()
  const { domain } = awaken(house, [
    [juliet, 'balcony', available('balcony')],
    [romeo, 'desk', available('desk')],
  ])
  expect(watcher.hears()).toEqual([expect.stringMatching(/from="romeo@a.example\/desk".*type="unavailable"/)])
  domain.deliver(juliet, 'balcony', Stanza.fromElement(parsed(`<presence type='probe' to='${romeo}'/>`)))
  house.host.settle()
  expect(watcher.hears()).toEqual([canonical(`<presence from='${romeo}' to='${juliet}/balcony' type='unavailable'/>`)])
})

test('what waits in storage for a session that is back is delivered to it', () => {
  const house = openHouse()
  const desk = house.login(romeo, 'desk')
  const stanza = Stanza.fromXml(chat(romeo, 'hark', juliet).replace('<message', "<message xmlns='jabber:client'"))
  house.runtime.change({ _tag: 'PutOffline', account: romeo, stanza, facts: stanzaFacts(stanza.element), at: 0 })
  house.host.settle()
  awaken(house, [[romeo, 'desk', available('desk')]])
  expect(bodies(desk.hears())).toEqual(['hark'])
  expect(house.offline.count(romeo)).toBe(0)
})

test('contacts elsewhere are told of a session that is not back, and nothing of one that is', () => {
  const house = openHouse()
  const benvolio = { jid: 'benvolio@c.example', groups: [], state: 'both', approved: false, listed: true } as const
  house.rosters.put(romeo, benvolio)
  house.login(romeo, 'phone')
  const room = 'room@d.example/romeo'
  const { departed } = awaken(house, [
    [romeo, 'phone', available('phone', [room])],
    [romeo, 'desk', available('desk', [room])],
  ])
  const gone = (to: string): string => canonical(`<presence type='unavailable' from='${romeo}/desk' to='${to}'/>`)
  expect(departed).toEqual([gone('benvolio@c.example'), gone(room)])
})

describe('contacts elsewhere', () => {
  const contacts = (house: House, account: string, count: number): void => {
    for (let number = 0; number < count; number += 1)
      house.rosters.put(account, {
        jid: `friend${number}@c.example`,
        groups: [],
        state: 'to',
        approved: false,
        listed: true,
      })
  }
  const probe = (number: number, from = romeo): string =>
    canonical(`<presence type='probe' from='${from}' to='friend${number}@c.example'/>`)

  test('are asked for their presence: once for each account, however many of its sessions are back', () => {
    const house = openHouse()
    contacts(house, romeo, 3)
    contacts(house, juliet, 1)
    for (const resource of ['phone', 'desk']) house.login(romeo, resource)
    house.login(juliet, 'balcony')
    const { departed } = awaken(house, [
      [romeo, 'phone', available('phone')],
      [romeo, 'desk', available('desk')],
      [juliet, 'balcony', available('balcony').replace('"available"', '"other"')],
    ])
    house.host.advance(120_000)
    expect(departed).toEqual([probe(0), probe(1), probe(2)])
  })

  test('are asked a few at a time', () => {
    const house = openHouse()
    contacts(house, romeo, 1_000)
    house.login(romeo, 'phone')
    const { departed } = awaken(house, [[romeo, 'phone', available('phone')]])
    let most = 0
    for (let tick = 0; tick < 100; tick += 1) {
      const before = departed.length
      house.host.advance(50)
      most = Math.max(most, departed.length - before)
    }
    expect(most).toBeLessThanOrEqual(50)
    expect(new Set(departed).size).toBe(1_000)
    expect(departed).toHaveLength(1_000)
  })

  test('are asked when their server can be reached, which is tried', () => {
    const house = openHouse()
    contacts(house, romeo, 2)
    house.login(romeo, 'phone')
    let state: LinkState = 'down'
    const { departed, connected, domain } = awaken(house, [[romeo, 'phone', available('phone')]], [], () => state)
    house.host.advance(30_000)
    expect([departed, connected]).toEqual([[], ['a.example>c.example']])
    state = 'ready'
    domain.linkEstablished('a.example', 'c.example')
    house.host.advance(30_000)
    expect(departed).toEqual([probe(0), probe(1)])
  })

  test('are asked one by one where the link is slow, and none of them twice', () => {
    const house = openHouse()
    contacts(house, romeo, 3)
    house.login(romeo, 'phone')
    let state: LinkState = 'busy'
    const { departed } = awaken(house, [[romeo, 'phone', available('phone')]], [], () => state)
    house.host.advance(30_000)
    expect(departed).toEqual([])
    state = 'ready'
    house.host.advance(300_000)
    expect(departed).toEqual([probe(0), probe(1), probe(2)])
  })

  test('are told what was not said before, and what cannot be read is told to the operator', () => {
    const house = openHouse()
    const jid = 'friend0@c.example'
    house.rosters.put(romeo, { jid, groups: [], state: 'from', approved: false, listed: true })
    house.login(romeo, 'phone')
    const { departed, warnings } = awaken(
      house,
      [[romeo, 'phone', available('phone')]],
      [
        [romeo, jid, encodeStale({ contact: jid, resources: ['phone', 'desk'], to: true, from: 'subscribed' })],
        [romeo, 'friend1@c.example', '{'],
      ],
    )
    house.host.advance(10_000)
    expect(departed).toEqual([
      canonical(`<presence type='unavailable' from='${romeo}/desk' to='${jid}'/>`),
      canonical(`<presence type='unsubscribe' from='${romeo}' to='${jid}'/>`),
      canonical(`<presence type='subscribed' from='${romeo}' to='${jid}'/>`),
      canonical(`<presence xmlns='jabber:client' to='${jid}'/>`),
    ])
    expect(warnings).toEqual([{ account: romeo, contact: 'friend1@c.example', reason: expect.any(String) }])
  })
})
