import { Stanza } from '@smacks/codec'
import { expect, test } from 'vitest'
import { chargeOf } from '../../../packages/stream-c2s/src/charge.js'

test.each([
  ['<presence/>', 2000],
  ["<presence type='unavailable'><status>x</status></presence>", 2000],
  ["<presence to='a@b'/>", 0],
  ["<iq type='get' id='1'><query xmlns='jabber:iq:roster'/></iq>", 4000],
  ["<iq type='set' id='1'><query xmlns='jabber:iq:roster'/></iq>", 4000],
  ["<iq type='result' id='1'><query xmlns='jabber:iq:roster'/></iq>", 0],
  ["<iq type='get' id='1'><query xmlns='jabber:iq:version'/></iq>", 0],
  ["<message to='a@b'><body>x</body></message>", 0],
])('%s is charged %i bytes', (xml, bytes) => expect(chargeOf(Stanza.fromXml(xml).outline)).toBe(bytes))
