/** Presence stanzas of sessions (RFC 6121 §§3, 4): broadcast, directed, subscriptions, probes. */

import { bareJid, type Jid, type Stanza } from '@smacks/codec'
import type { Resource } from '@smacks/core'
import { isSome } from '#fp-ts/Option'
import { presenceBytes } from '../limits.js'
import { deliverStored } from '../offline.js'
import type { Outgoing } from '../outgoing.js'
import { askRemoteContacts } from '../remote/contacts.js'
import { announcement, refusal, refuse } from '../stanzas.js'
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
export const routePresence = (view: View, resource: Resource, to: Jid | undefined, presence: Outgoing): Transition => {
  const { stanza } = presence
  const { type } = stanza.outline
  if (to === undefined) {
    if (type === undefined) return becomeAvailable(view, resource, presence)
    if (type === 'unavailable') return becomeUnavailable(view, resource, presence)
    return type === 'error' ? nothing : effects(...refuse(stanza.head, needsAddress(type)))
  }
  if (type === undefined || type === 'unavailable') return directPresence(view, resource, to, presence)
  if (isSubscriptionType(type)) return sendSubscription(view, bareJid(to), type, stanza.element)
  if (type !== 'probe' && type !== 'error') return effects(...refuse(stanza.head, unknownType(type)))
  // Clients need not probe, but some do (§4.3.2). Here an error is for a session only.
  if (type === 'error' && view.domains.has(to.domain) && to.resource === '') return nothing
  return effects({ _tag: 'Deliver', to, stanza: presence, ifRefused: 'ignore' })
}

/** Initial presence, and each that follows (§§4.2, 4.4). */
const becomeAvailable =
  (view: View, resource: Resource, presence: Outgoing): Transition =>
  account => {
    const { stanza } = presence
    const stated = priorityOf(stanza)
    if (!isSome(stated))
      return unchanged(
        account,
        refuse(stanza.head, refusal('modify', 'bad-request', 'a priority is an integer from -128 to 127')),
      )
    if (isTooLong(stanza)) return unchanged(account, refuse(stanza.head, tooLong))
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
const isTooLong = ({ size }: Stanza): boolean => size > presenceBytes

const tooLong = refusal('modify', 'policy-violation', `a presence has at most ${presenceBytes} bytes`)

/** §4.5. The session stays, without presence. */
const becomeUnavailable =
  (view: View, resource: Resource, presence: Outgoing): Transition =>
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
