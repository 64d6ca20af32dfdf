/** The receiving and the authoritative side of dialback (XEP-0220 §§2.1-2.4), on streams that others opened. */
import type { Element } from '@smacks/codec'
import { type Refuse, type Reply, refuse, reply } from '@smacks/stream'
import { isLeft } from '#fp-ts/Either'
import type { StreamPair } from './addressing.js'
import {
  type DialbackOutcome,
  decodeDialback,
  encodeDialback,
  type ResultRequest,
  type VerifyRequest,
} from './dialback-elements.js'
import type { S2sOptions, S2sPolicy } from './options.js'
import type { Question } from './verifying.js'

export interface DialbackOptions extends Pick<S2sOptions, 'domains' | 'keys'> {
  readonly policy: Pick<S2sPolicy, 'authentication' | 'requireEncryption'>
}

/** What of a stream decides about dialback on it. */
export interface DialbackStream {
  readonly streamId: string
  readonly isSecure: boolean
  /** The peer has shown who it is, or that is being found out. */
  readonly isTaken: boolean
  /** The peer's certificate is good for this domain. */
  readonly isCertified: (domain: string) => boolean
}

/** What a stream is to do about an element of dialback. */
export type DialbackStep =
  | Refuse
  | Reply
  /** Tell the peer whether it may send stanzas of this pair. */
  | { readonly _tag: 'Answer'; readonly pair: StreamPair; readonly outcome: DialbackOutcome }
  /** Ask the authoritative server, and tell the peer what comes of it. */
  | { readonly _tag: 'Verify'; readonly question: Question }

/** What an element of dialback that came on the stream means for it. */
export const dialbackStep = (options: DialbackOptions, stream: DialbackStream, element: Element): DialbackStep => {
  const decoded = decodeDialback(element)
  if (isLeft(decoded)) return refuse(decoded.left)
  switch (decoded.right._tag) {
    case 'VerifyRequest':
      return reply(answerToVerify(options, decoded.right))
    case 'ResultRequest':
      return answerToResult(options, stream, decoded.right)
    case 'ResultAnswer':
    case 'VerifyAnswer':
      return refuse({
        condition: 'unsupported-stanza-type',
        text: 'An answer of dialback came, and nothing was asked on this stream.',
      })
  }
}

/** We are the authoritative server of one of our domains: was the key made here? */
const answerToVerify = ({ domains, keys }: DialbackOptions, { from, to, id, key }: VerifyRequest): string => {
  const outcome: DialbackOutcome = !domains.includes(to)
    ? { type: 'error', condition: 'item-not-found' }
    : { type: keys.isOurs({ receiving: from, originating: to, streamId: id }, key) ? 'valid' : 'invalid' }
  return encodeDialback({ _tag: 'VerifyAnswer', from: to, to: from, id, ...outcome })
}

/** A server wants to send stanzas of a domain. */
const answerToResult = (
  { domains, policy }: DialbackOptions,
  stream: DialbackStream,
  { from, to, key }: ResultRequest,
): DialbackStep => {
  const pair: StreamPair = { local: to, remote: from }
  const answer = (outcome: DialbackOutcome): DialbackStep => ({ _tag: 'Answer', pair, outcome })
  if (!domains.includes(to)) return answer({ type: 'error', condition: 'item-not-found' })
  if (domains.includes(from)) return answer({ type: 'error', condition: 'not-acceptable' })
  // One pair of domains a stream; others have streams of their own.
  if (stream.isTaken) return answer({ type: 'error', condition: 'policy-violation' })
  if (policy.requireEncryption && !stream.isSecure) return answer({ type: 'error', condition: 'policy-violation' })
  // A certificate says more than a key (XEP-0344).
  if (policy.authentication !== 'dialback' && stream.isCertified(from)) return answer({ type: 'valid' })
  if (policy.authentication === 'external') return answer({ type: 'error', condition: 'not-authorized' })
  return { _tag: 'Verify', question: { ...pair, streamId: stream.streamId, key } }
}
