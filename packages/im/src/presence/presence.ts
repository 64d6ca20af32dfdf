/** Presence stanzas of sessions (RFC 6121 §§3, 4): broadcast, directed, subscriptions, probes. */
import { bareJid, type Element, type Jid, toXml, utf8Length } from '@smacks/codec'
import type { AccountId } from '@smacks/runtime'
import { isSome } from 'fp-ts/lib/Option.js'
import type { Context } from '../context.js'
import { presenceBytes } from '../limits.js'
import { deliverOffline } from '../offline.js'
import { askRemoteContacts } from '../remote/contacts.js'
import { depart } from '../remote/depart.js'
import { announcement, outgoing, refusal, refuse } from '../sending.js'
import {
  broadcastAvailable,
  broadcastUnavailable,
  presentOthers,
  rememberAvailable,
  unavailableFrom,
} from './broadcast.js'
import { deliverPresence, directPresence } from './directed.js'
import { priorityOf } from './priority.js'
import { answerProbe } from './probe.js'
import { forgetPresence, presenceOf, setPresence } from './state.js'
import { presentRequests, sendSubscription } from './subscribing.js'
import { isSubscriptionType } from './subscription.js'
import { needsAddress, unknownType } from './wrong-type.js'

/** A presence of a session. `to` is its parsed address, if it has one. */
export const routePresence = (
  context: Context,
  account: AccountId,
  resource: string,
  to: Jid | undefined,
  presence: Element,
): void => {
  const { type } = presence.attrs
  if (to === undefined) {
    if (type === undefined) return becomeAvailable(context, account, resource, presence)
    if (type === 'unavailable') return becomeUnavailable(context, account, resource, presence)
    if (type === 'error') return
    return refuse(context, presence, needsAddress(type))
  }
  if (type === undefined || type === 'unavailable') {
    const refused = directPresence(context, account, resource, to, presence)
    return refused === undefined ? undefined : refuse(context, presence, refused)
  }
  if (isSubscriptionType(type)) {
    const refused = sendSubscription(context, account, bareJid(to), type, presence)
    return refused === undefined ? undefined : refuse(context, presence, refused)
  }
  if (type !== 'probe' && type !== 'error') return refuse(context, presence, unknownType(type))
  if (!context.domains.has(to.domain)) return void depart(context, outgoing(presence))
  // Clients need not probe, but some do (§4.3.2).
  if (type === 'probe') return answerProbe(context, `${account}/${resource}`, bareJid(to))
  if (to.resource !== '') deliverPresence(context, to, presence)
}

/** Initial presence, and each that follows (§§4.2, 4.4). */
const becomeAvailable = (context: Context, account: AccountId, resource: string, presence: Element): void => {
  const stated = priorityOf(presence)
  if (!isSome(stated))
    return refuse(context, presence, refusal('modify', 'bad-request', 'a priority is an integer from -128 to 127'))
  if (isTooLong(presence)) return refuse(context, presence, tooLong)
  const priority = stated.value
  const before = presenceOf(context.presences, account, resource).available
  const announced = announcement(presence)
  rememberAvailable(context, account, resource, announced, priority)
  broadcastAvailable(context, account, announced)
  if (before === undefined) {
    presentOthers(context, account, resource)
    presentRequests(context, account, resource)
    askRemoteContacts(context, account, resource)
  }
  if (priority >= 0 && (before === undefined || before.priority < 0)) deliverOffline(context, account)
}

/** It is kept, and sent to all contacts, those that come later too. */
const isTooLong = (presence: Element): boolean => utf8Length(toXml(presence)) > presenceBytes

const tooLong = refusal('modify', 'policy-violation', `a presence has at most ${presenceBytes} bytes`)

/** §4.5. The session stays, without presence. */
const becomeUnavailable = (context: Context, account: AccountId, resource: string, presence: Element): void => {
  const before = presenceOf(context.presences, account, resource)
  broadcastUnavailable(context, account, before, announcement(presence))
  const { available: _, ...rest } = presenceOf(context.presences, account, resource)
  setPresence(context.presences, account, { ...rest, directed: [] })
}

/** The session is over: whoever saw it available learns that, in its name (§4.5.2). */
export const endPresence = (context: Context, account: AccountId, resource: string): void => {
  const before = presenceOf(context.presences, account, resource)
  forgetPresence(context.presences, account, resource)
  broadcastUnavailable(context, account, before, unavailableFrom(`${account}/${resource}`))
}
