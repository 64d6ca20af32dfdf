/** Stanzas inside of messages (XEP-0297), such as carbon copies (XEP-0280). */
import { type ByteString, isAscii } from './byte-string.js'
import { clientNamespace, forwardNamespace } from './namespaces.js'
import { Stanza } from './stanza.js'
import { attributeBytes } from './xml.js'

/** The message around a forwarded one. */
export interface Envelope {
  readonly from: string
  readonly to: string
  readonly type: string | undefined
  /** The element that says why it is forwarded: in it is `<forwarded/>`. */
  readonly reason: { readonly name: string; readonly xmlns: string }
}

/** A message that holds another stanza, which is of a stream of clients. That one is not parsed, and is in it as it was written. */
export const forwarding = (stanza: Stanza, { from, to, type, reason: { name, xmlns } }: Envelope): Stanza => {
  const attributes = attributeBytes('to', to) + (type === undefined ? '' : attributeBytes('type', type))
  const opening = `<${name} xmlns="${xmlns}"><forwarded xmlns="${forwardNamespace}">`
  const tail = `${attributes}>${opening}${stanza.inside(clientNamespace)}</forwarded></${name}></message>` as ByteString
  const sender = attributeBytes('from', from)
  const forwarded = { name: 'forwarded', xmlns: forwardNamespace }
  return Stanza.fromScanned({
    outline: {
      name: 'message',
      from,
      to,
      id: undefined,
      type,
      children: [{ name, xmlns, by: undefined, children: [forwarded] }],
    },
    from: sender,
    tail,
    isWide: !isAscii(sender) || !isAscii(tail),
  })
}
