/** Unacked stanzas as JSON. */
import type { Unacked } from '@smacks/core'
import { factsCodec } from './facts.js'
import type { PayloadCodec } from './payload.js'
import { payloadField } from './payload-field.js'
import { instant, type JsonCodec } from './plain.js'
import { record } from './record.js'

export const unackedCodec = <A>(payload: PayloadCodec<A>): JsonCodec<Unacked<A>> =>
  record<Unacked<A>>('an unacked stanza', { stanza: payloadField(payload), facts: factsCodec, at: instant })
