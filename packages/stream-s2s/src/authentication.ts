/**
 * How a stream that we opened shows who we are: by our certificate (XEP-0178) where the peer asks for one, otherwise or after
 * that by dialback (XEP-0220). A state machine: what comes leads to what is to be done next.
 */
import type { Element, StreamFault } from '@smacks/codec'
import type { SmVersion } from '@smacks/core'
import { namespaceOf, ns, type Refuse, refuse, unknownElement } from '@smacks/stream'
import { isRight } from '#fp-ts/Either'
import type { StreamPair } from './addressing.js'
import { decodeDialback, encodeDialback, isDialback } from './dialback-elements.js'
import { externalAuth, saslFailureReason } from './external-elements.js'
import { offersOf } from './offers.js'
import type { S2sOptions, S2sPolicy } from './options.js'

/** What of a stream decides how it authenticates. */
export interface AuthenticatingStream {
  readonly pair: StreamPair
  /** The peer's id of the stream. */
  readonly streamId: string
  /** The peer's certificate is good for its domain. */
  readonly isCertified: () => boolean
}

export type AuthenticationState =
  | { readonly _tag: 'AwaitingFeatures' }
  /** SASL EXTERNAL was asked for. */
  | { readonly _tag: 'External'; readonly version: SmVersion | undefined }
  /** It succeeded, and the features of the next stream are awaited. */
  | { readonly _tag: 'Certified' }
  /** A key was sent. */
  | { readonly _tag: 'Dialback'; readonly version: SmVersion | undefined }

export type AuthenticationStep =
  | { readonly _tag: 'Write'; readonly xml: string; readonly next: AuthenticationState }
  /** The next stream of the connection begins. */
  | { readonly _tag: 'Restart'; readonly next: AuthenticationState }
  /** The stream may carry stanzas. `version` is the peer's offer of stream management. */
  | { readonly _tag: 'Ready'; readonly version: SmVersion | undefined }
  | Refuse

interface Options extends Pick<S2sOptions, 'keys'> {
  readonly policy: Pick<S2sPolicy, 'authentication'>
}

/** Features came. */
export const onFeatures = (
  options: Options,
  stream: AuthenticatingStream,
  state: AuthenticationState,
  features: Element,
): AuthenticationStep => {
  const { local, remote } = stream.pair
  const { authentication } = options.policy
  if (authentication === 'external' && !stream.isCertified())
    return refuseUnauthorized(`'${remote}' has no certificate that it can be known by.`)
  const { external, streamManagement: version } = offersOf(features)
  if (state._tag === 'Certified') return { _tag: 'Ready', version }
  if (!external || authentication === 'dialback')
    return byDialback(options, stream, version, `'${remote}' does not ask for a certificate.`)
  return { _tag: 'Write', xml: externalAuth(local), next: { _tag: 'External', version } }
}

/** Another element came. */
export const onElement = (
  options: Options,
  stream: AuthenticatingStream,
  state: AuthenticationState,
  element: Element,
): AuthenticationStep => {
  if (state._tag === 'External' && namespaceOf(element) === ns.sasl)
    return element.getName() === 'success'
      ? { _tag: 'Restart', next: { _tag: 'Certified' } }
      : byDialback(
          options,
          stream,
          state.version,
          `'${stream.pair.remote}' refused our certificate: ${saslFailureReason(element)}`,
        )
  if (state._tag === 'Dialback' && isDialback(element)) return onDialback(stream, state.version, element)
  return refuse(unknownElement(element))
}

/** Sends a key, where that counts; `reason` is why nothing else does. */
const byDialback = (
  { policy, keys }: Options,
  { pair: { local, remote }, streamId }: AuthenticatingStream,
  version: SmVersion | undefined,
  reason: string,
): AuthenticationStep => {
  if (policy.authentication === 'external') return refuseUnauthorized(reason)
  const key = keys.make({ receiving: remote, originating: local, streamId })
  const xml = encodeDialback({ _tag: 'ResultRequest', from: local, to: remote, key })
  return { _tag: 'Write', xml, next: { _tag: 'Dialback', version } }
}

const onDialback = (
  { pair: { local, remote } }: AuthenticatingStream,
  version: SmVersion | undefined,
  element: Element,
): AuthenticationStep => {
  const decoded = decodeDialback(element)
  if (!isRight(decoded)) return refuse(decoded.left)
  const answer = decoded.right
  if (answer._tag !== 'ResultAnswer' || answer.from !== remote || answer.to !== local)
    return refuse(unknownElement(element))
  if (answer.type === 'valid') return { _tag: 'Ready', version }
  return refuseUnauthorized(`'${remote}' does not take us: ${answer.type === 'error' ? answer.condition : answer.type}`)
}

const refuseUnauthorized = (reason: string): AuthenticationStep => refuse(notAuthorized(reason))

/** The peer has not shown, or not accepted, what it has to. */
export const notAuthorized = (text: string): StreamFault => ({ condition: 'not-authorized', text })
