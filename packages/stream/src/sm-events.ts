/** What a peer's element of stream management means for the session of its stream. */
import { decodeNonza, type Element, encodeNonza, type Stanza } from '@smacks/codec'
import type { Ack, ConnectionId, Counter, Event, Instant, Nonza, Request, Resource, SmId } from '@smacks/core'
import { isLeft } from '#fp-ts/Either'
import { versionOf } from './elements.js'

/** What all events of a connection say. */
export interface Origin {
  readonly at: Instant
  readonly resource: Resource
  readonly connection: ConnectionId
}

/** An event, or an answer that is given at once, or nothing that belongs on this side of a stream. */
export type Received =
  | { readonly _tag: 'Event'; readonly event: Event<Stanza> }
  | { readonly _tag: 'Answer'; readonly xml: string }
  | { readonly _tag: 'OutOfPlace' }

/** Of what is told without an element, on either side. */
export const fromEither = (nonza: Ack | Request, origin: Origin): Event<Stanza> =>
  nonza._tag === 'Ack'
    ? { _tag: 'AckReceived', ...origin, version: nonza.version, h: nonza.h }
    : { _tag: 'RequestReceived', ...origin, version: nonza.version }

const outOfPlace: Received = { _tag: 'OutOfPlace' }

/** What the receiving side grants, and what it knows. */
export interface ReceivingSide {
  /** Resumption may be granted. */
  readonly mayResume: boolean
  /** Makes an SM-ID. */
  readonly freshId: () => string
  /** How many stanzas of the peer the session of this SM-ID has handled, if it is known. */
  readonly handledBy: (smId: SmId) => Counter | undefined
}

/** Of an element that came from the initiating side: we are the receiving one. */
export const fromInitiating = (element: Element, origin: Origin, side: ReceivingSide): Received => {
  // `h` is sent in the answer to a malformed `<resume/>`, too (XEP-0198 §5).
  const handled = (): Counter | undefined =>
    element.getName() === 'resume' ? side.handledBy(element.attrs.previd ?? '') : undefined
  return received(element, origin, handled, nonza => {
    switch (nonza._tag) {
      case 'Enable': {
        const { version, resume, max } = nonza
        const asked = { version, resume: resume && side.mayResume, freshId: side.freshId() }
        return { _tag: 'EnableReceived', ...origin, ...asked, ...(max === undefined ? {} : { max }) }
      }
      case 'Resume': {
        const { version, previd, h } = nonza
        return { _tag: 'ResumeReceived', at: origin.at, connection: origin.connection, version, previd, h }
      }
      default:
        return undefined
    }
  })
}

/** Of an element that came from the receiving side: we are the initiating one. */
export const fromReceiving = (element: Element, origin: Origin): Received =>
  received(element, origin, nothingHandled, nonza => {
    switch (nonza._tag) {
      case 'Enabled': {
        const { resume, id, max } = nonza
        return {
          _tag: 'EnabledReceived',
          ...origin,
          resume,
          ...(id === undefined ? {} : { id }),
          ...(max === undefined ? {} : { max }),
        }
      }
      case 'Resumed':
        return { _tag: 'ResumedReceived', ...origin, previd: nonza.previd, h: nonza.h }
      case 'Failed': {
        const { condition, h } = nonza
        return { _tag: 'FailedReceived', ...origin, condition, ...(h === undefined ? {} : { h }) }
      }
      default:
        return undefined
    }
  })

const nothingHandled = (): undefined => undefined

const received = (
  element: Element,
  origin: Origin,
  handled: () => Counter | undefined,
  ofRole: (nonza: Nonza) => Event<Stanza> | undefined,
): Received => {
  const decoded = decodeNonza(element)
  if (isLeft(decoded)) {
    const version = versionOf(element)
    if (element.getName() === 'a')
      return {
        _tag: 'Event',
        event: { _tag: 'MalformedAckReceived', ...origin, version, reason: decoded.left.message },
      }
    const h = handled()
    const failed = { _tag: 'Failed', version, condition: 'bad-request', ...(h === undefined ? {} : { h }) } as const
    return { _tag: 'Answer', xml: encodeNonza(failed) }
  }
  const nonza = decoded.right
  switch (nonza._tag) {
    case 'Ack':
    case 'Request':
      return { _tag: 'Event', event: fromEither(nonza, origin) }
    default: {
      const event = ofRole(nonza)
      return event === undefined ? outOfPlace : { _tag: 'Event', event }
    }
  }
}
