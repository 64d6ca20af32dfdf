/** The purpose of a stream that asks the authoritative server one question: did you make this key (XEP-0220 §2.3)? */
import { unknownElement } from '@smacks/stream'
import { isRight } from '#fp-ts/Either'
import { type DialFailure, dial, type Network } from './dial.js'
import {
  type DialbackCondition,
  type DialbackOutcome,
  decodeDialback,
  encodeDialback,
  isDialback,
  outcomeOf,
} from './dialback-elements.js'
import type { S2sOptions } from './options.js'
import { OutgoingStream } from './outgoing-stream.js'

/** A key that came with a stream of this id, from `there` to `here`. */
export interface Question {
  readonly local: string
  readonly remote: string
  readonly streamId: string
  readonly key: string
}

/** Asks the servers of the originating domain; the returned function gives up, and then `answered` is not called. */
export const verify = (
  options: S2sOptions & { readonly network: Network },
  question: Question,
  answered: (outcome: DialbackOutcome) => void,
): (() => void) => {
  const { local, remote, streamId, key } = question
  let isAnswered = false
  let isConnected = false
  return dial({
    network: options.network,
    domain: remote,
    failed: failure => answered({ type: 'error', condition: conditionOf(failure, isConnected) }),
    stream: (connection, failed) => {
      isConnected = true
      return new OutgoingStream(
        options,
        connection,
        { local, remote },
        {
          begin: stream =>
            stream.write(encodeDialback({ _tag: 'VerifyRequest', from: local, to: remote, id: streamId, key })),
          answer: (stream, element) => {
            const decoded = isDialback(element) ? decodeDialback(element) : undefined
            if (decoded === undefined || !isRight(decoded)) return stream.refuse(unknownElement(element))
            const answer = decoded.right
            const isOurs = answer._tag === 'VerifyAnswer' && answer.id === streamId
            if (!isOurs || answer.from !== remote || answer.to !== local) return stream.refuse(unknownElement(element))
            isAnswered = true
            stream.giveUp()
            answered(outcomeOf(answer))
          },
          ended: reason => {
            if (!isAnswered) failed(reason)
          },
        },
      )
    },
  })
}

/** The conditions of XEP-0220 §2.5: there is no such server, none could be connected to, or none has answered. */
const conditionOf = ({ condition, isFinal }: DialFailure, isConnected: boolean): DialbackCondition => {
  if (isFinal) return condition
  return isConnected ? 'remote-server-timeout' : 'remote-connection-failed'
}
