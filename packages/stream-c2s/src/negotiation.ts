/** What a first-level element means before a resource is bound (RFC 6120 §§5-7). */
import { type Element, encodeNonza, isSmElement, type StreamFault } from '@smacks/codec'
import { refusePremature } from '@smacks/core'
import type { AccountId } from '@smacks/runtime'
import { brief, isStanza, namespaceOf, ns, unknownElement, versionOf } from '@smacks/stream'
import { bindElement } from './bind.js'
import type { ClientStream } from './client-stream.js'
import { resumeElement } from './resume.js'
import { saslElement } from './sasl.js'
import { isTurnOfExchange, sasl2Element } from './sasl2.js'

/** TLS, SASL, and nothing else. */
export const unauthenticatedElement = (stream: ClientStream, element: Element): void => {
  if (stream.sasl.underWay() === 'sasl2' && !isTurnOfExchange(element)) return stream.refuse(outOfTurn(element))
  if (isSmElement(element)) return stream.write(encodeNonza(refusePremature('unauthenticated', versionOf(element))))
  switch (namespaceOf(element)) {
    case ns.tls:
      return startTls(stream, element)
    case ns.sasl:
      return saslElement(stream, element)
    case ns.sasl2:
      return sasl2Element(stream, element)
    default:
      return stream.refuse(
        isStanza(element)
          ? { condition: 'not-authorized', text: 'Authenticate before you send stanzas.' }
          : unknownElement(element),
      )
  }
}

const outOfTurn = (element: Element): StreamFault => ({
  condition: 'policy-violation',
  text: `<${brief(element.name)}/> came during authentication; only <response/> and <abort/> may.`,
})

/** `<starttls/>` (RFC 6120 §5.4.2). */
const startTls = (stream: ClientStream, element: Element): void => {
  if (element.getName() !== 'starttls') return stream.refuse(unknownElement(element))
  if (stream.connection.secure()) {
    stream.write(`<failure xmlns='${ns.tls}'/>`)
    return stream.refuse({ condition: 'policy-violation', text: 'TLS is on already.' })
  }
  stream.startTls(`<proceed xmlns='${ns.tls}'/>`)
}

/** Resource binding or resumption, and nothing else (RFC 6120 §7.1, XEP-0198 §5). */
export const authenticatedElement = (
  stream: ClientStream,
  { account }: { readonly account: AccountId },
  element: Element,
): void => {
  if (isSmElement(element))
    return element.getName() === 'resume'
      ? resumeElement(stream, account, element)
      : stream.write(encodeNonza(refusePremature('authenticated', versionOf(element))))
  if (!isStanza(element)) return stream.refuse(unknownElement(element))
  const bind = element.name === 'iq' && element.attrs.type === 'set' ? element.getChild('bind', ns.bind) : undefined
  return bind === undefined
    ? stream.refuse({ condition: 'not-authorized', text: 'Bind a resource before you send stanzas.' })
    : bindElement(stream, account, element, bind)
}
