/** Stanzas are stored as the text they are. */
import { type PayloadCodec as JsonPayload, Stanza } from '@smacks/codec'
import type { PayloadCodec } from '@smacks/offline-lmdb'
import * as Either from 'fp-ts/lib/Either.js'

export const stanzaPayload: PayloadCodec<Stanza> = {
  encode: stanza => stanza.xml,
  decode: xml => Stanza.fromXml(xml),
}

/**
 * What is journalled leaves or waits next, and all of that is done with its bytes: it is written once. What the journal reads, it
 * wrote itself: the text is not parsed again, since recovery reads very many.
 */
export const journalledStanza: JsonPayload<Stanza> = {
  encode: stanza => stanza.xml,
  utf8: stanza => stanza.bytes,
  decode: json =>
    typeof json === 'string'
      ? Either.right(Stanza.fromXml(json))
      : Either.left(`found ${JSON.stringify(json)?.slice(0, 80)}, allowed: the text of a stanza`),
}

/** Stands for stanzas of which only the number counts. */
export const anyStanza: Stanza = Stanza.fromXml('<message/>')
