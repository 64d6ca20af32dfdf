/** Subscriptions between two servers (RFC 6121 §3): each keeps its own user's side. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  approvedBeforehand,
  isPendingIn,
  isPendingOut,
  isSeenByContact,
  isSubscriptionType,
  type SubscriptionState,
  type SubscriptionType,
  seesContact,
  whenReceived,
  whenSent,
} from '../../../packages/im/src/presence/subscription.js'
import { unreachable } from '../../../packages/im/src/remote/unreachable.js'
import { canonical, errorReply, type House } from './house.js'
import { openHouses, type Side, stanzaOf } from './houses.js'

const romeoAccount = 'romeo@a.example'
const benvolioAccount = 'benvolio@c.example'

const between = (from: string, to: string, type = ''): string =>
  canonical(`<presence from='${from}' to='${to}'${type === '' ? '' : ` type='${type}'`}/>`)

const presences = (heard: ReadonlyArray<string>): ReadonlyArray<string> =>
  heard.filter(text => text.startsWith('<presence'))

const stateOf = (house: House, account: string, contact: string): SubscriptionState =>
  house.rosters.roster(account).items.get(contact)?.state ?? 'none'

const both = () => {
  const houses = openHouses()
  const romeo = houses.here.login(romeoAccount, 'phone').appears()
  const benvolio = houses.there.login(benvolioAccount, 'square').appears()
  const states = (): ReadonlyArray<SubscriptionState> => [
    stateOf(houses.here, romeoAccount, benvolioAccount),
    stateOf(houses.there, benvolioAccount, romeoAccount),
  ]
  return { ...houses, romeo, benvolio, states }
}

const befriended = () => {
  const houses = both()
  houses.romeo.says(`<presence type='subscribe' to='${benvolioAccount}'/>`)
  houses.benvolio.says(
    `<presence type='subscribed' to='${romeoAccount}'/>`,
    `<presence type='subscribe' to='${romeoAccount}'/>`,
  )
  houses.romeo.says(`<presence type='subscribed' to='${benvolioAccount}'/>`)
  for (const one of [houses.romeo, houses.benvolio]) one.ignores()
  houses.wire.carried.here.length = 0
  houses.wire.carried.there.length = 0
  return houses
}

describe('a friendship across two servers', () => {
  it('is asked for, granted, and returned', () => {
    const { romeo, benvolio, wire, states } = both()
    romeo.says(`<presence type='subscribe' to='${benvolioAccount}/square'><status>please</status></presence>`)
    expect(states()).toEqual(['none+out', 'none+in'])
    expect(benvolio.hears()).toEqual([
      canonical(
        `<presence from='${romeoAccount}' to='${benvolioAccount}' type='subscribe'><status>please</status></presence>`,
      ),
    ])
    romeo.ignores()

    benvolio.says(`<presence type='subscribed' to='${romeoAccount}'/>`)
    expect(states()).toEqual(['to', 'from'])
    expect(presences(romeo.hears())).toEqual([
      between(benvolioAccount, romeoAccount, 'subscribed'),
      between(benvolio.jid, romeoAccount),
    ])

    benvolio.says(`<presence type='subscribe' to='${romeoAccount}'/>`)
    benvolio.ignores()
    romeo.says(`<presence type='subscribed' to='${benvolioAccount}'/>`)
    expect(states()).toEqual(['both', 'both'])
    expect(presences(benvolio.hears())).toEqual([
      between(romeoAccount, benvolioAccount, 'subscribed'),
      between(romeo.jid, benvolioAccount),
    ])
    expect(wire.carried.here).toHaveLength(3)
    expect(wire.carried.there).toHaveLength(3)
  })

  it('is refused, and then nobody has anybody', () => {
    const { romeo, benvolio, states } = both()
    romeo.says(`<presence type='subscribe' to='${benvolioAccount}'/>`)
    romeo.ignores()
    benvolio.says(`<presence type='unsubscribed' to='${romeoAccount}'/>`)
    expect(states()).toEqual(['none', 'none'])
    expect(presences(romeo.hears())).toEqual([between(benvolioAccount, romeoAccount, 'unsubscribed')])
  })

  it('ends on one side: the other is told and sees nobody any more', () => {
    const { romeo, benvolio, states } = befriended()
    romeo.says(`<presence type='unsubscribe' to='${benvolioAccount}'/>`)
    expect(states()).toEqual(['from', 'to'])
    expect(presences(benvolio.hears())).toEqual([between(romeoAccount, benvolioAccount, 'unsubscribe')])
    expect(presences(romeo.hears())).toEqual([between(benvolio.jid, romeoAccount, 'unavailable')])
    romeo.says(`<presence type='unsubscribed' to='${benvolioAccount}'/>`)
    expect(states()).toEqual(['none', 'none'])
    expect(presences(benvolio.hears())).toEqual([
      between(romeo.jid, benvolioAccount, 'unavailable'),
      between(romeoAccount, benvolioAccount, 'unsubscribed'),
    ])
  })

  it('ends with the contact leaving the roster', () => {
    const { romeo, benvolio, states } = befriended()
    romeo.says(
      `<iq type='set' id='x'><query xmlns='jabber:iq:roster'><item jid='${benvolioAccount}' subscription='remove'/></query></iq>`,
    )
    expect(states()).toEqual(['none', 'none'])
    expect(presences(benvolio.hears())).toEqual([
      between(romeoAccount, benvolioAccount, 'unsubscribe'),
      between(romeo.jid, benvolioAccount, 'unavailable'),
      between(romeoAccount, benvolioAccount, 'unsubscribed'),
    ])
  })

  it('that was approved beforehand needs nobody at home', () => {
    const { romeo, benvolio, states } = both()
    benvolio.says(`<presence type='subscribed' to='${romeoAccount}'/>`)
    expect(romeo.hears()).toEqual([])
    benvolio.leaves()
    romeo.says(`<presence type='subscribe' to='${benvolioAccount}'/>`)
    expect(states()).toEqual(['to', 'from'])
  })

  it('that is asked for under a full JID is one between accounts', () => {
    const { there, states } = both()
    there.login(benvolioAccount, 'garden').says(`<presence type='subscribe' to='${romeoAccount}/phone'/>`)
    expect(states()).toEqual(['none+in', 'none+out'])
  })
})

describe('a request to another server', () => {
  it('for somebody unknown there is heard by nobody and waits', () => {
    const { here, there, romeo } = both()
    romeo.says(`<presence type='subscribe' to='nobody@c.example'/>`)
    expect(presences(romeo.hears())).toEqual([])
    expect(stateOf(here, romeoAccount, 'nobody@c.example')).toBe('none+out')
    expect(stateOf(there, 'nobody@c.example', romeoAccount)).toBe('none')
  })

  it('that cannot leave is answered, and asked again as soon as it can', () => {
    const { here, romeo, wire, states } = both()
    wire.refuse(unreachable('resource-constraint'))
    romeo.says(`<presence id='s' type='subscribe' to='${benvolioAccount}'/>`)
    expect(presences(romeo.hears())).toEqual([
      errorReply('presence', `id='s' from='${benvolioAccount}' to='${romeo.jid}'`, 'wait', 'resource-constraint'),
    ])
    wire.refuse(undefined)
    here.host.advance(1_000)
    wire.release()
    expect(states()).toEqual(['none+out', 'none+in'])
  })

  it('that cannot leave is the only presence between accounts that is answered', () => {
    const { romeo, wire } = befriended()
    wire.refuse(unreachable('remote-server-not-found'))
    romeo.says(
      `<presence type='unsubscribe' to='${benvolioAccount}'/>`,
      `<presence type='unsubscribed' to='${benvolioAccount}'/>`,
      `<presence type='subscribed' to='${benvolioAccount}'/>`,
    )
    expect(presences(romeo.hears())).toEqual([])
  })

  it('that comes back from the link is told to the sessions that care', () => {
    const { here, romeo, wire } = both()
    const bystander = here.login(romeoAccount, 'desk')
    wire.hold()
    romeo.says(`<presence id='s' type='subscribe' to='${benvolioAccount}'/>`)
    romeo.ignores()
    const [request] = wire.cut()
    if (request === undefined) throw new Error('nothing left')
    here.messaging.returnFromLink(request.stanza, request.facts, 'remote-server-timeout')
    here.host.settle()
    expect(romeo.hears()).toEqual([
      errorReply('presence', `id='s' from='${benvolioAccount}' to='${romeoAccount}'`, 'wait', 'remote-server-timeout'),
    ])
    expect(bystander.hears()).toEqual([])
  })

  it('whose answer was lost is answered again by the server', () => {
    const { here, romeo, benvolio, wire, states } = both()
    romeo.says(`<presence type='subscribe' to='${benvolioAccount}'/>`)
    wire.hold()
    benvolio.says(`<presence type='subscribed' to='${romeoAccount}'/>`)
    wire.cut()
    wire.release()
    expect(states()).toEqual(['none+out', 'from'])
    benvolio.ignores()
    here.login(romeoAccount, 'desk').appears()
    expect(states()).toEqual(['to', 'from'])
    expect(presences(benvolio.hears())).toEqual([])
  })

  it('that the other server answers with an error is told to the sessions that care', () => {
    const { here, romeo } = both()
    const error = errorReply('presence', `from='${benvolioAccount}' to='${romeoAccount}'`, 'cancel', 'item-not-found')
    here.messaging.receive(stanzaOf(error))
    here.host.settle()
    expect(romeo.hears()).toEqual([error])
    romeo.says(`<iq type='set' id='b'><block xmlns='urn:xmpp:blocking'><item jid='${benvolioAccount}'/></block></iq>`)
    romeo.ignores()
    here.messaging.receive(stanzaOf(error))
    here.host.settle()
    expect(romeo.hears()).toEqual([])
  })
})

describe('whatever the two users do', () => {
  const types = ['subscribe', 'subscribed', 'unsubscribe', 'unsubscribed'] as const
  const says = fc.record({ side: fc.constantFrom<Side>('here', 'there'), type: fc.constantFrom(...types) })
  const arrives = fc.record({ from: fc.constantFrom<Side>('here', 'there') })

  /** Romeo and Benvolio, and each about the other. */
  const pair = () => {
    const { here, there, romeo, benvolio, wire } = both()
    const clients = { here: romeo, there: benvolio }
    const contacts = { here: benvolioAccount, there: romeoAccount }
    const stateAt = (side: Side): SubscriptionState =>
      side === 'here' ? stateOf(here, romeoAccount, benvolioAccount) : stateOf(there, benvolioAccount, romeoAccount)
    const say = (side: Side, type: SubscriptionType): void =>
      clients[side].says(`<presence type='${type}' to='${contacts[side]}'/>`)
    const loginAgain = (): void => {
      here.login(romeoAccount, 'again').appears()
      there.login(benvolioAccount, 'again').appears()
    }
    return { wire, stateAt, say, loginAgain }
  }
  const opposite = { here: 'there', there: 'here' } as const
  const sides = ['here', 'there'] as const

  it('both rosters say the same, if what one says arrives before the other speaks', () => {
    fc.assert(
      fc.property(fc.array(says, { maxLength: 16 }), words => {
        const { stateAt, say } = pair()
        for (const { side, type } of words) {
          say(side, type)
          for (const one of sides) {
            const [mine, theirs] = [stateAt(one), stateAt(opposite[one])]
            expect([seesContact(mine), isPendingOut(mine)]).toEqual([isSeenByContact(theirs), isPendingIn(theirs)])
          }
        }
      }),
      { numRuns: 60 },
    )
  })

  /** Appendix A for one side, and §3.4: what was sent and what came, one after the other. */
  const modelOf = () => {
    let state: SubscriptionState = 'none'
    let approved = false
    return {
      state: () => state,
      sends: (type: SubscriptionType): void => {
        const { passes, next } = whenSent(type, state)
        if (type === 'subscribed' && !passes && !isSeenByContact(state)) approved = true
        if (type === 'unsubscribed') approved = false
        state = next
      },
      gets: (type: SubscriptionType): void => {
        if (type === 'subscribe' && approved && !isSeenByContact(state)) state = approvedBeforehand(state)
        else state = whenReceived(type, state).next
      },
    }
  }

  it('each roster is what Appendix A makes of what was sent and what came, however the two cross', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(says, arrives), { maxLength: 24 }), acts => {
        const { wire, stateAt, say } = pair()
        const models = { here: modelOf(), there: modelOf() }
        wire.hold()
        for (const act of acts) {
          if ('type' in act) {
            say(act.side, act.type)
            models[act.side].sends(act.type)
          } else {
            const type = /type="(.*?)"/.exec(wire.releaseOne(act.from)?.xml ?? '')?.[1] ?? ''
            if (isSubscriptionType(type)) models[opposite[act.from]].gets(type)
          }
          for (const side of sides) expect(stateAt(side)).toBe(models[side].state())
        }
        wire.release()
      }),
      { numRuns: 60 },
    )
  })

  it('nobody goes on believing in a subscription or a request that the other does not know, after the next login', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(says, arrives), { maxLength: 24 }), acts => {
        const { wire, stateAt, say, loginAgain } = pair()
        wire.hold()
        for (const act of acts) {
          if ('type' in act) say(act.side, act.type)
          else wire.releaseOne(act.from)
        }
        wire.release()
        loginAgain()
        for (const side of sides) {
          const [mine, theirs] = [stateAt(side), stateAt(opposite[side])]
          if (seesContact(mine)) expect(isSeenByContact(theirs)).toBe(true)
          if (isPendingOut(mine)) expect(isPendingIn(theirs)).toBe(true)
        }
      }),
      { numRuns: 60 },
    )
  })
})
