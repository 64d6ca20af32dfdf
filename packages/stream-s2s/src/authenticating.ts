/**
 * The errand of a stream that is to carry stanzas: it shows who we are, by our certificate (XEP-0178) where that is asked
 * for, otherwise or after that by dialback (XEP-0220).
 */
import type { Element } from '@smacks/codec'
import type { SmVersion } from '@smacks/core'
import { namespaceOf, ns, unknownElement } from '@smacks/stream'
import { isRight } from 'fp-ts/lib/Either.js'
import { decodeDialback, encodeDialback, isDialback } from './dialback-elements.js'
import { externalAuth, saslFailureReason } from './external-elements.js'
import { type Offers, offersOf } from './offers.js'
import type { S2sOptions } from './options.js'
import { type Errand, notTaken, type OutgoingStream } from './outgoing-stream.js'

/** A stream that may carry stanzas. */
export interface Authenticated {
  readonly stream: OutgoingStream
  /** The peer's offer of stream management. */
  readonly version: SmVersion | undefined
}

/** What comes of it. */
export interface AuthenticatingEnds {
  readonly ready: (authenticated: Authenticated) => void
  /** The peer refused to resume a session; the stream is good for another. */
  readonly refused: (authenticated: Authenticated) => void
  /** An answer to what the stream was asked before it got a session. */
  readonly answered: (authenticated: Authenticated, element: Element) => void
  /** An element of stream management came on the stream, and its session has taken it. */
  readonly taken: (element: 'AckReceived' | 'ResumedReceived') => void
  /** The stream is over after it was ready. */
  readonly over: (authenticated: Authenticated, reason: string) => void
  /** It came to nothing. Not called once it was ready. */
  readonly failed: (reason: string) => void
}

type Stage = 'beginning' | 'certified' | 'dialback' | 'external'

const nothingOffered: Offers = { external: false, dialback: false, streamManagement: undefined }

export const authenticating = (options: S2sOptions, ends: AuthenticatingEnds): Errand => {
  const { policy, keys, isCertified } = options
  let stage: Stage = 'beginning'
  let offers = nothingOffered
  let ready: Authenticated | undefined

  const succeed = (stream: OutgoingStream): void => {
    ready = { stream, version: offers.streamManagement }
    ends.ready(ready)
  }

  const showByDialback = (stream: OutgoingStream, why: string): void => {
    if (policy.authentication === 'external') return stream.refuse(notTaken(why))
    stage = 'dialback'
    const { here, there } = stream.pair
    const key = keys.make({ receiving: there, originating: here, streamId: stream.streamId })
    stream.write(encodeDialback({ _tag: 'ResultRequest', from: here, to: there, key }))
  }

  const begin = (stream: OutgoingStream, features: Element): void => {
    const { here, there } = stream.pair
    if (policy.authentication === 'external' && !isCertified(stream.connection, there))
      return stream.refuse(notTaken(`'${there}' has no certificate that it can be known by.`))
    offers = offersOf(features)
    if (stage === 'certified') return succeed(stream)
    if (!offers.external || policy.authentication === 'dialback')
      return showByDialback(stream, `'${there}' does not ask for a certificate.`)
    stage = 'external'
    stream.write(externalAuth(here))
  }

  const answerToExternal = (stream: OutgoingStream, element: Element): void => {
    if (element.getName() !== 'success')
      return showByDialback(stream, `'${stream.pair.there}' refused our certificate: ${saslFailureReason(element)}`)
    stage = 'certified'
    stream.restart()
  }

  const answerToDialback = (stream: OutgoingStream, element: Element): void => {
    const { here, there } = stream.pair
    const decoded = decodeDialback(element)
    if (!isRight(decoded)) return stream.refuse(decoded.left)
    const answer = decoded.right
    if (answer._tag !== 'ResultAnswer' || answer.from !== there || answer.to !== here)
      return stream.refuse(unknownElement(element))
    if (answer.type === 'valid') return succeed(stream)
    stream.refuse(notTaken(`'${there}' does not take us: ${answer.type === 'error' ? answer.condition : answer.type}`))
  }

  return {
    begin,
    answer: (stream, element) => {
      if (ready !== undefined) return ends.answered(ready, element)
      if (stage === 'external' && namespaceOf(element) === ns.sasl) return answerToExternal(stream, element)
      if (stage === 'dialback' && isDialback(element)) return answerToDialback(stream, element)
      stream.refuse(unknownElement(element))
    },
    taken: (_, element) => ends.taken(element),
    sessionless: () => {
      if (ready !== undefined) ends.refused(ready)
    },
    ended: reason => (ready === undefined ? ends.failed(reason) : ends.over(ready, reason)),
  }
}
