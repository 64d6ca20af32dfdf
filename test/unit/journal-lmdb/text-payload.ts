/** Stanzas that are texts, as the journal writes them. */
import type { PayloadCodec } from '@smacks/codec'
import { left, right } from 'fp-ts/lib/Either.js'

export const textPayload: PayloadCodec<string> = {
  encode: text => text,
  decode: json => (typeof json === 'string' ? right(json) : left(`found ${JSON.stringify(json)}, allowed: a text`)),
}
