/**
 * Stanzas from other servers (RFC 6121 §8.5). The link has authenticated the domain of `from`, and checked that the one of
 * `to` is served here; nobody elsewhere is ever taken for somebody here, whatever comes.
 */
import {
  bareJid,
  type Element,
  formatJid,
  type Jid,
  parseJid,
  Stanza,
  stanzaFacts,
  withAttributes,
} from '@smacks/codec'
import { isNone } from 'fp-ts/lib/Option.js'
import { noteRemoteAnswer } from '../answered.js'
import type { Context } from '../context.js'
import { faultOf, routeIq } from '../iq.js'
import { receiveMessage } from '../message.js'
import { receivePresence } from '../presence/receive.js'
import { type Outgoing, refusalFor, refuse } from '../sending.js'

/** Does what a stanza of another server asks for. Its answers leave for that server. */
export const receive = (context: Context, received: Stanza): void => {
  const { from, to } = received.element.attrs
  if (received.fault !== undefined) return refuse(context, received.element, refusalFor(received.fault))
  const sender = jidOf(from)
  const recipient = jidOf(to)
  if (sender === undefined || recipient === undefined || !isFromElsewhere(context, sender, recipient))
    return context.log.warn(
      { from: from?.slice(0, 200), to: to?.slice(0, 200) },
      'a stanza with these addresses cannot come from another server: dropped',
    )
  dispatchByKind(context, sender, recipient, named(received, formatJid(sender)))
}

const isFromElsewhere = ({ domains }: Context, from: Jid, to: Jid): boolean =>
  !domains.has(from.domain) && domains.has(to.domain)

/** With its sender's address in the one form in which it is looked up. */
const named = (received: Stanza, from: string): Outgoing => {
  const { element } = received
  const stanza = element.attrs.from === from ? received : Stanza.fromElement(withAttributes(element, { from }))
  return { stanza, facts: stanzaFacts(stanza.element) }
}

const dispatchByKind = (context: Context, from: Jid, to: Jid, incoming: Outgoing): void => {
  const { element } = incoming.stanza
  switch (incoming.facts.name) {
    case 'message':
      return receiveMessage(context, to, incoming)
    case 'presence':
      return receivePresence(context, from, to, element)
    case 'iq':
      return receiveIq(context, from, to, incoming, element)
  }
}

const receiveIq = (context: Context, from: Jid, to: Jid, incoming: Outgoing, iq: Element): void => {
  const fault = faultOf(iq)
  if (fault === undefined) noteRemoteAnswer(context, from, to, incoming)
  if (fault === undefined) routeIq(context, bareJid(from), from.resource, to, incoming)
  else refuse(context, iq, fault)
}

const jidOf = (address: string | undefined): Jid | undefined => {
  const jid = address === undefined ? undefined : parseJid(address)
  return jid === undefined || isNone(jid) ? undefined : jid.value
}
