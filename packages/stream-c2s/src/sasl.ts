/** Authentication, in the elements of RFC 6120 §6.4 or in those of SASL2 (XEP-0388). */
import type { Element } from '@smacks/codec'
import type { AccountId } from '@smacks/runtime'
import {
  decodeSasl,
  encodeChallenge,
  encodeFailure,
  encodeSuccess,
  type SaslAnswer,
  type SaslFailure,
  type SaslFraming,
} from '@smacks/sasl'
import { ns, type Refuse, type Reply, refuse, reply, restart, unknownElement } from '@smacks/stream'
import { accountOf } from './addresses.js'
import type { UnauthenticatedStream } from './facts.js'
import type { UnauthenticatedStep } from './step.js'

/** What an element of the namespace of this framing means. */
export const saslStep = (
  framing: SaslFraming,
  { isSecure, isPrivate }: UnauthenticatedStream,
  element: Element,
): UnauthenticatedStep => {
  const request = decodeSasl(framing, element)
  if (request === undefined) return refuse(unknownElement(element))
  // SASL2 is for encrypted streams only, also where passwords may travel without TLS (XEP-0388 §5).
  const isAllowed = framing === 'sasl2' ? isSecure : isPrivate
  return request._tag === 'Start' && !isAllowed
    ? fail(framing, 'encryption-required', 'Start TLS before you authenticate.')
    : { _tag: 'Authenticate', framing, request, element }
}

/** True for what may come while an exchange of SASL2 is under way; whoever sends anything else is disconnected (§2.4). */
export const isTurnOfExchange = (element: Element): boolean =>
  element.getNS() === ns.sasl2 && (element.getName() === 'response' || element.getName() === 'abort')

/** What decides whether somebody who can log in gets in. */
export interface AuthenticationContext {
  /** The domain of the stream. */
  readonly domain: string
  /** Whom the header of the stream claims to come from, if it does. */
  readonly claimed: AccountId | undefined
  /** The `<authenticate/>` that the exchange began with, where it is one of SASL2. */
  readonly authenticate: Element | undefined
  /** False while an account is being removed. */
  readonly admits: (account: AccountId) => boolean
}

/** What an answer of SASL means for the stream. */
export const answerSteps = (
  framing: SaslFraming,
  context: AuthenticationContext,
  answer: SaslAnswer,
): ReadonlyArray<UnauthenticatedStep> => {
  switch (answer._tag) {
    case 'Challenge':
      return [reply(encodeChallenge(framing, answer.data))]
    case 'Success':
      return successSteps(framing, context, accountOf(answer.username, context.domain), answer.data)
    case 'Failure':
      return failureSteps(framing, answer)
  }
}

const successSteps = (
  framing: SaslFraming,
  { claimed, authenticate, admits }: AuthenticationContext,
  account: AccountId | undefined,
  data: string | undefined,
): ReadonlyArray<UnauthenticatedStep> => {
  // No stream header follows that could be compared with who logged in (XEP-0388 §2.3).
  if (framing === 'sasl2' && (account === undefined || (claimed !== undefined && claimed !== account)))
    return [fail(framing, 'invalid-authzid', 'The stream is from somebody else.')]
  if (account === undefined || !admits(account)) return [fail(framing, 'not-authorized', 'There can be no such user.')]
  const advance: UnauthenticatedStep = { _tag: 'Advance', account }
  return framing === 'sasl2' && authenticate !== undefined
    ? [advance, { _tag: 'Succeed', account, data, authenticate }]
    : [advance, reply(encodeSuccess(data)), restart]
}

const failureSteps = (framing: SaslFraming, failure: SaslFailure): ReadonlyArray<Refuse | Reply> => {
  const answer = reply(encodeFailure(framing, failure))
  return failure.isLast
    ? [answer, refuse({ condition: 'policy-violation', text: 'Too many failed authentications.' })]
    : [answer]
}

const fail = (
  framing: SaslFraming,
  condition: 'encryption-required' | 'invalid-authzid' | 'not-authorized',
  text: string,
): UnauthenticatedStep => ({ _tag: 'FailAuthentication', framing, condition, text })
