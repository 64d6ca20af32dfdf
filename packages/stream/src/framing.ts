/**
 * How a stream is framed on its connection: what opens it, ends it, and carries what belongs to the stream itself. All
 * else is the same whatever the framing is. RFC 7395 frames a stream on WebSocket: `<open/>`, `<close/>`, and each
 * element with the namespaces that the header of RFC 6120 declares once for all.
 */
import { escapeAttribute, escapeText, type StreamFault } from '@smacks/codec'
import type { StreamError } from '@smacks/core'
import { ns } from './names.js'

/** A stream header of ours (RFC 6120 §4.7). */
export interface OwnHeader {
  /** The content namespace: between a client and a server, or between servers (§4.8.2). */
  readonly content: 'jabber:client' | 'jabber:server'
  readonly from: string
  /** Absent in the answer to a header that names nobody. */
  readonly to?: string | undefined
  /** Of the answering side only. */
  readonly id?: string | undefined
  /** Dialback is known here (XEP-0220 §2.4.1). */
  readonly dialback?: boolean
}

/** What differs between streams on TCP and on WebSocket; each member makes text that is written as it is. */
export interface Framing {
  /** What opens our stream, and opens it anew after a restart (§§4.2, 4.3.3). */
  readonly open: (header: OwnHeader) => string
  /** What ends our stream (§4.4). */
  readonly close: string
  /** The features of a stream (§4.3.2); `inside` is XML. */
  readonly features: (inside: string) => string
  /** An error that ends the stream (§4.9). */
  readonly error: (error: StreamError | StreamFault) => string
  /** What is sent so that a dead peer is found out, and means nothing (§4.6.1); empty where the connection has a way of its own. */
  readonly keepalive: string
}

/** Streams on TCP: one XML document in each direction (RFC 6120 §4). */
export const xmlStreamFraming: Framing = {
  open: ({ content, from, to, id, dialback }) =>
    `<?xml version='1.0'?><stream:stream xmlns='${content}' xmlns:stream='${ns.streams}'` +
    `${dialback === true ? ` xmlns:db='${ns.dialback}'` : ''} version='1.0'` +
    `${attribute('from', from)}${attribute('to', to)}${attribute('id', id)} xml:lang='en'>`,
  close: '</stream:stream>',
  features: inside => `<stream:features>${inside}</stream:features>`,
  error: error => `<stream:error>${errorContent(error)}</stream:error>`,
  keepalive: ' ',
}

/** What a stream error holds: the condition, a text in English, an application-specific condition (RFC 6120 §4.9.2). */
export const errorContent = (error: StreamError | StreamFault): string => {
  const condition = `<${error.condition} xmlns='${ns.streamErrors}'/>`
  const text =
    error.text === undefined ? '' : `<text xmlns='${ns.streamErrors}' xml:lang='en'>${escapeText(error.text)}</text>`
  const tooHigh =
    'tooHigh' in error && error.tooHigh !== undefined
      ? `<handled-count-too-high xmlns='${error.tooHigh.version}' h='${error.tooHigh.h}' send-count='${error.tooHigh.sendCount}'/>`
      : ''
  return `${condition}${text}${tooHigh}`
}

const attribute = (name: string, value: string | undefined): string =>
  value === undefined ? '' : ` ${name}='${escapeAttribute(value)}'`
