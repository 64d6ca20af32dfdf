/** The receiving and the authoritative side of dialback (XEP-0220 §§2.1-2.4), on streams that others opened. */
import type { Element } from '@smacks/codec'
import { isLeft } from 'fp-ts/lib/Either.js'
import type { Network } from './dial.js'
import {
  type DialbackOutcome,
  decodeDialback,
  encodeDialback,
  type ResultRequest,
  type VerifyRequest,
} from './dialback-elements.js'
import type { IncomingStream } from './incoming-stream.js'
import type { S2sOptions } from './options.js'
import { verify } from './verifying.js'

export interface DialbackOptions extends S2sOptions {
  readonly network: Network
}

/** Takes an element of dialback that came on a stream. */
export const dialbackElement = (options: DialbackOptions, stream: IncomingStream, element: Element): void => {
  const decoded = decodeDialback(element)
  if (isLeft(decoded)) return stream.refuse(decoded.left)
  switch (decoded.right._tag) {
    case 'VerifyRequest':
      return answerVerify(options, stream, decoded.right)
    case 'ResultRequest':
      return judge(options, stream, decoded.right)
    case 'ResultAnswer':
    case 'VerifyAnswer':
      return stream.refuse({
        condition: 'unsupported-stanza-type',
        text: 'An answer of dialback came, and nothing was asked on this stream.',
      })
  }
}

/** We are the authority of one of our domains: was the key made here? */
const answerVerify = (
  { domains, keys }: DialbackOptions,
  stream: IncomingStream,
  { from, to, id, key }: VerifyRequest,
): void => {
  const outcome: DialbackOutcome = !domains.includes(to)
    ? { type: 'error', condition: 'item-not-found' }
    : { type: keys.isOurs({ receiving: from, originating: to, streamId: id }, key) ? 'valid' : 'invalid' }
  stream.write(encodeDialback({ _tag: 'VerifyAnswer', from: to, to: from, id, ...outcome }))
}

/** A server wants to send in the name of a domain. */
const judge = (options: DialbackOptions, stream: IncomingStream, request: ResultRequest): void => {
  const { from: there, to: here, key } = request
  const pair = { here, there }
  const answer = (outcome: DialbackOutcome): void => stream.answerDialback(pair, outcome)
  if (!options.domains.includes(here)) return answer({ type: 'error', condition: 'item-not-found' })
  if (options.domains.includes(there)) return answer({ type: 'error', condition: 'not-acceptable' })
  // One pair of domains a stream; others have streams of their own.
  if (stream.isTaken()) return answer({ type: 'error', condition: 'policy-violation' })
  if (options.policy.requireEncryption && !stream.connection.secure())
    return answer({ type: 'error', condition: 'policy-violation' })
  // A certificate says more than a key (XEP-0344).
  if (options.policy.authentication !== 'dialback' && options.isCertified(stream.connection, there))
    return answer({ type: 'valid' })
  if (options.policy.authentication === 'external') return answer({ type: 'error', condition: 'not-authorized' })
  const question = { ...pair, streamId: stream.streamId, key }
  stream.awaitVerdict(
    pair,
    verify(options, question, outcome => stream.verdict(pair, outcome)),
  )
}
