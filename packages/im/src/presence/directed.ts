/** Directed presence (RFC 6121 §4.6): to somebody who may have no subscription, and who must learn of its end. */
import { formatJid, type Jid, resourceOf } from '@smacks/codec'
import type { Resource, StanzaFacts } from '@smacks/core'
import { isBlocked } from '../blocks.js'
import { charactersOf } from '../characters.js'
import { directedCharacters, directedPerSession } from '../limits.js'
import type { Outgoing } from '../outgoing.js'
import { refusal, refuse, submit } from '../stanzas.js'
import { effects, type ImAccount, sequence, type Transition, unchanged } from '../state.js'
import type { View } from '../view.js'
import { availableOf, presenceOf, setPresence } from './sessions.js'

/**
 * Delivers available or unavailable presence to one address, here or elsewhere, and remembers who got it
 * (`rememberDirected`). Whoever is out of reach does not miss unavailable presence.
 */
export const directPresence =
  (view: View, resource: Resource, to: Jid, presence: Outgoing): Transition =>
  account => {
    if (view.domains.has(to.domain) && to.local === '') return unchanged(account)
    const jid = formatJid(to)
    const session = presenceOf(account, resource)
    const { directed } = session
    const isKnown = directed.includes(jid)
    if (presence.facts.type === 'unavailable') {
      const forgotten = isKnown ? [setPresence({ ...session, directed: directed.filter(other => other !== jid) })] : []
      return sequence(account, ...forgotten, effects({ _tag: 'Deliver', to, stanza: presence, ifRefused: 'ignore' }))
    }
    if (isKnown) return unchanged(account, [{ _tag: 'Deliver', to, stanza: presence, ifRefused: 'answer' }])
    if (!hasRoom(directed, jid)) return unchanged(account, refuse(presence.stanza.head, tooManyDirected))
    return unchanged(account, [{ _tag: 'Deliver', to, stanza: presence, reportTo: resource, ifRefused: 'answer' }])
  }

/** It was taken, so its recipient is to learn of its end. */
export const rememberDirected =
  (resource: Resource, to: Jid): Transition =>
  account => {
    const session = presenceOf(account, resource)
    return setPresence({ ...session, directed: [...session.directed, formatJid(to)] })(account)
  }

/** A directed presence did not get there, and its sender is told. */
export const forgetDirected =
  ({ from = '', to = '' }: StanzaFacts): Transition =>
  account => {
    const session = presenceOf(account, resourceOf(from))
    return setPresence({ ...session, directed: session.directed.filter(other => other !== to) })(account)
  }

/** They are written down with each that is new. */
const hasRoom = (directed: ReadonlyArray<string>, jid: string): boolean =>
  directed.length < directedPerSession && charactersOf(directed) + jid.length <= directedCharacters

const tooManyDirected = refusal(
  'wait',
  'resource-constraint',
  `directed presence to more than ${directedPerSession} addresses, or to more than ${directedCharacters} characters of these`,
)

/** Delivers a presence to the sessions that its address names (RFC 6121 §§8.5.2, 8.5.3). */
export const deliverPresence =
  (view: View, to: string, presence: Outgoing): Transition =>
  account => {
    const { from } = presence.facts
    if (from !== undefined && isBlocked(account, from)) return unchanged(account)
    return unchanged(
      account,
      recipientsOf(view, account, to).map(resource => submit(resource, presence)),
    )
  }

/** A full JID names its session, if that exists; a bare JID all available sessions. */
export const recipientsOf = (view: View, account: ImAccount, jid: string): ReadonlyArray<string> => {
  const resource = resourceOf(jid)
  if (resource !== '') return view.hasSession(resource) ? [resource] : []
  return availableOf(account).map(session => session.resource)
}
