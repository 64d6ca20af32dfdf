/** What a first-level element means once a resource is bound: an event of the account. */
import { type Element, isOwnAddress, isSmElement, Stanza } from '@smacks/codec'
import type { Ack, Request } from '@smacks/core'
import type { AccountId } from '@smacks/runtime'
import { brief, fromEither, fromInitiating, isStanza, namespaceOf, ns, unknownElement } from '@smacks/stream'
import { chargeOf } from './charge.js'
import type { ClientStream } from './client-stream.js'
import { malformedResume } from './resume.js'

interface Session {
  readonly account: AccountId
  readonly resource: string
  readonly fullJid: string
}

export const boundElement = (stream: ClientStream, session: Session, element: Element): void => {
  if (isStanza(element)) return boundStanza(stream, session, Stanza.fromElement(element))
  if (isSmElement(element)) return nonza(stream, session, element)
  if (namespaceOf(element) === ns.csi) return clientState(stream, session, element)
  return stream.refuse(unknownElement(element))
}

/** A stanza, which counts also if it is refused. */
export const boundStanza = (stream: ClientStream, session: Session, stanza: Stanza): void => {
  const { outline } = stanza
  const charge = stanza.fault === undefined ? chargeOf(outline) : 0
  if (charge > 0) stream.connection.charge(charge)
  const { from } = outline
  if (from !== undefined && !isOwnAddress(from, session.fullJid))
    return stream.refuse({
      condition: 'invalid-from',
      text: `You sent from '${brief(from)}', but you are '${session.fullJid}'.`,
    })
  stream.dispatch(session.account, {
    _tag: 'StanzaReceived',
    ...here(stream, session),
    stanza,
  })
}

/** `<r/>` or `<a/>`. */
export const boundNonza = (stream: ClientStream, session: Session, frequent: Ack | Request): void =>
  stream.dispatch(session.account, fromEither(frequent, here(stream, session)))

/** Elements of stream management (XEP-0198 §§3-5). */
const nonza = (stream: ClientStream, session: Session, element: Element): void => {
  const { account } = session
  const received = fromInitiating(element, here(stream, session), true, stream.options.entropy.freshId)
  switch (received._tag) {
    case 'Event':
      return stream.dispatch(account, received.event)
    case 'Answer':
      return stream.write(element.getName() === 'resume' ? malformedResume(stream, account, element) : received.xml)
    case 'OutOfPlace':
      return stream.refuse(unknownElement(element))
  }
}

/** Client state indication (XEP-0352 §4). */
const clientState = (stream: ClientStream, session: Session, element: Element): void => {
  switch (element.getName()) {
    case 'active':
      return stream.dispatch(session.account, { _tag: 'ClientActive', ...here(stream, session) })
    case 'inactive':
      return stream.dispatch(session.account, { _tag: 'ClientInactive', ...here(stream, session) })
    default:
      return stream.refuse(unknownElement(element))
  }
}

const here = (stream: ClientStream, { resource }: Session) => ({
  at: stream.options.clock.now(),
  resource,
  connection: stream.connection.id,
})
