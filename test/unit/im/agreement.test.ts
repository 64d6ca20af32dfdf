/**
 * Two accounts on two servers, by the reducer alone, and links that lose what they carry.
 *
 * Promised is this. Once each link has said what it lost, and stands again, and what is told then has arrived, the two rosters
 * agree on both subscriptions, if nobody spoke, and no server told anew, while something of the other was on its way and
 * arrived later. Where it was so, Appendix A itself lets the two differ (a grant crosses a request that was withdrawn and made again, say); after the user's
 * next login nobody goes on believing in a subscription or a request that the other does not know. Where an account has no
 * more room to remember that something was lost, nobody can say it again.
 */
import { Stanza } from '@smacks/codec'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { ImEffect } from '../../../packages/im/src/effect.js'
import type { ImEvent } from '../../../packages/im/src/event.js'
import type { LinkState } from '../../../packages/im/src/link-state.js'
import type { Outgoing } from '../../../packages/im/src/outgoing.js'
import { initial } from '../../../packages/im/src/presence/sessions.js'
import {
  isPendingIn,
  isPendingOut,
  isSeenByContact,
  type SubscriptionState,
  type SubscriptionType,
  seesContact,
} from '../../../packages/im/src/presence/subscription.js'
import { leavesNow } from '../../../packages/im/src/remote/deliver-state.js'
import { addressed, announcement, outgoing } from '../../../packages/im/src/stanzas.js'
import type { ImAccount } from '../../../packages/im/src/state.js'
import { step } from '../../../packages/im/src/step.js'
import { runs } from '../../property/runs.js'
import { parsed } from './house.js'
import { accountOf, worldOf } from './pure.js'

type Side = 'here' | 'there'
const sides: ReadonlyArray<Side> = ['here', 'there']
const opposite = { here: 'there', there: 'here' } as const
const people = { here: 'romeo@a.example', there: 'benvolio@c.example' } as const
const domains = { here: 'a.example', there: 'c.example' } as const

const side = fc.constantFrom(...sides)
const speech = fc.record({
  does: fc.constantFrom('subscribe', 'subscribed', 'unsubscribe', 'unsubscribed', 'removes'),
  side,
})

/** Both servers, each with one account, and what is on the wire from each. */
const createPair = () => {
  const accounts: Record<Side, ImAccount> = { here: withDesk(people.here), there: withDesk(people.there) }
  const links: Record<Side, LinkState> = { here: 'ready', there: 'ready' }
  const wires: Record<Side, Array<Outgoing>> = { here: [], there: [] }

  const handle = (at: Side, event: ImEvent): void => {
    const { account, effects } = step(worldOf([domains[at]], { linkTo: () => links[at] }), accounts[at], event)
    accounts[at] = account
    for (const effect of effects) perform(at, effect)
  }
  const send = (at: Side, stanza: Outgoing): void => void wires[at].push(stanza)
  const perform = (at: Side, effect: ImEffect): void => {
    switch (effect._tag) {
      case 'ShowPresence':
        return perform(at, { _tag: 'DeliverState', stanza: addressed(effect.presence, effect.to) })
      case 'DeliverState':
        if (leavesNow(accounts[at], effect.stanza.facts, links[at])) return send(at, effect.stanza)
        return handle(at, { _tag: 'DeliveryRefused', delivery: effect })
      case 'DeliverWholeState':
        for (const stanza of effect.stanzas) send(at, stanza)
        return
      case 'Answer': {
        const stanza = Stanza.fromElement(effect.reply)
        const { from = '', to = '', type = 'available' } = effect.reply.attrs
        if (to.startsWith(people[opposite[at]])) send(at, { stanza, facts: { name: 'presence', type, from, to } })
        return
      }
      case 'Continue':
        return handle(at, effect.event)
      default:
        return
    }
  }
  const arrives = (from: Side): boolean => {
    const presence = wires[from].shift()
    if (presence === undefined) return false
    const { from: sender = '', to = '' } = presence.facts
    handle(opposite[from], { _tag: 'PresenceArrived', from: sender, to, presence })
    return true
  }
  const says = (at: Side, text: string): void =>
    handle(at, { _tag: 'StanzaSent', resource: 'desk', stanza: Stanza.fromElement(parsed(text)) })
  /** The link is gone, and gives back what was on it. */
  const breaks = (at: Side): void => {
    links[at] = 'down'
    for (const stanza of wires[at].splice(0))
      handle(at, { _tag: 'LinkReturned', stanza, condition: 'recipient-unavailable' })
  }
  const stands = (at: Side): void => {
    links[at] = 'ready'
    for (const contact of accounts[at].stale.byContact.keys()) handle(at, { _tag: 'LinkEstablished', contact })
  }
  return {
    does: (at: Side, what: string): void => {
      const contact = people[opposite[at]]
      if (what === 'arrives') arrives(at)
      else if (what === 'breaks') breaks(at)
      else if (what === 'stands') stands(at)
      else if (what === 'removes')
        says(
          at,
          `<iq type='set' id='r'><query xmlns='jabber:iq:roster'><item jid='${contact}' subscription='remove'/></query></iq>`,
        )
      else says(at, `<presence type='${what as SubscriptionType}' to='${contact}'/>`)
    },
    arrives,
    heals: (): void => {
      for (let round = 0; round < 4; round += 1) {
        for (const one of sides) {
          stands(one)
          while (sides.some(arrives));
        }
      }
    },
    /** Both users log in anew. */
    login: (): void => {
      for (const one of sides) {
        says(one, `<presence type='unavailable'/>`)
        says(one, '<presence/>')
      }
    },
    state: (at: Side): SubscriptionState => accounts[at].roster.items.get(people[opposite[at]])?.state ?? 'none',
    isStale: (at: Side): boolean => accounts[at].stale.byContact.size > 0,
  }
}

const withDesk = (jid: string): ImAccount => {
  const available = { ...announcement(outgoing(parsed(`<presence from='${jid}/desk'/>`))), priority: 0 }
  return { ...accountOf(jid), sessions: [{ ...initial('desk'), available, interested: true }] }
}

it('two rosters never disagree for good, whatever is lost between them and told anew', () => {
  const turn = fc.oneof(
    { weight: 3, arbitrary: speech },
    fc.record({ does: fc.constantFrom('cuts', 'breaks', 'stands'), side }),
  )
  fc.assert(
    fc.property(fc.array(turn, { maxLength: 30 }), turns => {
      const pair = createPair()
      /** Links that take what they are given and bring none of it, and those that keep it. */
      const [cut, down] = [new Set<Side>(), new Set<Side>()]
      for (const { side: at, does } of turns) {
        if (does === 'cuts') cut.add(at)
        else {
          if (does === 'stands' && cut.has(at)) pair.does(at, 'breaks')
          if (does === 'stands' || does === 'breaks') cut.delete(at)
          if (does === 'breaks') down.add(at)
          if (does === 'stands') down.delete(at)
          pair.does(at, does)
        }
        while (sides.some(one => !cut.has(one) && !down.has(one) && pair.arrives(one)));
      }
      for (const one of cut) pair.does(one, 'breaks')
      pair.heals()
      for (const one of sides) {
        const [mine, theirs] = [pair.state(one), pair.state(opposite[one])]
        expect(pair.isStale(one)).toBe(false)
        expect([seesContact(mine), isPendingOut(mine)]).toEqual([isSeenByContact(theirs), isPendingIn(theirs)])
      }
    }),
    runs(500),
  )
})

it('after the next login nobody believes in what the other does not know, however what they say crosses and is lost', () => {
  const turn = fc.oneof(
    { weight: 3, arbitrary: speech },
    { weight: 3, arbitrary: fc.record({ does: fc.constant('arrives'), side }) },
    fc.record({ does: fc.constantFrom('breaks', 'stands'), side }),
  )
  fc.assert(
    fc.property(fc.array(turn, { maxLength: 30 }), turns => {
      const pair = createPair()
      for (const { side: at, does } of turns) pair.does(at, does)
      pair.heals()
      pair.login()
      pair.heals()
      for (const one of sides) {
        const [mine, theirs] = [pair.state(one), pair.state(opposite[one])]
        expect(pair.isStale(one)).toBe(false)
        if (seesContact(mine)) expect(isSeenByContact(theirs)).toBe(true)
        if (isPendingOut(mine)) expect(isPendingIn(theirs)).toBe(true)
      }
    }),
    runs(500),
  )
})
