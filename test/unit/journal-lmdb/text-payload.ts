/** Stanzas that are texts, as the journal writes them; one text is never read. */
import { type PayloadCodec, utf8Bytes } from '@smacks/codec'
import { left, right } from 'fp-ts/lib/Either.js'

export const textPayload: PayloadCodec<string> = {
  encode: text => text,
  utf8: utf8Bytes,
  decode: json =>
    typeof json === 'string' && json !== 'unreadable'
      ? right(json)
      : left(`found ${JSON.stringify(json)}, allowed: a text`),
}
