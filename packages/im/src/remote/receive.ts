/**
 * Stanzas from other servers (RFC 6121 §8.5). The link has authenticated the domain of `from`, and checked that the one of
 * `to` is served here; nobody elsewhere is ever taken for somebody here, whatever comes.
 */
import { bareJid, bareOf, formatJid, type Jid, outlineFacts, parseJid, type Stanza } from '@smacks/codec'
import type { Instant } from '@smacks/core'
import { isNone } from '#fp-ts/Option'
import { noteRemoteAnswer } from '../answered.js'
import type { Context } from '../context.js'
import type { ImEvent } from '../event.js'
import { iqFault } from '../iq.js'
import { weighed } from '../message.js'
import type { Outgoing } from '../outgoing.js'
import { refusalFor, refuse } from '../stanzas.js'

/** Lets what another server sent happen to the account that it is for. Its answers leave for that server. */
export const receive = (context: Context, received: Stanza): void => {
  const { from, to } = received.outline
  const sender = jidOf(from)
  const recipient = jidOf(to)
  if (received.fault !== undefined)
    return context.perform(bareOf(to ?? ''), refuse(received.head, refusalFor(received.fault)))
  if (sender === undefined || recipient === undefined || !isFromElsewhere(context, sender, recipient))
    return context.log.warn(
      { from: from?.slice(0, 200), to: to?.slice(0, 200) },
      'a stanza with these addresses cannot come from another server: dropped',
    )
  const incoming = named(received, formatJid(sender))
  const { stanza } = incoming
  const fault = incoming.facts.name === 'iq' ? iqFault(stanza.outline) : undefined
  if (fault !== undefined) return context.perform(bareJid(recipient), refuse(stanza.head, fault))
  if (incoming.facts.name === 'iq') noteRemoteAnswer(context, sender, recipient, incoming)
  context.handle(bareJid(recipient), arrivalOf(sender, recipient, incoming, context.clock.now()))
}

const isFromElsewhere = ({ domains }: Context, from: Jid, to: Jid): boolean =>
  !domains.has(from.domain) && domains.has(to.domain)

/** With its sender's address in the one form in which it is looked up. */
const named = (received: Stanza, from: string): Outgoing => {
  const stanza = received.outline.from === from ? received : received.sent(from)
  return { stanza, facts: outlineFacts(stanza.outline) }
}

const arrivalOf = (from: Jid, to: Jid, incoming: Outgoing, at: Instant): ImEvent => {
  switch (incoming.facts.name) {
    case 'message':
      return { _tag: 'MessageArrived', to, message: weighed(incoming), at }
    case 'presence': {
      const original = incoming.stanza.head
      return { _tag: 'PresenceArrived', from: formatJid(from), to: formatJid(to), presence: incoming, original }
    }
    case 'iq':
      return { _tag: 'IqArrived', from: { account: bareJid(from), resource: from.resource }, to, iq: incoming }
  }
}

const jidOf = (address: string | undefined): Jid | undefined => {
  const jid = address === undefined ? undefined : parseJid(address)
  return jid === undefined || isNone(jid) ? undefined : jid.value
}
