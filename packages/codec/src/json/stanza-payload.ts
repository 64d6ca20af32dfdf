/** Stanzas as JSON: the text they are on the wire. */
import * as Either from 'fp-ts/lib/Either.js'
import { parseElement } from '../parse-element.js'
import { isStanzaName, Stanza } from '../stanza.js'
import { found } from './errors.js'
import type { PayloadCodec } from './payload.js'
import { redact } from './redact.js'

/** Stanzas as their text, unchanged. What is decoded is one `message`, `presence` or `iq`, well-formed. */
export const stanzaXml: PayloadCodec<Stanza> = {
  encode: stanza => stanza.peekXml(),
  decode: json => {
    if (typeof json !== 'string') return Either.left(`${found(json)}, allowed: ${stanzaName}`)
    const parsed = parseElement(json)
    if (Either.isLeft(parsed)) return Either.left(`${found(json)}, allowed: ${stanzaName}; ${parsed.left}`)
    return isStanzaName(parsed.right.name)
      ? Either.right(Stanza.fromXml(json))
      : Either.left(`${found(json)}, allowed: ${stanzaName}`)
  },
}

const stanzaName = 'the XML of a message, presence or iq'

/** Stanzas as their text without what was said in them, see `redact`. Who decodes them gets the redacted ones. */
export const redactedStanzaXml: PayloadCodec<Stanza> = {
  encode: stanza => redact(stanza.peekXml()),
  decode: stanzaXml.decode,
}
