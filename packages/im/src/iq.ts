/** IQs (RFC 6120 §8.2.3, RFC 6121 §8.5): routed to a session, or answered here. Every get and set gets one answer. */
import { bareJid, type Element, element, type Jid } from '@smacks/codec'
import type { AccountId } from '@smacks/runtime'
import { isBlocked } from './blocks.js'
import type { Context } from './context.js'
import { blockingNamespace, discoInfoNamespace, discoItemsNamespace, rosterNamespace } from './namespaces.js'
import { roster } from './roster/service.js'
import {
  hasSession,
  type Outgoing,
  type Refusal,
  refusal,
  refuse,
  serviceUnavailable,
  submit,
  toSender,
} from './sending.js'
import { blocking } from './services/blocking.js'
import { discoInfo, discoItems } from './services/disco.js'
import type { Service, Target } from './services/service.js'
import { smallServices } from './services/small.js'

/** What the server itself answers, by the namespace of the payload. */
const services: ReadonlyMap<string, Service> = new Map(
  Object.entries({
    ...smallServices,
    [rosterNamespace]: roster,
    [discoInfoNamespace]: discoInfo,
    [discoItemsNamespace]: discoItems,
    [blockingNamespace]: blocking,
  }),
)

/** What is wrong with an iq (RFC 6120 §8.2.3), if anything is. */
export const faultOf = (iq: Element): Refusal | undefined => {
  const { type, id } = iq.attrs
  if (type !== 'get' && type !== 'set' && type !== 'result' && type !== 'error')
    return refusal('modify', 'bad-request', 'the type of an iq is get, set, result or error')
  if (id === undefined || id === '') return refusal('modify', 'bad-request', 'an iq needs an id')
  if ((type === 'get' || type === 'set') && iq.getChildElements().length !== 1)
    return refusal('modify', 'bad-request', `an iq of type ${type} has exactly one child element`)
  return undefined
}

/**
 * A well-formed iq of a session, or of anybody at another server, whose resource may be empty. `to` is its parsed
 * address, if it has one; its domain is served.
 */
export const routeIq = (
  context: Context,
  account: AccountId,
  resource: string,
  to: Jid | undefined,
  stanza: Outgoing,
): void => {
  const { element: iq } = stanza.stanza
  if (to === undefined || (to.resource === '' && bareJid(to) === account))
    return answer(context, account, resource, iq, { _tag: 'OwnAccount' })
  if (to.local === '')
    return to.resource === ''
      ? answer(context, account, resource, iq, { _tag: 'Domain' })
      : refuse(context, iq, serviceUnavailable)
  const recipient = bareJid(to)
  if (to.resource === '') return answer(context, account, resource, iq, { _tag: 'OtherAccount', account: recipient })
  const { from } = stanza.facts
  if ((from !== undefined && isBlocked(context, recipient, from)) || !hasSession(context, recipient, to.resource))
    return refuse(context, iq, serviceUnavailable)
  submit(context, recipient, to.resource, stanza)
}

/** Answers on behalf of a domain or an account. A result or an error that comes here is of no interest. */
const answer = (context: Context, account: AccountId, resource: string, iq: Element, target: Target): void => {
  const { type } = iq.attrs
  if (type !== 'get' && type !== 'set') return
  const [payload] = iq.getChildElements()
  const service = payload === undefined ? undefined : services.get(payload.getNS() ?? '')
  if (payload === undefined || service === undefined) return refuse(context, iq, serviceUnavailable)
  const given = service({ context, account, resource, type, target, payload })
  if (given._tag === 'Refused') return refuse(context, iq, given)
  toSender(context, resultOf(iq, given.payload))
  given.afterwards?.()
}

const resultOf = (iq: Element, payload: Element | undefined): Element =>
  element(
    'iq',
    { type: 'result', id: iq.attrs.id, from: iq.attrs.to, to: iq.attrs.from },
    ...(payload === undefined ? [] : [payload]),
  )
