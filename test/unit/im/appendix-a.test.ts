/** RFC 6121, Appendix A, as the reducer applies it: for each type and state what becomes of the stanza and of the roster. */
import { Stanza } from '@smacks/codec'
import { describe, expect, it } from 'vitest'
import type { ImEvent } from '../../../packages/im/src/event.js'
import { initial } from '../../../packages/im/src/presence/sessions.js'
import {
  isSeenByContact,
  type SubscriptionState,
  type SubscriptionType,
  subscriptionStates,
  whenReceived,
  whenSent,
} from '../../../packages/im/src/presence/subscription.js'
import { announcement, outgoing } from '../../../packages/im/src/stanzas.js'
import type { ImAccount, ImStep } from '../../../packages/im/src/state.js'
import { step } from '../../../packages/im/src/step.js'
import { parsed } from './house.js'
import { accountOf, worldOf } from './pure.js'

const [user, contact] = ['romeo@a.example', 'benvolio@c.example'] as const
const world = worldOf(['a.example'])
const types: ReadonlyArray<SubscriptionType> = ['subscribe', 'subscribed', 'unsubscribe', 'unsubscribed']

/** The user, with one available session. */
const inState = (state: SubscriptionState): ImAccount => {
  const available = { ...announcement(outgoing(parsed(`<presence from='${user}/desk'/>`))), priority: 0 }
  return { ...accountOf(user, { [contact]: state }), sessions: [{ ...initial('desk'), available, interested: true }] }
}

const presence = (type: string, from: string, to: string) =>
  parsed(`<presence type='${type}' from='${from}' to='${to}'/>`)

const sent = (type: SubscriptionType): ImEvent => ({
  _tag: 'StanzaSent',
  resource: 'desk',
  stanza: Stanza.fromElement(presence(type, `${user}/desk`, contact)),
})

const arrived = (type: SubscriptionType): ImEvent => ({
  _tag: 'PresenceArrived',
  from: contact,
  to: user,
  presence: outgoing(presence(type, contact, user)),
})

const stateAfter = ({ account }: ImStep): SubscriptionState => account.roster.items.get(contact)?.state ?? 'none'

/** The types that the contact is told. */
const told = ({ effects }: ImStep): ReadonlyArray<string> =>
  effects.flatMap(effect => (effect._tag === 'DeliverState' ? [effect.stanza.facts.type] : []))

/** The types that the user's session sees. */
const shown = ({ effects }: ImStep): ReadonlyArray<string> =>
  effects.flatMap(effect => (effect._tag === 'Submit' ? [effect.stanza.facts.type] : []))

/** How the contact sees the user's session change. */
const announced = ({ effects }: ImStep): ReadonlyArray<string> =>
  effects.flatMap(effect => (effect._tag === 'ShowPresence' ? [effect.presence.facts.type] : []))

const sight = (before: SubscriptionState, after: SubscriptionState): ReadonlyArray<string> => {
  if (isSeenByContact(before) === isSeenByContact(after)) return []
  return isSeenByContact(after) ? ['available'] : ['unavailable']
}

describe('A.2: the user sends', () => {
  for (const type of types)
    it.each(subscriptionStates)(`${type} in state %s`, state => {
      const { passes, next } = whenSent(type, state)
      const made = step(world, inState(state), sent(type))
      expect(stateAfter(made)).toBe(next)
      expect(told(made)).toEqual(passes ? [type] : [])
      expect(announced(made)).toEqual(sight(state, next))
    })
})

describe('A.3: the contact sends', () => {
  for (const type of types)
    it.each(subscriptionStates)(`${type} in state %s`, state => {
      const { passes, next } = whenReceived(type, state)
      const made = step(world, inState(state), arrived(type))
      expect(stateAfter(made)).toBe(next)
      // Whoever may see the user already is told so, in the user's name (§3.1.3).
      const isAnswered = type === 'subscribe' && isSeenByContact(state)
      expect(told(made)).toEqual(isAnswered ? ['subscribed'] : [])
      expect(shown(made)).toEqual(passes ? [type] : [])
      expect(announced(made)).toEqual(isAnswered ? ['available'] : sight(state, next))
    })
})
