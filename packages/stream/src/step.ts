/** What a stream is to do next, whoever is at the other end: plain data, which `ManagedStream.perform` does. */
import type { Element, StreamFault } from '@smacks/codec'
import { unknownElement } from './elements.js'
import { ns } from './names.js'

/** Send this, behind all that was to be sent before. */
export interface Reply {
  readonly _tag: 'Reply'
  readonly xml: string
}

/** End the stream with an error (RFC 6120 §4.9). */
export interface Refuse {
  readonly _tag: 'Refuse'
  readonly fault: StreamFault
}

/** Expect a new stream on the same connection (RFC 6120 §4.3.3). */
export interface Restart {
  readonly _tag: 'Restart'
}

/** Send this, then start TLS (RFC 6120 §5). */
export interface StartTls {
  readonly _tag: 'StartTls'
  /** `<proceed/>`. */
  readonly proceed: string
}

/** One of these; a list of them is done in order. */
export type StreamStep = Reply | Refuse | Restart | StartTls

/** Sends this XML. */
export const reply = (xml: string): Reply => ({ _tag: 'Reply', xml })
/** Ends the stream with this error (RFC 6120 §4.9). */
export const refuse = (fault: StreamFault): Refuse => ({ _tag: 'Refuse', fault })
/** Expects a new stream (RFC 6120 §4.3.3). */
export const restart: Restart = { _tag: 'Restart' }

/** What an element of the namespace of TLS means to the side that was connected to (RFC 6120 §5.4.2). */
export const startTlsSteps = (element: Element, isSecure: boolean): ReadonlyArray<Refuse | Reply | StartTls> => {
  if (element.getName() !== 'starttls') return [refuse(unknownElement(element))]
  return isSecure
    ? [reply(`<failure xmlns='${ns.tls}'/>`), refuse({ condition: 'policy-violation', text: 'TLS is on already.' })]
    : [{ _tag: 'StartTls', proceed: `<proceed xmlns='${ns.tls}'/>` }]
}
