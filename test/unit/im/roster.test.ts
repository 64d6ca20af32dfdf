/** Rosters: requests (RFC 6121 §2), and how they are kept. */
import type { RecordChange } from '@smacks/runtime'
import { describe, expect, it } from 'vitest'
import type { RosterItem } from '../../../packages/im/src/roster/item.js'
import { openRosters } from '../../../packages/im/src/roster/roster-records.js'
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
      `<iq type='set' id='push' to='${to}'><query xmlns='jabber:iq:roster' ver='${version}'>` +
      `<item jid='juliet@a.example' name='J' subscription='none'><group>Capulet</group></item></query></iq>`
    const heard = [phone, desk].map(one => one.hears())
    const ids = heard.map(([first = '']) => /id="(push-[^"]+)"/.exec(first)?.[1])
    expect(new Set(ids).size).toBe(2)
    const version = versionIn(heard[0]?.[0])
    expect(heard.map(texts => texts.map(text => text.replace(/id="push-[^"]+"/, 'id="push"')))).toEqual([
      xml(push(phone.jid, version), `<iq type='result' id='s' to='${me}'/>`),
      xml(push(desk.jid, version)),
    ])
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

const account = 'romeo@a.example'

/** Rosters over a journal in memory whose batches are durable when told. */
const openShelf = (
  records: Record<string, string> = {},
  options: { readonly bytesInMemory?: number; readonly capacity?: number } = {},
) => {
  const kept = new Map(Object.entries(records))
  const bad: Array<string> = []
  const reads: Array<string> = []
  let waiting: Array<() => void> = []
  let changes: Array<RecordChange> = []
  const open = () =>
    openRosters({
      records: (kind, of) => {
        reads.push(of ?? '')
        return [...kept].flatMap(([key, text]) => {
          const [keyKind, keyAccount = '', name = ''] = key.split('\n')
          return keyKind === kind && keyAccount === of ? [{ account: keyAccount, name, text }] : []
        })
      },
      runtime: {
        change: change => {
          if (change._tag === 'PutRecord' || change._tag === 'DropRecord') changes.push(change)
        },
        whenRecorded: (_, callback) => waiting.push(callback),
      },
      onBadRecord: (of, reason) => bad.push(`${of}: ${reason}`),
      now: () => 7,
      ...options,
    })
  const commit = (): void => {
    for (const change of changes) {
      const key = `${change.kind}\n${change.account}\n${change.name}`
      if (change._tag === 'PutRecord') kept.set(key, change.text)
      else kept.delete(key)
    }
    changes = []
    for (const callback of waiting.splice(0)) callback()
    waiting = []
  }
  return { kept, bad, reads, open, commit }
}

describe('rosters', () => {
  it('come back as they were', () => {
    const shelf = openShelf()
    const rosters = shelf.open()
    const long = { ...juliet, jid: `${'x'.repeat(900)}@a.example` }
    rosters.put(account, juliet)
    rosters.put(account, long)
    rosters.put(account, { ...juliet, jid: 'gone@a.example' })
    rosters.drop(account, 'gone@a.example')
    rosters.setBlocked(account, new Set(['tybalt@b.example']))
    const kept = rosters.roster(account)
    shelf.commit()
    const second = shelf.open()
    const found = second.roster(account)
    expect(found.version).toBe(kept.version)
    expect(new Map(found.items)).toEqual(
      new Map([
        [juliet.jid, juliet],
        [long.jid, long],
      ]),
    )
    expect(second.blocked(account)).toEqual(new Set(['tybalt@b.example']))
    expect(second.roster('romeo@a.exampl').items.size).toBe(0)
    expect([...shelf.kept.keys()].every(key => key.length < 400)).toBe(true)
  })

  it('leave out a record that does not decode, say so, and keep it', () => {
    const shelf = openShelf({
      [`rosters\n${account}\njuliet@a.example`]: '{"v":9}',
      [`rosters\n${account}\nnurse@a.example`]: 'no JSON',
      [`rosters\n${account}\n`]: '{"v":1}',
    })
    expect(shelf.open().roster(account).items.size).toBe(0)
    expect(shelf.bad).toHaveLength(3)
    expect(shelf.bad[0]).toMatch(/^romeo@a.example: juliet@a.example: /)
    expect(shelf.kept.size).toBe(3)
  })

  it('stay in memory while they are being written, and of the rest only those used last', () => {
    const shelf = openShelf({}, { capacity: 2 })
    const rosters = shelf.open()
    rosters.put('busy', juliet)
    for (const other of ['a', 'b', 'c', 'd']) rosters.roster(other)
    expect(rosters.roster('busy').items.size).toBe(1)
    rosters.roster('a')
    expect(shelf.reads).toEqual(['busy', 'a', 'b', 'c', 'd', 'a'])
    shelf.commit()
    for (const other of ['e', 'f', 'g']) rosters.roster(other)
    expect(rosters.roster('busy').items.size).toBe(1)
    expect(shelf.reads.filter(of => of === 'busy')).toHaveLength(2)
  })

  it('stay in memory up to so many bytes, whatever one of them grows to', () => {
    const shelf = openShelf({}, { bytesInMemory: 10_000 })
    const rosters = shelf.open()
    const grow = (of: string, from: number, to: number): void => {
      for (let n = from; n < to; n += 1) rosters.put(of, { ...juliet, jid: `c${n}@a.example`, name: 'n'.repeat(500) })
    }
    grow('small', 0, 3)
    shelf.commit()
    rosters.roster('small')
    expect(shelf.reads).toEqual(['small'])
    // What is being written stays, however much it is.
    grow('large', 0, 20)
    expect(rosters.roster('large').items.size).toBe(20)
    expect(rosters.roster('small').items.size).toBe(3)
    expect(shelf.reads).toEqual(['small', 'large', 'small'])
    shelf.commit()
    rosters.roster('other')
    expect(rosters.roster('large').items.size).toBe(20)
    expect(shelf.reads.filter(of => of === 'large')).toHaveLength(2)
    // What is gone makes room.
    for (let n = 0; n < 20; n += 1) rosters.drop('large', `c${n}@a.example`)
    shelf.commit()
    rosters.roster('small')
    rosters.roster('other')
    const before = shelf.reads.length
    for (const of of ['small', 'other', 'large']) rosters.roster(of)
    expect(shelf.reads).toHaveLength(before)
  })

  it('never have the same version twice', () => {
    const rosters = openShelf().open()
    const versions = new Set([rosters.roster('a').version])
    rosters.put('a', juliet)
    versions.add(rosters.roster('a').version)
    rosters.drop('a', juliet.jid)
    versions.add(rosters.roster('a').version)
    expect(versions.size).toBe(3)
  })
})
