/** After a restart: what was known of sessions comes back, and what was under way goes on. */
import { Stanza, stanzaFacts } from '@smacks/codec'
import type { RecordChange } from '@smacks/runtime'
import { expect, test } from 'vitest'
import { goOn, recallPresences } from '../../../../apps/server/src/domain/awakening.js'
import { newContext } from '../../../../apps/server/src/domain/context.js'
import { presenceOf, setPresence } from '../../../../apps/server/src/domain/presence/state.js'
import { bodies, canonical, chat, type House, openHouse } from './house.js'

const romeo = 'romeo@a.example'
const juliet = 'juliet@a.example'

/** A domain that has just started beside the loop of the house, with these records. */
const awaken = (house: House, records: ReadonlyArray<readonly [account: string, name: string, text: string]>) => {
  const warnings: Array<object> = []
  const departed: Array<string> = []
  const context = newContext({
    runtime: house.runtime,
    offline: house.offline,
    rosters: house.rosters,
    remotes: { send: ({ stanza }) => void departed.push(canonical(stanza.xml)) },
    records: () => records.map(([account, name, text]) => ({ account, name, text })),
    accountExists: () => true,
    domains: ['a.example'],
    clock: house.host.clock,
    unsent: () => 0,
    later: () => {},
    offlineStorage: () => true,
    log: { debug: () => {}, warn: fields => void warnings.push(fields) },
    version: '1',
  })
  recallPresences(context)
  goOn(context)
  house.host.settle()
  return { context, warnings, departed }
}

const available = (resource: string, directed: ReadonlyArray<string> = []): string => {
  const kept: Array<RecordChange> = []
  const xml = "<presence xmlns='jabber:client'/>"
  setPresence({ byAccount: new Map(), keep: change => void kept.push(change) }, romeo, {
    resource,
    available: { xml, facts: stanzaFacts(Stanza.fromXml(xml).element), priority: 0 },
    directed,
    interested: true,
    interestedInBlocks: false,
  })
  const [change] = kept
  return change?._tag === 'PutRecord' ? change.text : ''
}

test('a presence that does not decode is told, and all others are back', () => {
  const house = openHouse()
  house.login(romeo, 'desk')
  const { context, warnings } = awaken(house, [
    [romeo, 'phone', '{"v":2}'],
    [romeo, 'desk', available('desk')],
  ])
  expect(warnings).toEqual([{ account: romeo, resource: 'phone', reason: expect.stringContaining('v') }])
  expect(presenceOf(context.presences, romeo, 'desk').interested).toBe(true)
})

test('of a session that is not back, contacts are told that it is gone', () => {
  const house = openHouse()
  house.befriend(romeo, juliet)
  const watcher = house.login(juliet, 'balcony').appears()
  const { context } = awaken(house, [
    [juliet, 'balcony', available('balcony')],
    [romeo, 'desk', available('desk')],
  ])
  expect(watcher.hears()).toEqual([expect.stringMatching(/from="romeo@a.example\/desk".*type="unavailable"/)])
  expect(context.presences.byAccount.has(romeo)).toBe(false)
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
