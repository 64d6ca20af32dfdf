/** Presence stanzas of sessions (RFC 6121 §§3, 4): broadcast, directed, subscriptions, probes. */

import { bareJid, type Element, type Jid, toXml, utf8Length } from '@smacks/codec'
import type { Resource } from '@smacks/core'
import { isSome } from '#fp-ts/Option'
import { presenceBytes } from '../limits.js'
import { deliverStored } from '../offline.js'
import { askRemoteContacts } from '../remote/contacts.js'
import { announcement, outgoing, refusal, refuse } from '../stanzas.js'
import { effects, nothing, sequence, type Transition, unchanged } from '../state.js'
import type { View } from '../view.js'
import { broadcastAvailable, broadcastUnavailable, presentOthers, unavailableFrom } from './broadcast.js'
import { directPresence } from './directed.js'
import { priorityOf } from './priority.js'
import { forgetPresence, presenceOf, setPresence } from './sessions.js'
import { presentRequests, sendSubscription } from './subscribing.js'
import { isSubscriptionType } from './subscription.js'
import { needsAddress, unknownType } from './wrong-type.js'

/** A presence of a session. `to` is its parsed address, if it has one. */
export const routePresence = (view: View, resource: Resource, to: Jid | undefined, presence: Element): Transition => {
  const { type } = presence.attrs
  if (to === undefined) {
    if (type === undefined) return becomeAvailable(view, resource, presence)
    if (type === 'unavailable') return becomeUnavailable(view, resource, presence)
    return type === 'error' ? nothing : effects(...refuse(presence, needsAddress(type)))
  }
  if (type === undefined || type === 'unavailable') return directPresence(view, resource, to, presence)
  if (isSubscriptionType(type)) return sendSubscription(view, bareJid(to), type, presence)
  if (type !== 'probe' && type !== 'error') return effects(...refuse(presence, unknownType(type)))
  // Clients need not probe, but some do (§4.3.2). Here an error is for a session only.
  if (type === 'error' && view.domains.has(to.domain) && to.resource === '') return nothing
  return effects({ _tag: 'Deliver', to, stanza: outgoing(presence), ifRefused: 'ignore' })
}

/** Initial presence, and each that follows (§§4.2, 4.4). */
const becomeAvailable =
  (view: View, resource: Resource, presence: Element): Transition =>
  account => {
    const stated = priorityOf(presence)
    if (!isSome(stated))
      return unchanged(
        account,
        refuse(presence, refusal('modify', 'bad-request', 'a priority is an integer from -128 to 127')),
      )
    if (isTooLong(presence)) return unchanged(account, refuse(presence, tooLong))
    const priority = stated.value
    const session = presenceOf(account, resource)
    const before = session.available
    const announced = announcement(presence)
    const isInitial = before === undefined
    return sequence(
      account,
      setPresence({ ...session, available: { ...announced, priority } }),
      broadcastAvailable(announced),
      ...(isInitial
        ? [presentOthers(view, resource), presentRequests(resource), askRemoteContacts(view, resource)]
        : []),
      priority >= 0 && (isInitial || before.priority < 0) ? deliverStored : nothing,
    )
  }

/** It is kept, and sent to all contacts, those that come later too. */
const isTooLong = (presence: Element): boolean => utf8Length(toXml(presence)) > presenceBytes

const tooLong = refusal('modify', 'policy-violation', `a presence has at most ${presenceBytes} bytes`)

/** §4.5. The session stays, without presence. */
const becomeUnavailable =
  (view: View, resource: Resource, presence: Element): Transition =>
  account => {
    const before = presenceOf(account, resource)
    const { available: _, ...rest } = before
    return sequence(
      account,
      broadcastUnavailable(view, before, announcement(presence)),
      setPresence({ ...rest, directed: [] }),
    )
  }

/** The session is over: whoever saw it available learns that, in its name (§4.5.2). */
export const endPresence =
  (view: View, resource: Resource): Transition =>
  account =>
    sequence(
      account,
      forgetPresence(resource),
      broadcastUnavailable(view, presenceOf(account, resource), unavailableFrom(`${account.jid}/${resource}`)),
    )
