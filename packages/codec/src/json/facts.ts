/** The facts of stanzas as JSON. */
import type { StanzaFacts } from '@smacks/core'
import { optional } from './field.js'
import { type JsonCodec, onlyTrue, text, word } from './plain.js'
import { record } from './record.js'

/** `StanzaFacts` as a JSON object; a fact that is absent is written as no member. */
export const factsCodec: JsonCodec<StanzaFacts> = record<StanzaFacts>('the facts of a stanza', {
  name: word({ message: true, presence: true, iq: true }),
  type: text,
  id: optional(text),
  from: optional(text),
  to: optional(text),
  delayed: optional(onlyTrue),
  copy: optional(onlyTrue),
  again: optional(onlyTrue),
  transient: optional(onlyTrue),
  neverReturned: optional(onlyTrue),
  state: optional(onlyTrue),
  archived: optional(onlyTrue),
})
