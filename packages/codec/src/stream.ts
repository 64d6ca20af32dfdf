/** Stream headers and stream errors (RFC 6120 §§4.7, 4.9). */
import type { StreamError, StreamErrorCondition } from '@smacks/core'
import { clientNamespace, streamErrorNamespace, streamNamespace } from './namespaces.js'
import { escapeAttribute, escapeText } from './xml.js'

/** The attributes of a stream header (RFC 6120 §4.7). */
export interface StreamHeader {
  readonly to?: string
  readonly from?: string
  readonly id?: string
  readonly version?: string
  readonly lang?: string
  /** The default namespace: `jabber:client` or `jabber:server`. */
  readonly xmlns: string
}

/** What a response header says. */
export interface ResponseHeader {
  readonly from: string
  readonly to?: string
  readonly id: string
  readonly lang?: string
}

const attribute = (name: string, value: string | undefined): string =>
  value === undefined ? '' : ` ${name}='${escapeAttribute(value)}'`

/** The server's stream header towards a client, with an XML declaration (RFC 6120 §4.7). */
export const openStream = (header: ResponseHeader): string =>
  `<?xml version='1.0'?><stream:stream xmlns='${clientNamespace}' xmlns:stream='${streamNamespace}' version='1.0'${attribute(
    'from',
    header.from,
  )}${attribute('to', header.to)}${attribute('id', header.id)}${attribute('xml:lang', header.lang ?? 'en')}>`

/** The end of a stream (RFC 6120 §4.4). */
export const closeStream = '</stream:stream>'

/** A rule of the stream that the peer broke, or any other reason to end it. */
export interface StreamFault {
  readonly condition: StreamErrorCondition
  /** One English sentence that names the thing, its value and what is allowed. */
  readonly text?: string
}

/** `<stream:error/>`: the condition, a text in English, an application-specific condition (RFC 6120 §4.9.2). */
export const encodeStreamError = (error: StreamFault | StreamError): string => {
  const condition = `<${error.condition} xmlns='${streamErrorNamespace}'/>`
  const text =
    error.text === undefined
      ? ''
      : `<text xmlns='${streamErrorNamespace}' xml:lang='en'>${escapeText(error.text)}</text>`
  const tooHigh =
    'tooHigh' in error && error.tooHigh !== undefined
      ? `<handled-count-too-high xmlns='${error.tooHigh.version}' h='${error.tooHigh.h}' send-count='${error.tooHigh.sendCount}'/>`
      : ''
  return `<stream:error>${condition}${text}${tooHigh}</stream:error>`
}
