/** The purpose of a stream that is to carry stanzas: it authenticates (`authentication.ts`), and then has sessions of its link. */
import type { SmVersion } from '@smacks/core'
import {
  type AuthenticatingStream,
  type AuthenticationState,
  type AuthenticationStep,
  onElement,
  onFeatures,
} from './authentication.js'
import type { S2sOptions } from './options.js'
import type { NegotiationAnswer, OutgoingStream, StreamPurpose, TakenElement } from './outgoing-stream.js'

/** A stream that may carry stanzas. */
export interface Authenticated {
  readonly stream: OutgoingStream
  /** The peer's offer of stream management. */
  readonly version: SmVersion | undefined
}

/** What becomes of the stream. */
export interface AuthenticatingEvents {
  readonly ready: (authenticated: Authenticated) => void
  /** The peer refused to resume a session; the stream is good for another. */
  readonly refused: (authenticated: Authenticated) => void
  /** The answer to `<enable/>` came, and the session is about to take it. */
  readonly answered: (answer: NegotiationAnswer) => void
  /** An element of stream management came on the stream, and its session has taken it. */
  readonly taken: (element: TakenElement) => void
  /** The stream ended after it was ready. */
  readonly ended: (authenticated: Authenticated, reason: string) => void
  /** The stream ended before it was ready. */
  readonly failed: (reason: string) => void
}

export const authenticating = (options: S2sOptions, events: AuthenticatingEvents): StreamPurpose => {
  let state: AuthenticationState = { _tag: 'AwaitingFeatures' }
  let ready: Authenticated | undefined

  const take = (stream: OutgoingStream, step: AuthenticationStep): void => {
    switch (step._tag) {
      case 'Write':
        state = step.next
        return stream.write(step.xml)
      case 'Restart':
        state = step.next
        return stream.restart()
      case 'Ready':
        ready = { stream, version: step.version }
        return events.ready(ready)
      case 'Refuse':
        return stream.refuse(step.fault)
    }
  }

  const factsOf = (stream: OutgoingStream): AuthenticatingStream => ({
    pair: stream.pair,
    streamId: stream.streamId,
    isCertified: () => options.isCertified(stream.connection, stream.pair.remote),
  })

  return {
    begin: (stream, features) => take(stream, onFeatures(options, factsOf(stream), state, features)),
    answer: (stream, element) => take(stream, onElement(options, factsOf(stream), state, element)),
    answered: (_, answer) => events.answered(answer),
    taken: (_, element) => events.taken(element),
    sessionless: () => {
      if (ready !== undefined) events.refused(ready)
    },
    ended: reason => (ready === undefined ? events.failed(reason) : events.ended(ready, reason)),
  }
}
