/** SASL EXTERNAL on streams that other servers opened (XEP-0178 §3): the certificate shows who the peer is. */
import type { Element } from '@smacks/codec'
import { type Refuse, refuse, unknownElement } from '@smacks/stream'
import { isLeft } from '#fp-ts/Either'
import type { StreamPair } from './addressing.js'
import { decodeExternalAuth, type SaslRefusal } from './external-elements.js'
import type { Claim } from './incoming-header.js'

/** What of a stream decides about EXTERNAL on it. */
export interface ExternalStream {
  readonly isSecure: boolean
  /** Whom the header is from and to. */
  readonly claim: Claim | undefined
  /** The peer's certificate is good for this domain, and certificates count. */
  readonly isCertified: (domain: string) => boolean
}

/** What a stream is to do about an element of SASL. */
export type ExternalStep =
  | Refuse
  /** Tell the peer that it is not authenticated. `impostor`: the domain that it has not shown to be. */
  | { readonly _tag: 'Reject'; readonly refusal: SaslRefusal; readonly impostor?: string }
  /** Tell the peer that it is authenticated: it may send stanzas of this pair, on a new stream. */
  | { readonly _tag: 'Accept'; readonly pair: StreamPair }

/** What an element of SASL that came on the stream means for it. */
export const externalStep = ({ isSecure, claim, isCertified }: ExternalStream, element: Element): ExternalStep => {
  if (element.getName() !== 'auth') return refuse(unknownElement(element))
  if (!isSecure) return reject({ condition: 'encryption-required', text: 'A certificate is shown in TLS only.' })
  const request = decodeExternalAuth(element)
  if (isLeft(request)) return reject(request.left)
  const remote = claim?.remote
  const { authzid = remote } = request.right
  if (claim === undefined || remote === undefined || authzid !== remote)
    return reject({
      condition: 'invalid-authzid',
      text: `You want to be '${authzid ?? ''}', but your stream is from '${remote ?? ''}'.`,
    })
  if (isCertified(remote)) return { _tag: 'Accept', pair: { local: claim.local, remote } }
  return reject(
    { condition: 'not-authorized', text: `Your certificate does not show that you are '${remote}'.` },
    remote,
  )
}

const reject = (refusal: SaslRefusal, impostor?: string): ExternalStep => ({
  _tag: 'Reject',
  refusal,
  ...(impostor === undefined ? {} : { impostor }),
})
