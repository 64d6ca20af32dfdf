/** Elements, stanzas and addresses as they are in recordings: texts. */
import {
  bareOf,
  type Element,
  factsCodec,
  formatJid,
  type Jid,
  type Json,
  jsonCodecs,
  parseElement,
  redact,
  resourceOf,
  Stanza,
  type StanzaFault,
  toXml,
  utf8Length,
} from '@smacks/codec'
import * as Either from '#fp-ts/Either'
import * as t from '#io-ts'
import type { Outgoing } from '../outgoing.js'

const { optional, record, text, word } = jsonCodecs

type JsonCodec<A> = jsonCodecs.JsonCodec<A>

/** How what people wrote gets into a recording: as it is, or as `x` of the same size. */
export interface Wording {
  /** The text of an element. */
  readonly xml: (xml: string) => string
  /** Any other text that a person chose. */
  readonly words: (words: string) => string
}

export const verbatim: Wording = { xml: xml => xml, words: words => words }

export const redacted: Wording = { xml: redact, words: words => 'x'.repeat(utf8Length(words)) }

/** A text that is written in other words. */
export const wordsIn = ({ words }: Wording): JsonCodec<string> =>
  new t.Type<string, Json, unknown>('a text', text.is, text.validate, words)

/** The text of one element. */
export const xmlIn = ({ xml }: Wording): JsonCodec<string> =>
  new t.Type<string, Json, unknown>('the XML of one element', text.is, validateXml, xml)

const validateXml = (value: unknown, context: t.Context): t.Validation<string> =>
  typeof value === 'string' && Either.isRight(parseElement(value)) ? t.success(value) : t.failure(value, context)

export const elementIn = ({ xml }: Wording): JsonCodec<Element> =>
  new t.Type<Element, Json, unknown>(
    'the XML of one element',
    (value): value is Element => typeof value === 'object' && value !== null && 'attrs' in value,
    (value, context) => {
      const parsed = typeof value === 'string' ? parseElement(value) : Either.left('')
      return Either.isRight(parsed) ? t.success(parsed.right) : t.failure(value, context)
    },
    element => xml(toXml(element)),
  )

const fault = record<StanzaFault>('what is wrong with a stanza', {
  condition: word({ 'jid-malformed': true, 'policy-violation': true }),
  text: optional(text),
})

interface Refused {
  readonly xml: string
  readonly fault: StanzaFault
}

/** Its text; with what is wrong with it, if it came and goes nowhere. */
export const stanzaIn = (wording: Wording): JsonCodec<Stanza> => {
  const xml = xmlIn(wording)
  const refused = record<Refused>('a stanza that goes nowhere', { xml, fault })
  return new t.Type<Stanza, Json, unknown>(
    'the XML of a stanza',
    (value): value is Stanza => value instanceof Stanza,
    (value, context) =>
      typeof value === 'string'
        ? Either.map((written: string) => Stanza.fromXml(written))(xml.validate(value, context))
        : Either.map((one: Refused) => Stanza.refused(Stanza.fromXml(one.xml).element, one.fault))(
            refused.validate(value, context),
          ),
    stanza =>
      stanza.fault === undefined
        ? wording.xml(stanza.peekXml())
        : refused.encode({ xml: stanza.peekXml(), fault: stanza.fault }),
  )
}

export const outgoingIn = (wording: Wording): JsonCodec<Outgoing> =>
  record<Outgoing>('a stanza and its facts', { stanza: stanzaIn(wording), facts: factsCodec })

/** A normalised address as its text. */
export const jid: JsonCodec<Jid> = new t.Type<Jid, Json, unknown>(
  'a JID, normalised',
  (value): value is Jid => typeof value === 'object' && value !== null && 'domain' in value,
  (value, context) => (typeof value === 'string' ? t.success(partsOf(value)) : t.failure(value, context)),
  formatJid,
)

const partsOf = (normalised: string): Jid => {
  const bare = bareOf(normalised)
  const at = bare.indexOf('@')
  return { local: at === -1 ? '' : bare.slice(0, at), domain: bare.slice(at + 1), resource: resourceOf(normalised) }
}
