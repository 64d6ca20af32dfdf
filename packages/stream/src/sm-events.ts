/** What a peer's element of stream management means for the session of its stream. */
import { decodeNonza, type Element, encodeNonza, type Stanza } from '@smacks/codec'
import type { Event, Nonza } from '@smacks/core'
import { isLeft } from '#fp-ts/Either'
import { versionOf } from './elements.js'

/** What all events of a connection say. */
export interface Here {
  readonly at: number
  readonly resource: string
  readonly connection: string
}

/** An event, or an answer that is given at once, or nothing that belongs on this side of a stream. */
export type Received =
  | { readonly _tag: 'Event'; readonly event: Event<Stanza> }
  | { readonly _tag: 'Answer'; readonly xml: string }
  | { readonly _tag: 'OutOfPlace' }

const outOfPlace: Received = { _tag: 'OutOfPlace' }

/** Of an element that came from the initiating side: we are the receiving one. `freshId` makes an SM-ID. */
export const fromInitiating = (element: Element, here: Here, mayResume: boolean, freshId: () => string): Received =>
  received(element, here, nonza => {
    switch (nonza._tag) {
      case 'Enable': {
        const { version, resume, max } = nonza
        const asked = { version, resume: resume && mayResume, freshId: freshId() }
        return { _tag: 'EnableReceived', ...here, ...asked, ...(max === undefined ? {} : { max }) }
      }
      case 'Resume': {
        const { version, previd, h } = nonza
        return { _tag: 'ResumeReceived', at: here.at, connection: here.connection, version, previd, h }
      }
      default:
        return undefined
    }
  })

/** Of an element that came from the receiving side: we are the initiating one. */
export const fromReceiving = (element: Element, here: Here): Received =>
  received(element, here, nonza => {
    switch (nonza._tag) {
      case 'Enabled': {
        const { resume, id, max } = nonza
        return {
          _tag: 'EnabledReceived',
          ...here,
          resume,
          ...(id === undefined ? {} : { id }),
          ...(max === undefined ? {} : { max }),
        }
      }
      case 'Resumed':
        return { _tag: 'ResumedReceived', ...here, previd: nonza.previd, h: nonza.h }
      case 'Failed': {
        const { condition, h } = nonza
        return { _tag: 'FailedReceived', ...here, condition, ...(h === undefined ? {} : { h }) }
      }
      default:
        return undefined
    }
  })

const received = (element: Element, here: Here, ofRole: (nonza: Nonza) => Event<Stanza> | undefined): Received => {
  const decoded = decodeNonza(element)
  if (isLeft(decoded)) {
    const version = versionOf(element)
    return element.getName() === 'a'
      ? { _tag: 'Event', event: { _tag: 'MalformedAckReceived', ...here, version, reason: decoded.left.message } }
      : { _tag: 'Answer', xml: encodeNonza({ _tag: 'Failed', version, condition: 'bad-request' }) }
  }
  const nonza = decoded.right
  const { version } = nonza
  switch (nonza._tag) {
    case 'Ack':
      return { _tag: 'Event', event: { _tag: 'AckReceived', ...here, version, h: nonza.h } }
    case 'Request':
      return { _tag: 'Event', event: { _tag: 'RequestReceived', ...here, version } }
    default: {
      const event = ofRole(nonza)
      return event === undefined ? outOfPlace : { _tag: 'Event', event }
    }
  }
}
