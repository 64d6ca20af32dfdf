/** The elements that carry a SASL exchange: those of RFC 6120 §6.4, and those of SASL2 (XEP-0388 §2). */
import { type Element, escapeText } from '@smacks/codec'
import { ns } from '@smacks/stream'
import type { SaslCondition } from './mechanism.js'

/** Whose elements: those of RFC 6120, or those of XEP-0388. */
export type SaslFraming = 'sasl' | 'sasl2'

/** What a client sends. All data is base64 as it came. */
export type SaslRequest =
  /** Without an initial response the client is to be asked for one. */
  | { readonly _tag: 'Start'; readonly mechanism: string; readonly initialResponse: string | undefined }
  | { readonly _tag: 'Respond'; readonly data: string }
  | { readonly _tag: 'Abort' }

/** Reads an element of the framing's namespace; nothing if it is not one of a client's. */
export const decodeSasl = (framing: SaslFraming, element: Element): SaslRequest | undefined => {
  const name = element.getName()
  if (name === 'abort') return { _tag: 'Abort' }
  if (name === 'response') return { _tag: 'Respond', data: dataIn(framing, element) }
  if (name !== startName[framing]) return undefined
  const mechanism = element.attrs.mechanism ?? ''
  return { _tag: 'Start', mechanism, initialResponse: initialResponseIn(framing, element) }
}

export const encodeChallenge = (framing: SaslFraming, data: string): string =>
  `<challenge xmlns='${ns[framing]}'>${data}</challenge>`

/** `<success/>` of RFC 6120. That of SASL2 holds more, which is not the business of SASL. */
export const encodeSuccess = (data: string | undefined): string =>
  // Data without bytes is written as `=` (RFC 6120 §6.4.6).
  `<success xmlns='${ns.sasl}'>${data === '' ? '=' : (data ?? '')}</success>`

export interface SaslFailureText {
  readonly condition: SaslCondition
  /** One English sentence. */
  readonly text: string | undefined
}

export const encodeFailure = (framing: SaslFraming, { condition, text }: SaslFailureText): string => {
  const sentence = text === undefined ? '' : escapeText(text)
  if (framing === 'sasl') {
    const inside = text === undefined ? '' : `<text xml:lang='en'>${sentence}</text>`
    return `<failure xmlns='${ns.sasl}'><${condition}/>${inside}</failure>`
  }
  const inside = text === undefined ? '' : `<text>${sentence}</text>`
  return `<failure xmlns='${ns.sasl2}'><${condition} xmlns='${ns.sasl}'/>${inside}</failure>`
}

const startName = { sasl: 'auth', sasl2: 'authenticate' } as const

const initialResponseIn = (framing: SaslFraming, element: Element): string | undefined => {
  if (framing === 'sasl2') return element.getChild('initial-response', ns.sasl2)?.getText().trim()
  // An empty `<auth/>` has none (RFC 6120 §6.4.2).
  return element.getText().trim() === '' ? undefined : dataIn(framing, element)
}

/** In the elements of RFC 6120, `=` is data without bytes (§6.4.2). */
const dataIn = (framing: SaslFraming, element: Element): string => {
  const text = element.getText().trim()
  return framing === 'sasl' && text === '=' ? '' : text
}
