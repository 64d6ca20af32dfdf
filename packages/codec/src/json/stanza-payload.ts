/** Stanzas as JSON: the text they are on the wire. */
import * as Either from '#fp-ts/Either'
import { parseElement } from '../parse-element.js'
import { Stanza } from '../stanza.js'
import { isStanzaName } from '../stanza-name.js'
import { found } from './errors.js'
import type { PayloadCodec } from './payload.js'
import { redact } from './redact.js'

/** Stanzas as their text, unchanged. What is decoded is one `message`, `presence` or `iq`, well-formed. */
export const stanzaXml: PayloadCodec<Stanza> = {
  encode: stanza => stanza.peekXml(),
  decode: json => {
    if (typeof json !== 'string') return refused(json)
    const parsed = parseElement(json)
    if (Either.isLeft(parsed)) return refused(json, parsed.left)
    if (!isStanzaName(parsed.right.name)) return refused(json)
    return json.startsWith('<') && json.endsWith('>')
      ? Either.right(Stanza.fromXml(json))
      : refused(json, 'there is white space around it')
  },
}

const refused = (json: unknown, ...problems: ReadonlyArray<string>): Either.Either<string, never> =>
  Either.left([`${found(json)}, allowed: the XML of a message, presence or iq`, ...problems].join('; '))

/** Stanzas as their text without what was said in them, see `redact`. Who decodes them gets the redacted ones. */
export const redactedStanzaXml: PayloadCodec<Stanza> = {
  encode: stanza => redact(stanza.peekXml()),
  decode: stanzaXml.decode,
}
