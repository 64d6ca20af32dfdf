/** Directed presence (RFC 6121 §4.6): to somebody who may have no subscription, and who must learn of its end. */
import { bareJid, bareOf, type Element, formatJid, type Jid, resourceOf } from '@smacks/codec'
import type { StanzaFacts } from '@smacks/core'
import type { AccountId } from '@smacks/runtime'
import { isBlocked } from '../blocks.js'
import { charactersOf } from '../characters.js'
import type { Context } from '../context.js'
import { directedCharacters, directedPerSession } from '../limits.js'
import { depart } from '../remote/depart.js'
import { hasSession, outgoing, type Refusal, refusal, submit } from '../sending.js'
import { availableOf, presenceOf, setPresence } from './state.js'

/**
 * Delivers available or unavailable presence to one address, here or elsewhere, and remembers who got it. Returns the error
 * to answer with, if it goes nowhere; whoever is out of reach does not miss a farewell.
 */
export const directPresence = (
  context: Context,
  account: AccountId,
  resource: string,
  to: Jid,
  presence: Element,
): Refusal | undefined => {
  if (context.domains.has(to.domain) && to.local === '') return undefined
  const jid = formatJid(to)
  const session = presenceOf(context.presences, account, resource)
  const { directed } = session
  const isKnown = directed.includes(jid)
  if (presence.attrs.type === 'unavailable') {
    if (isKnown)
      setPresence(context.presences, account, { ...session, directed: directed.filter(other => other !== jid) })
    handOver(context, to, presence)
    return undefined
  }
  if (!isKnown && !hasRoom(directed, jid)) return tooManyDirected
  const refused = handOver(context, to, presence)
  if (refused === undefined && !isKnown)
    setPresence(context.presences, account, { ...session, directed: [...directed, jid] })
  return refused
}

/** They are written down with each that is new. */
const hasRoom = (directed: ReadonlyArray<string>, jid: string): boolean =>
  directed.length < directedPerSession && charactersOf(directed) + jid.length <= directedCharacters

const tooManyDirected = refusal(
  'wait',
  'resource-constraint',
  `directed presence to more than ${directedPerSession} addresses, or to more than ${directedCharacters} characters of these`,
)

/** A directed presence did not get there, and its sender is told. */
export const forgetDirected = ({ presences }: Context, { from = '', to = '' }: StanzaFacts): void => {
  const session = presenceOf(presences, bareOf(from), resourceOf(from))
  setPresence(presences, bareOf(from), { ...session, directed: session.directed.filter(other => other !== to) })
}

/** To the sessions here, or to the other server. */
const handOver = (context: Context, to: Jid, presence: Element): Refusal | undefined => {
  if (!context.domains.has(to.domain)) return depart(context, outgoing(presence))
  deliverPresence(context, to, presence)
  return undefined
}

/** Delivers a presence to the sessions that its address names (RFC 6121 §§8.5.2, 8.5.3). */
export const deliverPresence = (context: Context, to: Jid, presence: Element): void => {
  const account = bareJid(to)
  if (presence.attrs.from !== undefined && isBlocked(context, account, presence.attrs.from)) return
  const stanza = outgoing(presence)
  for (const resource of recipientsOf(context, formatJid(to))) submit(context, account, resource, stanza)
}

/** A full JID names its session, if that exists; a bare JID all available sessions. */
export const recipientsOf = (context: Context, jid: string): ReadonlyArray<string> => {
  const account = bareOf(jid)
  const resource = resourceOf(jid)
  if (resource !== '') return hasSession(context, account, resource) ? [resource] : []
  return availableOf(context.presences, account).map(session => session.resource)
}
