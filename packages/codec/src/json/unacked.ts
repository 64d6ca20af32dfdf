/** Unacked stanzas as JSON. */
import type { Delivery, Unacked } from '@smacks/core'
import { factsCodec } from './facts.js'
import { optional } from './field.js'
import { list } from './list.js'
import type { PayloadCodec } from './payload.js'
import { payloadField } from './payload-field.js'
import { count, counter, instant, type JsonCodec, onlyTrue } from './plain.js'
import { record } from './record.js'

const deliveryCodec: JsonCodec<Delivery> = record<Delivery>('a session that was given the same message', {
  serial: count,
  position: optional(counter),
  copy: optional(onlyTrue),
})

/** Those who were given the same message. */
export const deliveriesCodec: JsonCodec<ReadonlyArray<Delivery>> = list(deliveryCodec)

export const unackedCodec = <A>(payload: PayloadCodec<A>): JsonCodec<Unacked<A>> =>
  record<Unacked<A>>('an unacked stanza', {
    stanza: payloadField(payload),
    facts: factsCodec,
    at: instant,
    others: optional(deliveriesCodec),
  })
