/** SASL in the elements of RFC 6120 §6.4. */
import { type Element, escapeText } from '@smacks/codec'
import { ns, unknownElement } from '@smacks/stream'
import { accountOf } from './addresses.js'
import type { ClientStream } from './client-stream.js'
import type { SaslAnswer } from './sasl-negotiation.js'

export const saslElement = (stream: ClientStream, element: Element): void => {
  const { sasl } = stream
  switch (element.getName()) {
    case 'auth':
      return stream.whenAnswered(
        stream.isPrivate()
          ? sasl.start('sasl', element.attrs.mechanism ?? '', initialResponse(element))
          : sasl.fail('encryption-required', 'Start TLS before you authenticate.'),
        answer,
      )
    case 'response':
      return stream.whenAnswered(sasl.respond('sasl', base64Of(element)), answer)
    case 'abort':
      return answer(stream, sasl.abort())
    default:
      return stream.refuse(unknownElement(element))
  }
}

/** An empty `<auth/>` has none; `=` is one without bytes (RFC 6120 §6.4.2). */
const initialResponse = (element: Element): string | undefined => {
  const text = element.getText().trim()
  return text === '' ? undefined : base64Of(element)
}

const base64Of = (element: Element): string => {
  const text = element.getText().trim()
  return text === '=' ? '' : text
}

const answer = (stream: ClientStream, given: SaslAnswer): void => {
  switch (given._tag) {
    case 'Challenge':
      return stream.write(`<challenge xmlns='${ns.sasl}'>${given.data}</challenge>`)
    case 'Success': {
      const account = accountOf(given.username, stream.domain)
      if (account === undefined || !stream.authenticated(account))
        return answer(stream, stream.sasl.fail('not-authorized', 'There can be no such user.'))
      // Data without bytes is written as `=` (RFC 6120 §6.4.6).
      stream.write(`<success xmlns='${ns.sasl}'>${given.data === '' ? '=' : (given.data ?? '')}</success>`)
      return stream.restart()
    }
    case 'Failure': {
      const text = given.text === undefined ? '' : `<text xml:lang='en'>${escapeText(given.text)}</text>`
      stream.write(`<failure xmlns='${ns.sasl}'><${given.condition}/>${text}</failure>`)
      if (given.isLast) stream.refuse({ condition: 'policy-violation', text: 'Too many failed authentications.' })
    }
  }
}
