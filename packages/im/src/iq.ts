/** IQs (RFC 6120 §8.2.3, RFC 6121 §8.5): delivered to a session, or answered here. Every get and set gets one answer. */

import { bareJid, type Element, element, type Jid, type StanzaOutline } from '@smacks/codec'
import type { Resource } from '@smacks/core'
import { isBlocked } from './blocks.js'
import type { Asker, IqArrived } from './event.js'
import type { Outgoing, Refusal } from './outgoing.js'
import type { ServingView, Target } from './services/service.js'
import { refusal, refuse, serviceUnavailable, submit } from './stanzas.js'
import { effects, nothing, sequence, type Transition } from './state.js'

/** What is wrong with an iq (RFC 6120 §8.2.3), if anything is. */
export const iqFault = ({ type, id, children }: StanzaOutline): Refusal | undefined => {
  if (type !== 'get' && type !== 'set' && type !== 'result' && type !== 'error')
    return refusal('modify', 'bad-request', 'the type of an iq is get, set, result or error')
  if (id === undefined || id === '') return refusal('modify', 'bad-request', 'an iq needs an id')
  if ((type === 'get' || type === 'set') && children.length !== 1)
    return refusal('modify', 'bad-request', `an iq of type ${type} has exactly one child element`)
  return undefined
}

/** A well-formed iq of a session. `to` is its parsed address, if it has one. */
export const sendIq =
  (view: ServingView, resource: Resource, to: Jid | undefined, iq: Outgoing): Transition =>
  account => {
    const asker: Asker = { account: account.jid, resource }
    if (to === undefined || (to.resource === '' && bareJid(to) === account.jid))
      return answer(view, asker, iq, { _tag: 'OwnAccount' })(account)
    if (to.local === '' && view.domains.has(to.domain)) return answerForDomain(view, asker, to, iq)(account)
    return effects({ _tag: 'Deliver', to, stanza: iq, ifRefused: 'answer' })(account)
  }

/** An iq of another account, here or elsewhere, or of another session. */
export const receiveIq =
  (view: ServingView, { from, to, iq }: IqArrived): Transition =>
  account => {
    if (to.local === '') return answerForDomain(view, from, to, iq)(account)
    if (to.resource === '') return answer(view, from, iq, { _tag: 'OtherAccount' })(account)
    const sender = iq.facts.from
    if ((sender !== undefined && isBlocked(account, sender)) || !view.hasSession(to.resource))
      return effects(...refuse(iq.stanza.head, serviceUnavailable))(account)
    return effects(submit(to.resource, iq))(account)
  }

const answerForDomain = (view: ServingView, asker: Asker, to: Jid, iq: Outgoing): Transition =>
  to.resource === ''
    ? answer(view, asker, iq, { _tag: 'Domain' })
    : effects(...refuse(iq.stanza.head, serviceUnavailable))

/** Answers on behalf of a domain or an account. A result or an error that comes here is of no interest. */
const answer =
  (view: ServingView, asker: Asker, { stanza: { element: iq } }: Outgoing, target: Target): Transition =>
  account => {
    const { type } = iq.attrs
    if (type !== 'get' && type !== 'set') return nothing(account)
    const [payload] = iq.getChildElements()
    const handler = payload === undefined ? undefined : view.services.handlerOf(payload.getNS() ?? '')
    if (payload === undefined || handler === undefined) return effects(...refuse(iq, serviceUnavailable))(account)
    const given = handler({ view, account, asker, type, target, payload })
    if (given._tag === 'Refused') return effects(...refuse(iq, given))(account)
    const { change = nothing, afterwards = nothing } = given
    return sequence(account, change, effects({ _tag: 'Answer', reply: resultOf(iq, given.payload) }), afterwards)
  }

const resultOf = (iq: Element, payload: Element | undefined): Element =>
  element(
    'iq',
    { type: 'result', id: iq.attrs.id, from: iq.attrs.to, to: iq.attrs.from },
    ...(payload === undefined ? [] : [payload]),
  )
