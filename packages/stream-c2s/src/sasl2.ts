/** SASL2 (XEP-0388): authentication without a new stream, and with it what else the client asks for. */
import type { Element } from '@smacks/codec'
import {
  decodeSasl,
  encodeChallenge,
  encodeFailure,
  type SaslAnswer,
  type SaslAnswered,
  type SaslRequest,
} from '@smacks/sasl'
import { ns, unknownElement } from '@smacks/stream'
import { accountOf } from './addresses.js'
import type { ClientStream } from './client-stream.js'
import { features } from './features.js'
import { bindInline, resumeInline } from './inline.js'
import { SuccessFrame } from './success-frame.js'

export const sasl2Element = (stream: ClientStream, element: Element): void => {
  const { sasl } = stream
  const request = decodeSasl('sasl2', element)
  switch (request?._tag) {
    case 'Start':
      return stream.whenAnswered(authenticate(stream, element, request), answer)
    case 'Respond':
      return stream.whenAnswered(sasl.respond('sasl2', request.data), answer)
    case 'Abort':
      return answer(stream, sasl.abort())
    default:
      return stream.refuse(unknownElement(element))
  }
}

/** True for what may come while an exchange is under way; whoever sends anything else is disconnected (§2.4). */
export const isTurnOfExchange = (element: Element): boolean =>
  element.getNS() === ns.sasl2 && (element.getName() === 'response' || element.getName() === 'abort')

const authenticate = (
  stream: ClientStream,
  element: Element,
  { mechanism, initialResponse }: Extract<SaslRequest, { readonly _tag: 'Start' }>,
): SaslAnswered => {
  const { sasl } = stream
  // §5, also where passwords may travel without TLS.
  if (!stream.connection.secure()) return sasl.fail('encryption-required', 'Start TLS before you authenticate.')
  stream.request = element
  return sasl.start('sasl2', mechanism, initialResponse)
}

const answer = (stream: ClientStream, given: SaslAnswer): void => {
  switch (given._tag) {
    case 'Challenge':
      return stream.write(encodeChallenge('sasl2', given.data))
    case 'Success': {
      const account = accountOf(given.username, stream.domain)
      // No stream header follows that could be compared with who logged in (§2.3).
      if (account === undefined || !stream.mayBecome(account))
        return answer(stream, stream.sasl.fail('invalid-authzid', 'The stream is from somebody else.'))
      if (!stream.authenticated(account))
        return answer(stream, stream.sasl.fail('not-authorized', 'There can be no such user.'))
      return succeed(stream, account, new SuccessFrame(account, given.data, stream.keepPlace()))
    }
    case 'Failure':
      stream.request = undefined
      stream.write(encodeFailure('sasl2', given))
      if (given.isLast) stream.refuse({ condition: 'policy-violation', text: 'Too many failed authentications.' })
  }
}

/**
 * Resumption first; the resource is bound only if that fails or is not asked for. Stream features follow, unless an
 * old stream goes on (XEP-0198 §9.2).
 */
const succeed = (stream: ClientStream, account: string, success: SuccessFrame): void => {
  const { request } = stream
  stream.request = undefined
  const isResumed = request !== undefined && resumeInline(stream, account, request, success)
  if (request !== undefined && !isResumed) bindInline(stream, account, request, success)
  success.send(isResumed ? '' : features(stream))
}
