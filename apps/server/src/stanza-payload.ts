/** Stanzas are stored as the text they are. */
import { Stanza } from '@smacks/codec'
import type { PayloadCodec } from '@smacks/offline-lmdb'

export const stanzaPayload: PayloadCodec<Stanza> = {
  encode: stanza => stanza.xml,
  decode: xml => Stanza.fromXml(xml),
}
