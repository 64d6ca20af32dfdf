/** Presence stanzas of other servers (RFC 6121 §§3, 4): shown, or answered. */
import { bareJid, type Element, formatJid, type Jid } from '@smacks/codec'
import { isBlocked } from '../blocks.js'
import type { Context } from '../context.js'
import { outgoing, refuse, submit } from '../sending.js'
import { deliverPresence } from './directed.js'
import { answerProbe } from './probe.js'
import { attentiveOf } from './state.js'
import { receiveSubscription } from './subscribing.js'
import { isSubscriptionType } from './subscription.js'
import { unknownType } from './wrong-type.js'

/** `from` and `to` are the parsed addresses; the domain of `to` is served here, that of `from` is not. */
export const receivePresence = (context: Context, from: Jid, to: Jid, presence: Element): void => {
  const { type } = presence.attrs
  if (type === undefined || type === 'unavailable') return deliverPresence(context, to, presence)
  if (isSubscriptionType(type)) {
    const refused = receiveSubscription(context, bareJid(to), bareJid(from), type, presence)
    return refused === undefined ? undefined : refuse(context, presence, refused)
  }
  if (type === 'probe') return answerProbe(context, formatJid(from), bareJid(to))
  if (type === 'error') return deliverPresenceError(context, to, presence)
  refuse(context, presence, unknownType(type))
}

/** To the session it names, or, since requests come from the account, to those that learn what becomes of them. */
export const deliverPresenceError = (context: Context, to: Jid, error: Element): void => {
  if (to.resource !== '') return deliverPresence(context, to, error)
  const account = bareJid(to)
  if (error.attrs.from !== undefined && isBlocked(context, account, error.attrs.from)) return
  const stanza = outgoing(error)
  for (const { resource } of attentiveOf(context.presences, account)) submit(context, account, resource, stanza)
}
