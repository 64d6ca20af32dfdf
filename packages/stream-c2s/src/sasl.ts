/** SASL in the elements of RFC 6120 §6.4. */
import type { Element } from '@smacks/codec'
import { decodeSasl, encodeChallenge, encodeFailure, encodeSuccess, type SaslAnswer } from '@smacks/sasl'
import { unknownElement } from '@smacks/stream'
import { accountOf } from './addresses.js'
import type { ClientStream } from './client-stream.js'

export const saslElement = (stream: ClientStream, element: Element): void => {
  const { sasl } = stream
  const request = decodeSasl('sasl', element)
  switch (request?._tag) {
    case 'Start':
      return stream.whenAnswered(
        stream.isPrivate()
          ? sasl.start('sasl', request.mechanism, request.initialResponse)
          : sasl.fail('encryption-required', 'Start TLS before you authenticate.'),
        answer,
      )
    case 'Respond':
      return stream.whenAnswered(sasl.respond('sasl', request.data), answer)
    case 'Abort':
      return answer(stream, sasl.abort())
    default:
      return stream.refuse(unknownElement(element))
  }
}

const answer = (stream: ClientStream, given: SaslAnswer): void => {
  switch (given._tag) {
    case 'Challenge':
      return stream.write(encodeChallenge('sasl', given.data))
    case 'Success': {
      const account = accountOf(given.username, stream.domain)
      if (account === undefined || !stream.authenticated(account))
        return answer(stream, stream.sasl.fail('not-authorized', 'There can be no such user.'))
      stream.write(encodeSuccess(given.data))
      return stream.restart()
    }
    case 'Failure':
      stream.write(encodeFailure('sasl', given))
      if (given.isLast) stream.refuse({ condition: 'policy-violation', text: 'Too many failed authentications.' })
  }
}
