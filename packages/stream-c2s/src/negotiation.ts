/** What a first-level element means before a resource is bound (RFC 6120 §§5-7). */
import { type Element, encodeNonza, isSmElement, type StreamFault } from '@smacks/codec'
import { refusePremature } from '@smacks/core'
import {
  brief,
  isStanza,
  namespaceOf,
  ns,
  refuse,
  reply,
  startTlsSteps,
  unknownElement,
  versionOf,
} from '@smacks/stream'
import { bindSteps } from './bind.js'
import type { AuthenticatedStream, UnauthenticatedStream } from './facts.js'
import { resumeStep } from './resume.js'
import { isTurnOfExchange, saslStep } from './sasl.js'
import type { AuthenticatedStep, UnauthenticatedStep } from './step.js'

/** TLS, SASL, and nothing else. */
export const unauthenticatedSteps = (
  stream: UnauthenticatedStream,
  element: Element,
): ReadonlyArray<UnauthenticatedStep> => {
  if (stream.exchange === 'sasl2' && !isTurnOfExchange(element)) return [refuse(outOfTurn(element))]
  if (isSmElement(element)) return [reply(encodeNonza(refusePremature('unauthenticated', versionOf(element))))]
  switch (namespaceOf(element)) {
    case ns.tls:
      return startTlsSteps(element, stream.isSecure)
    case ns.sasl:
      return [saslStep('sasl', stream, element)]
    case ns.sasl2:
      return [saslStep('sasl2', stream, element)]
    default:
      return [
        refuse(
          isStanza(element)
            ? { condition: 'not-authorized', text: 'Authenticate before you send stanzas.' }
            : unknownElement(element),
        ),
      ]
  }
}

/** Resource binding or resumption, and nothing else (RFC 6120 §7.1, XEP-0198 §5). */
export const authenticatedSteps = (stream: AuthenticatedStream, element: Element): ReadonlyArray<AuthenticatedStep> => {
  if (isSmElement(element))
    return element.getName() === 'resume'
      ? [resumeStep(stream, element)]
      : [reply(encodeNonza(refusePremature('authenticated', versionOf(element))))]
  if (!isStanza(element)) return [refuse(unknownElement(element))]
  const bind = element.name === 'iq' && element.attrs.type === 'set' ? element.getChild('bind', ns.bind) : undefined
  return bind === undefined
    ? [refuse({ condition: 'not-authorized', text: 'Bind a resource before you send stanzas.' })]
    : bindSteps(stream, element, bind)
}

const outOfTurn = (element: Element): StreamFault => ({
  condition: 'policy-violation',
  text: `<${brief(element.name)}/> came during authentication; only <response/> and <abort/> may.`,
})
