/** Rosters: requests (RFC 6121 §2), and how they are kept. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openEnvironment } from '@smacks/journal-lmdb'
import { afterEach, describe, expect, it } from 'vitest'
import type { RosterItem } from '../../../../apps/server/src/domain/roster/item.js'
import { openRosters } from '../../../../apps/server/src/domain/roster/lmdb-rosters.js'
import { memoryRosters, type RosterStore, rosterStore } from '../../../../apps/server/src/domain/roster/store.js'
import { errorReply, openHouse, xml } from './house.js'

const me = 'romeo@a.example/phone'
const set = (...items: ReadonlyArray<string>): string =>
  `<iq type='set' id='s'><query xmlns='jabber:iq:roster'>${items.join('')}</query></iq>`
const get = (attributes = '', inside = ''): string =>
  `<iq type='get' id='g'><query xmlns='jabber:iq:roster' ${attributes}>${inside}</query></iq>`
const versionIn = (text: string | undefined): string => / ver="(.*?)"/.exec(text ?? '')?.[1] ?? ''

describe('a roster request', () => {
  it('for an empty roster gets an empty one, also with an empty version and unknown children', () => {
    const romeo = openHouse().login('romeo@a.example', 'phone')
    romeo.says(get(`ver=''`, `<annotate xmlns='urn:xmpp:mix:roster:0'/>`))
    expect(romeo.hears()).toEqual(
      xml(`<iq type='result' id='g' to='${me}'><query xmlns='jabber:iq:roster' ver='1'/></iq>`),
    )
  })

  it('puts a contact in, tells every session that asked for the roster, and answers', () => {
    const house = openHouse()
    const phone = house.login('romeo@a.example', 'phone')
    const desk = house.login('romeo@a.example', 'desk')
    const other = house.login('romeo@a.example', 'other')
    phone.says(get())
    desk.says(get())
    for (const one of [phone, desk]) one.ignores()
    phone.says(
      set(`<item jid='Juliet@A.example' name='J' ask='subscribe' subscription='both'><group>Capulet</group></item>`),
    )
    const push = (to: string, version: string): string =>
      `<iq type='set' id='push-${version}' to='${to}'><query xmlns='jabber:iq:roster' ver='${version}'>` +
      `<item jid='juliet@a.example' name='J' subscription='none'><group>Capulet</group></item></query></iq>`
    const heard = phone.hears()
    const version = versionIn(heard[0])
    expect(heard).toEqual(xml(push(phone.jid, version), `<iq type='result' id='s' to='${me}'/>`))
    expect(desk.hears()).toEqual(xml(push(desk.jid, version)))
    expect(other.hears()).toEqual([])
  })

  it('changes name and groups and leaves the subscription alone', () => {
    const house = openHouse()
    house.befriend('romeo@a.example', 'juliet@a.example')
    const romeo = house.login('romeo@a.example', 'phone')
    romeo.says(
      set(`<item jid='juliet@a.example' name='J'><group>A</group></item>`),
      set(`<item jid='juliet@a.example'/>`),
    )
    romeo.ignores()
    romeo.says(get())
    expect(romeo.hears()[0]).toContain('<item jid="juliet@a.example" subscription="both"/>')
  })

  it('with the current version gets an empty result, with any other the roster (§2.6)', () => {
    const house = openHouse()
    const romeo = house.login('romeo@a.example', 'phone')
    romeo.says(get())
    const first = versionIn(romeo.hears()[0])
    romeo.says(set(`<item jid='juliet@a.example'/>`))
    romeo.ignores()
    romeo.says(get(`ver='${first}'`))
    const [full] = romeo.hears()
    expect(full).toContain('juliet@a.example')
    const second = versionIn(full)
    expect(second).not.toBe(first)
    romeo.says(get(`ver='${second}'`))
    expect(romeo.hears()).toEqual(xml(`<iq type='result' id='g' to='${me}'/>`))
  })

  const longName = 'é'.repeat(512)
  const faults: ReadonlyArray<readonly [string, string, string, string]> = [
    ['no item', set(), 'modify', 'bad-request'],
    ['two items', set(`<item jid='a@a.example'/>`, `<item jid='b@a.example'/>`), 'modify', 'bad-request'],
    ['no jid', set('<item/>'), 'modify', 'bad-request'],
    ['a malformed jid', set(`<item jid='@'/>`), 'modify', 'bad-request'],
    ['a full jid', set(`<item jid='a@a.example/x'/>`), 'modify', 'bad-request'],
    ['the own jid', set(`<item jid='romeo@a.example'/>`), 'cancel', 'not-allowed'],
    ['a long name', set(`<item jid='a@a.example' name='${longName}'/>`), 'modify', 'not-acceptable'],
    ['an empty group', set(`<item jid='a@a.example'><group/></item>`), 'modify', 'not-acceptable'],
    ['a long group', set(`<item jid='a@a.example'><group>${longName}</group></item>`), 'modify', 'not-acceptable'],
    [
      'the same group twice',
      set(`<item jid='a@a.example'><group>g</group><group>g</group></item>`),
      'modify',
      'bad-request',
    ],
    [
      'too many groups',
      set(`<item jid='a@a.example'>${Array.from({ length: 101 }, (_, n) => `<group>${n}</group>`).join('')}</item>`),
      'modify',
      'not-acceptable',
    ],
    ['the removal of a stranger', set(`<item jid='a@a.example' subscription='remove'/>`), 'cancel', 'item-not-found'],
  ]
  for (const [what, request, type, condition] of faults)
    it(`with ${what} is refused with ${condition} and changes nothing`, () => {
      const house = openHouse()
      const romeo = house.login('romeo@a.example', 'phone')
      romeo.says(request)
      expect(romeo.hears()).toEqual([errorReply('iq', `id='s' to='${me}'`, type, condition)])
      expect(house.rosters.roster('romeo@a.example').items.size).toBe(0)
    })

  it('for the roster of somebody else is forbidden', () => {
    const romeo = openHouse().login('romeo@a.example', 'phone')
    romeo.says(get().replace('<iq', `<iq to='juliet@a.example'`))
    expect(romeo.hears()).toEqual([errorReply('iq', `id='g' from='juliet@a.example' to='${me}'`, 'auth', 'forbidden')])
  })
})

const juliet: RosterItem = {
  jid: 'juliet@a.example',
  name: 'J',
  groups: ['A', 'B'],
  state: 'to+in',
  approved: false,
  listed: true,
  request: '<presence/>',
}

describe('rosters on LMDB', () => {
  const endings: Array<() => unknown> = []
  afterEach(async () => {
    for (const end of endings.splice(0).reverse()) await end()
  })
  const open = (path: string, bad: Array<string> = []) => {
    const env = openEnvironment({ path, durability: 'process' })
    endings.push(() => env.close())
    return { env, rosters: openRosters({ env, now: () => 7, onBadRecord: (_, reason) => bad.push(reason) }) }
  }
  const newPath = (): string => {
    const path = mkdtempSync(join(tmpdir(), 'smacks-rosters-'))
    endings.push(() => rmSync(path, { recursive: true, force: true }))
    return path
  }

  it('come back as they were', async () => {
    const path = newPath()
    const first = open(path)
    const long = { ...juliet, jid: `${'x'.repeat(900)}@a.example` }
    first.rosters.put('romeo@a.example', juliet)
    first.rosters.put('romeo@a.example', long)
    first.rosters.put('romeo@a.example', { ...juliet, jid: 'gone@a.example' })
    first.rosters.drop('romeo@a.example', 'gone@a.example')
    first.rosters.setBlocked('romeo@a.example', new Set(['tybalt@b.example']))
    const kept = first.rosters.roster('romeo@a.example')
    await first.rosters.settled()
    await first.env.close()
    endings.splice(1)
    const second = open(path)
    const found = second.rosters.roster('romeo@a.example')
    expect(found.version).toBe(kept.version)
    expect(new Map(found.items)).toEqual(
      new Map([
        [juliet.jid, juliet],
        [long.jid, long],
      ]),
    )
    expect(second.rosters.blocked('romeo@a.example')).toEqual(new Set(['tybalt@b.example']))
    expect(second.rosters.roster('romeo@a.exampl').items.size).toBe(0)
  })

  it('leave out a record that does not decode, say so, and keep it', async () => {
    const { env } = open(newPath())
    const bad: Array<string> = []
    const records = env.openDB<unknown, [string, string]>({ name: 'rosters', encoding: 'json' })
    await records.put(['romeo@a.example', 'juliet@a.example'], { v: 9 })
    const rosters = openRosters({ env, onBadRecord: (account, reason) => bad.push(`${account}: ${reason}`) })
    expect(rosters.roster('romeo@a.example').items.size).toBe(0)
    expect(bad).toHaveLength(1)
    expect(bad[0]).toMatch(/^romeo@a.example: juliet@a.example: /)
    expect(records.get(['romeo@a.example', 'juliet@a.example'])).toEqual({ v: 9 })
  })

  it('are gone with their account', async () => {
    const path = newPath()
    const { env, rosters } = open(path)
    rosters.put('romeo@a.example', juliet)
    rosters.put('tybalt@b.example', juliet)
    await rosters.settled()
    rosters.forget('romeo@a.example')
    await rosters.settled()
    expect(rosters.roster('romeo@a.example').items.size).toBe(0)
    const anew = openRosters({ env })
    expect(anew.roster('romeo@a.example').items.size).toBe(0)
    expect(anew.roster('tybalt@b.example').items.size).toBe(1)
  })
})

describe('a roster store', () => {
  it('keeps in memory what is being written, and only the rosters used last of the rest', async () => {
    const loads: Array<string> = []
    const writes: Array<() => void> = []
    const later = () => new Promise<void>(resolve => writes.push(resolve))
    const store: RosterStore = rosterStore(
      {
        load: account => {
          loads.push(account)
          return undefined
        },
        saveItem: later,
        dropItem: later,
        saveHead: later,
        forget: later,
      },
      { now: () => 1, onWriteFailure: () => {}, capacity: 2 },
    )
    store.put('busy', juliet)
    for (const account of ['a', 'b', 'c', 'd']) store.roster(account)
    expect(store.roster('busy').items.size).toBe(1)
    store.roster('a')
    expect(loads).toEqual(['busy', 'a', 'b', 'c', 'd', 'a'])
    for (const write of writes) write()
    await store.settled()
    for (const account of ['e', 'f', 'g']) store.roster(account)
    store.roster('busy')
    expect(loads.filter(account => account === 'busy')).toHaveLength(2)
  })

  it('tells of a write that failed', async () => {
    const failures: Array<string> = []
    const fails = () => Promise.reject(new Error('disk full'))
    const store = rosterStore(
      { load: () => undefined, saveItem: fails, dropItem: fails, saveHead: fails, forget: fails },
      { now: () => 1, onWriteFailure: (account, error) => failures.push(`${account}: ${String(error)}`) },
    )
    store.put('romeo@a.example', juliet)
    await store.settled()
    expect(failures).toEqual(['romeo@a.example: Error: disk full', 'romeo@a.example: Error: disk full'])
  })

  it('never gives two different rosters the same version', () => {
    const store = memoryRosters(() => 5)
    const versions = new Set([store.roster('a').version])
    store.put('a', juliet)
    versions.add(store.roster('a').version)
    store.drop('a', juliet.jid)
    versions.add(store.roster('a').version)
    expect(versions.size).toBe(3)
  })
})
