/** Directed presence (RFC 6121 §4.6): to somebody who may have no subscription, and who must learn of its end. */
import { bareJid, bareOf, type Element, formatJid, type Jid, resourceOf } from '@smacks/codec'
import type { AccountId } from '@smacks/runtime'
import { isBlocked } from '../blocks.js'
import type { Context } from '../context.js'
import { directedPerSession } from '../limits.js'
import { hasSession, outgoing, type Refusal, refusal, submit } from '../sending.js'
import { availableOf, presenceOf, setPresence } from './state.js'

/**
 * Delivers available or unavailable presence to one address of a served domain and remembers who got it. Returns
 * the error to answer with, if it goes nowhere.
 */
export const directPresence = (
  context: Context,
  account: AccountId,
  resource: string,
  to: Jid,
  presence: Element,
): Refusal | undefined => {
  if (to.local === '') return undefined
  const jid = formatJid(to)
  const session = presenceOf(context.presences, account, resource)
  if (presence.attrs.type === 'unavailable') {
    if (session.directed.includes(jid))
      setPresence(context.presences, account, {
        ...session,
        directed: session.directed.filter(other => other !== jid),
      })
  } else if (!session.directed.includes(jid)) {
    if (session.directed.length >= directedPerSession)
      return refusal('wait', 'resource-constraint', `directed presence to more than ${directedPerSession} addresses`)
    setPresence(context.presences, account, { ...session, directed: [...session.directed, jid] })
  }
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
