/** SASL EXTERNAL between servers (XEP-0178 §3, RFC 6120 §6): the certificate shows the domain. */
import { domainOf, type Element, escapeText } from '@smacks/codec'
import type { SaslCondition } from '@smacks/sasl'
import { brief, ns } from '@smacks/stream'
import { type Either, left, right } from '#fp-ts/Either'

/** Asks to be authenticated as a domain. It is named although the header names it too: not every server accepts `=`. */
export const externalAuth = (domain: string): string =>
  `<auth xmlns='${ns.sasl}' mechanism='EXTERNAL'>${Buffer.from(domain).toString('base64')}</auth>`

/** The peer is authenticated. */
export const saslSuccess = `<success xmlns='${ns.sasl}'/>`

/** Why a peer is not authenticated. */
export interface SaslRefusal {
  readonly condition: SaslCondition
  /** One English sentence. */
  readonly text: string
}

export const saslFailure = ({ condition, text }: SaslRefusal): string =>
  `<failure xmlns='${ns.sasl}'><${condition}/><text xml:lang='en'>${escapeText(text)}</text></failure>`

/** As which domain the peer wants to be authenticated. */
export interface ExternalRequest {
  /** A domain, normalised; absent: the one that its stream header is from. */
  readonly authzid: string | undefined
}

/** Decodes an `<auth/>`. `Left` is what to answer. */
export const decodeExternalAuth = (element: Element): Either<SaslRefusal, ExternalRequest> => {
  const { mechanism } = element.attrs
  if (mechanism !== 'EXTERNAL')
    return left({
      condition: 'invalid-mechanism',
      text: `The mechanism is '${brief(mechanism ?? '')}', allowed: 'EXTERNAL'.`,
    })
  const text = element.getText().trim()
  // Without an initial response there would be a challenge, whose only answer is the same (RFC 4422 §A.1).
  if (text === '' || text === '=') return right({ authzid: undefined })
  const bytes = bytesOf(text)
  if (bytes === undefined)
    return left({
      condition: 'incorrect-encoding',
      text: `The initial response '${brief(text)}' is no base64 of UTF-8.`,
    })
  const authzid = domainOf(bytes)
  return authzid === undefined
    ? left({ condition: 'invalid-authzid', text: `'${brief(bytes)}' is no domain.` })
    : right({ authzid })
}

/** The reason in a `<failure/>`, for the operator; of the peer's own text no more than is needed. */
export const saslFailureReason = (failure: Element): string => {
  const condition = failure
    .getChildElements()
    .find(child => child.getName() !== 'text')
    ?.getName()
  const text = failure.getChildText('text') ?? ''
  return `${brief(condition ?? 'no condition')}${text === '' ? '' : ` (${brief(text)})`}`
}

/** Base64 has one spelling here (RFC 6120 §13.9.1). */
const bytesOf = (base64: string): string | undefined => {
  const bytes = Buffer.from(base64, 'base64')
  if (bytes.toString('base64') !== base64) return undefined
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}
