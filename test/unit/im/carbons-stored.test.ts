/** Carbon copies of what waits in storage: each client gets each message once, as it is or as a copy (XEP-0280 §7). */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { runs } from '../../property/runs.js'
import { bodies, type Client, chat, openHouse, openSlowHouse } from './house.js'

const account = 'juliet@a.example'
const enable = `<iq type='set' id='c'><enable xmlns='urn:xmpp:carbons:2'/></iq>`
const priority = (value: number): string => `<presence><priority>${value}</priority></presence>`

/** The bodies of messages, in the order in which they came, whether as they are or as copies. */
const read = (client: Client): ReadonlyArray<string> =>
  bodies(client.hears().filter(text => text.startsWith('<message')))

const isCopy = (text: string): boolean => text.includes('urn:xmpp:carbons:2')

describe('a message that is stored', () => {
  it('is not copied to a session that is going to get it, being bound and not available yet', () => {
    const house = openHouse()
    const romeo = house.login('romeo@a.example', 'phone')
    romeo.says(chat(account, 'before'))
    const phone = house.login(account, 'phone')
    phone.says(enable)
    phone.ignores()
    romeo.says(chat(account, 'meanwhile'))
    expect(phone.hears()).toEqual([])
    phone.says('<presence/>')
    const heard = phone.hears()
    expect(heard.filter(isCopy)).toEqual([])
    expect(bodies(heard.filter(text => text.startsWith('<message')))).toEqual(['before', 'meanwhile'])
  })

  it('comes once to a session of priority -1 that is raised later', () => {
    const house = openHouse()
    const romeo = house.login('romeo@a.example', 'phone')
    const laptop = house.login(account, 'laptop')
    laptop.says(enable, priority(-1))
    laptop.ignores()
    romeo.says(chat(account, 'm'))
    laptop.says(priority(0))
    expect(read(laptop)).toEqual(['m'])
    laptop.says(priority(-1), priority(0))
    expect(read(laptop)).toEqual([])
  })

  it('is copied when it leaves storage, to the sessions that do not get it', () => {
    const house = openHouse()
    const romeo = house.login('romeo@a.example', 'phone')
    const laptop = house.login(account, 'laptop')
    laptop.says(enable, priority(-1))
    laptop.ignores()
    romeo.says(chat(account, 'm'))
    expect(laptop.hears()).toEqual([])
    const phone = house.login(account, 'phone').appears(1)
    laptop.says(priority(5))
    const heard = laptop.hears().filter(text => text.startsWith('<message'))
    expect([bodies(heard), heard.map(isCopy)]).toEqual([['m'], [true]])
    expect(heard[0]).toContain('<delay')
    expect(read(phone)).toEqual([])
  })

  it('for a full JID is copied to the other sessions that take what is stored', () => {
    const house = openHouse()
    const romeo = house.login('romeo@a.example', 'phone')
    romeo.says(chat(`${account}/phone`, 'm'))
    const laptop = house.login(account, 'laptop')
    laptop.says(enable)
    const phone = house.login(account, 'phone')
    house.crowd.unsent = 2 * 1024 * 1024
    laptop.says('<presence/>')
    phone.says('<presence/>')
    house.crowd.unsent = 0
    house.host.advance(1_000)
    expect([read(phone), read(laptop)]).toEqual([['m'], ['m']])
  })

  it('is not copied to the session that wrote it to its own account', () => {
    const house = openHouse()
    const laptop = house.login(account, 'laptop')
    laptop.says(enable, priority(-1))
    laptop.ignores()
    laptop.says(chat(account, 'note'))
    const phone = house.login(account, 'phone')
    phone.says('<presence/>')
    expect([read(phone), read(laptop)]).toEqual([['note'], []])
  })

  it('is not copied to a session that hibernates between two pages of it', async () => {
    const { house, commits, commitOne } = openSlowHouse()
    const romeo = house.login('romeo@a.example', 'phone')
    const phone = house.login(account, 'phone').enables()
    phone.says(enable)
    romeo.says(chat(account, 'm0'))
    while (commits.length > 0) await commitOne()
    phone.ignores()
    phone.says('<presence/>')
    romeo.says(chat(account, 'm1'))
    await commitOne()
    phone.drops()
    romeo.says(chat(account, 'm2'), chat(`${account}/phone`, 'm3'))
    for (let round = 0; round < 10; round += 1) await commitOne()
    phone.resumes(0)
    for (let round = 0; round < 20; round += 1) {
      house.host.advance(1_000)
      await commitOne()
    }
    expect(read(phone)).toEqual(['m0', 'm1', 'm2', 'm3'])
    expect(house.offline.count(account)).toBe(0)
  })
})

type Move =
  | { readonly do: 'write'; readonly to: 'account' | 'laptop' | 'phone' }
  | { readonly do: 'become'; readonly who: Who; readonly priority: number }
  | { readonly do: 'drop' | 'resume'; readonly who: Who }
  | { readonly do: 'commit' | 'wait' }

type Who = 'laptop' | 'phone'

const whom = fc.constantFrom<Who>('laptop', 'phone')
const move: fc.Arbitrary<Move> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('write'), to: fc.constantFrom('account', 'laptop', 'phone') }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('become'), who: whom, priority: fc.integer({ min: -1, max: 2 }) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('drop', 'resume'), who: whom }) },
  { weight: 8, arbitrary: fc.record({ do: fc.constantFrom('commit', 'wait') }) },
)

/** A session with carbons and stream management, and what it read. It handles all that comes before its line drops. */
const reader = (client: Client) => {
  let connected = true
  let handled = 0
  const got: Array<string> = []
  const read = (): void => {
    const heard = client.hears()
    handled += heard.filter(text => /^<(message|presence|iq)/.test(text)).length
    got.push(...bodies(heard.filter(text => text.startsWith('<message'))))
  }
  return {
    got,
    read,
    says: (text: string): void => {
      if (connected) client.says(text)
    },
    drop: (): void => {
      if (!connected) return
      read()
      connected = false
      client.drops()
    },
    resume: (): void => {
      if (connected) return
      connected = true
      client.resumes(handled)
    },
  }
}

describe('whatever two devices do while storage is emptied and more comes', () => {
  it('each of them gets each message once, and no message is lost', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(move, { minLength: 10, maxLength: 60 }), async moves => {
        const { house, commits, commitOne } = openSlowHouse()
        const romeo = house.login('romeo@a.example', 'phone')
        const said: Array<string> = []
        const write = (to: string): void => {
          said.push(`m${said.length}`)
          romeo.says(chat(to, said.at(-1) ?? ''))
        }
        for (let n = 0; n < 4; n += 1) write(account)
        const laptop = reader(house.login(account, 'laptop').enables())
        const phone = reader(house.login(account, 'phone').enables())
        const readers = { laptop, phone }
        for (const one of [laptop, phone]) one.says(enable)
        for (const made of moves) {
          if (made.do === 'write') write(made.to === 'account' ? account : `${account}/${made.to}`)
          else if (made.do === 'become') readers[made.who].says(priority(made.priority))
          else if (made.do === 'drop' || made.do === 'resume') readers[made.who][made.do]()
          else if (made.do === 'commit') await commitOne()
          else house.host.advance(600)
        }
        for (const one of [laptop, phone]) {
          one.resume()
          one.says(priority(0))
        }
        for (let round = 0; round < 60 && (round < 10 || commits.length > 0); round += 1) {
          house.host.advance(600)
          await commitOne()
        }
        for (const one of [laptop, phone]) one.read()
        // Both want copies, so each of them gets everything.
        expect([[...laptop.got].sort(), [...phone.got].sort()]).toEqual([[...said].sort(), [...said].sort()])
      }),
      runs(60),
    )
  })
})
