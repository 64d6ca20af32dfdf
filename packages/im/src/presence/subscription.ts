/**
 * The subscription states of a contact and how they change (RFC 6121, Appendix A), as tables: one row an
 * event, one column a state, in the order of the standard.
 */

/** Appendix A.1. `out`: we asked and wait for the answer; `in`: the contact asked and waits for ours. */
export const subscriptionStates = [
  'none',
  'none+out',
  'none+in',
  'none+out+in',
  'to',
  'to+in',
  'from',
  'from+out',
  'both',
] as const

export type SubscriptionState = (typeof subscriptionStates)[number]

/** The presence types that manage subscriptions (§3). */
export type SubscriptionType = 'subscribe' | 'subscribed' | 'unsubscribe' | 'unsubscribed'

export const isSubscriptionType = (type: string): type is SubscriptionType =>
  type === 'subscribe' || type === 'subscribed' || type === 'unsubscribe' || type === 'unsubscribed'

/** What is done with a stanza: outbound it is routed to the contact or not, inbound it is delivered to the user or not. */
export interface Transition {
  readonly passes: boolean
  readonly next: SubscriptionState
}

type Row = Readonly<Record<SubscriptionState, Transition>>

const passing = (next: SubscriptionState): Transition => ({ passes: true, next })
const stopped = (next: SubscriptionState): Transition => ({ passes: false, next })

/** Every state stays as it is, and the stanza passes or not, but for the exceptions. */
const rowOf = (otherwise: (state: SubscriptionState) => Transition, exceptions: Partial<Row>): Row => ({
  none: otherwise('none'),
  'none+out': otherwise('none+out'),
  'none+in': otherwise('none+in'),
  'none+out+in': otherwise('none+out+in'),
  to: otherwise('to'),
  'to+in': otherwise('to+in'),
  from: otherwise('from'),
  'from+out': otherwise('from+out'),
  both: otherwise('both'),
  ...exceptions,
})

/** Appendix A.2: the user sends. */
const outbound: Readonly<Record<SubscriptionType, Row>> = {
  subscribe: rowOf(passing, {
    none: passing('none+out'),
    'none+in': passing('none+out+in'),
    from: passing('from+out'),
  }),
  unsubscribe: rowOf(passing, {
    'none+out': passing('none'),
    'none+out+in': passing('none+in'),
    to: passing('none'),
    'to+in': passing('none+in'),
    'from+out': passing('from'),
    both: passing('from'),
  }),
  subscribed: rowOf(stopped, {
    'none+in': passing('from'),
    'none+out+in': passing('from+out'),
    'to+in': passing('both'),
  }),
  unsubscribed: rowOf(stopped, {
    'none+in': passing('none'),
    'none+out+in': passing('none+out'),
    'to+in': passing('to'),
    from: passing('none'),
    'from+out': passing('none+out'),
    both: passing('to'),
  }),
}

/** Appendix A.3: the contact sends. */
const inbound: Readonly<Record<SubscriptionType, Row>> = {
  subscribe: rowOf(stopped, {
    none: passing('none+in'),
    'none+out': passing('none+out+in'),
    to: passing('to+in'),
  }),
  unsubscribe: rowOf(stopped, {
    'none+in': passing('none'),
    'none+out+in': passing('none+out'),
    'to+in': passing('to'),
    from: passing('none'),
    'from+out': passing('none+out'),
    both: passing('to'),
  }),
  subscribed: rowOf(stopped, {
    'none+out': passing('to'),
    'none+out+in': passing('to+in'),
    'from+out': passing('both'),
  }),
  unsubscribed: rowOf(stopped, {
    'none+out': passing('none'),
    'none+out+in': passing('none+in'),
    to: passing('none'),
    'to+in': passing('none+in'),
    'from+out': passing('from'),
    both: passing('from'),
  }),
}

/** Appendix A.2: the user sends `type` to a contact in this state. */
export const whenSent = (type: SubscriptionType, state: SubscriptionState): Transition => outbound[type][state]

/** Appendix A.3: a contact in this state sends `type` to the user. */
export const whenReceived = (type: SubscriptionType, state: SubscriptionState): Transition => inbound[type][state]

/** The user gets the contact's presence. */
export const seesContact = (state: SubscriptionState): boolean =>
  state === 'to' || state === 'to+in' || state === 'both'

/** The contact gets the user's presence. */
export const isSeenByContact = (state: SubscriptionState): boolean =>
  state === 'from' || state === 'from+out' || state === 'both'

/** We asked and wait for the answer. */
export const isPendingOut = (state: SubscriptionState): boolean =>
  state === 'none+out' || state === 'none+out+in' || state === 'from+out'

/** The contact asked and waits for our answer. */
export const isPendingIn = (state: SubscriptionState): boolean =>
  state === 'none+in' || state === 'none+out+in' || state === 'to+in'

/** The state after the user approves a contact who did not ask yet, once it asks (§3.4). */
export const approvedBeforehand = (state: SubscriptionState): SubscriptionState =>
  whenSent('subscribed', whenReceived('subscribe', state).next).next
