import { expect, test } from 'vitest'
import { offersOf } from '../../../packages/stream-s2s/src/offers.js'
import { elementOf } from './reading.js'

const offers = (inside: string) => offersOf(elementOf(`<stream:features>${inside}</stream:features>`))
const none = { external: false, dialback: false, streamManagement: undefined }
const mechanisms = (...names: ReadonlyArray<string>): string =>
  `<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>${names.map(name => `<mechanism>${name}</mechanism>`).join('')}</mechanisms>`

test.each([
  ['nothing', '', none],
  ['EXTERNAL among others', mechanisms('PLAIN', ' EXTERNAL\n'), { ...none, external: true }],
  ['other mechanisms only', mechanisms('PLAIN', 'EXTERNAL-PLUS'), none],
  ['dialback', "<dialback xmlns='urn:xmpp:features:dialback'><errors/></dialback>", { ...none, dialback: true }],
  ['dialback of another namespace', "<dialback xmlns='urn:example'/>", none],
  ['version 3', "<sm xmlns='urn:xmpp:sm:3'/>", { ...none, streamManagement: 'urn:xmpp:sm:3' }],
  ['version 2', "<sm xmlns='urn:xmpp:sm:2'/>", { ...none, streamManagement: 'urn:xmpp:sm:2' }],
  [
    'both versions, the older one first',
    "<sm xmlns='urn:xmpp:sm:2'/><sm xmlns='urn:xmpp:sm:3'/>",
    { ...none, streamManagement: 'urn:xmpp:sm:3' },
  ],
  ['an unknown version', "<sm xmlns='urn:xmpp:sm:4'/>", none],
])('features offer %s', (_, inside, expected) => {
  expect(offers(inside)).toEqual(expected)
})
