/** What a first-level element means once a resource is bound: an event of the account. */
import { decodeNonza, type Element, isOwnAddress, isSmElement, Stanza } from '@smacks/codec'
import type { AccountId } from '@smacks/runtime'
import { brief, isStanza, namespaceOf, ns, unknownElement, versionOf } from '@smacks/stream'
import { isLeft } from 'fp-ts/lib/Either.js'
import { chargeOf } from './charge.js'
import type { ClientStream } from './client-stream.js'
import { malformedNonza, malformedResume } from './resume.js'

interface Session {
  readonly account: AccountId
  readonly resource: string
  readonly fullJid: string
}

export const boundElement = (stream: ClientStream, session: Session, element: Element): void => {
  const charge = chargeOf(element)
  if (charge > 0) stream.connection.charge(charge)
  if (isStanza(element)) return boundStanza(stream, session, element, Stanza.fromElement(element))
  if (isSmElement(element)) return nonza(stream, session, element)
  if (namespaceOf(element) === ns.csi) return clientState(stream, session, element)
  return stream.refuse(unknownElement(element))
}

/** A stanza that came as `element`, and counts as `stanza`. */
export const boundStanza = (stream: ClientStream, session: Session, element: Element, stanza: Stanza): void => {
  const { from } = element.attrs
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

/** Elements of stream management (XEP-0198 §§3-5). */
const nonza = (stream: ClientStream, session: Session, element: Element): void => {
  const { account } = session
  const fact = here(stream, session)
  const decoded = decodeNonza(element)
  if (isLeft(decoded))
    return element.getName() === 'a'
      ? stream.dispatch(account, {
          _tag: 'MalformedAckReceived',
          ...fact,
          version: versionOf(element),
          reason: decoded.left.message,
        })
      : stream.write(malformed(stream, account, element))
  const received = decoded.right
  const { version } = received
  switch (received._tag) {
    case 'Ack':
      return stream.dispatch(account, { _tag: 'AckReceived', ...fact, version, h: received.h })
    case 'Request':
      return stream.dispatch(account, { _tag: 'RequestReceived', ...fact, version })
    case 'Enable': {
      const { resume, max } = received
      const freshId = stream.options.entropy.freshId()
      return stream.dispatch(account, {
        _tag: 'EnableReceived',
        ...fact,
        version,
        resume,
        freshId,
        ...(max === undefined ? {} : { max }),
      })
    }
    case 'Resume': {
      const { previd, h } = received
      const { at, connection } = fact
      return stream.dispatch(account, { _tag: 'ResumeReceived', at, connection, version, previd, h })
    }
    case 'Enabled':
    case 'Failed':
    case 'Resumed':
      return stream.refuse(unknownElement(element))
  }
}

const malformed = (stream: ClientStream, account: AccountId, element: Element): string =>
  element.getName() === 'resume' ? malformedResume(stream, account, element) : malformedNonza(element)

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
