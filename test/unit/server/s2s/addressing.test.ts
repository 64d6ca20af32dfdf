import { expect, test } from 'vitest'
import { addressFault } from '../../../../apps/server/src/s2s/addressing.js'
import { elementOf } from './reading.js'

const pair = { here: 'here.example', there: 'there.example' }
const faultOf = (attributes: string) => addressFault(elementOf(`<message ${attributes}/>`), pair)

test.each([
  ['of users', "from='juliet@there.example/balcony' to='romeo@here.example'"],
  ['of servers', "from='there.example' to='here.example'"],
  ['in capitals', "from='Juliet@THERE.example' to='romeo@Here.Example'"],
])('a stanza may be between addresses %s of the two domains', (_, attributes) => {
  expect(faultOf(attributes)).toBeUndefined()
})

test.each([
  ['no from', "to='romeo@here.example'", 'improper-addressing'],
  ['no to', "from='juliet@there.example'", 'improper-addressing'],
  ['a from that is no address', "from='@there.example' to='romeo@here.example'", 'improper-addressing'],
  ['a to that is no address', "from='juliet@there.example' to='romeo@'", 'improper-addressing'],
  ['a from of another domain', "from='juliet@evil.example' to='romeo@here.example'", 'invalid-from'],
  ['a from of a subdomain', "from='juliet@sub.there.example' to='romeo@here.example'", 'invalid-from'],
  ['a from of ours', "from='tybalt@here.example' to='romeo@here.example'", 'invalid-from'],
  ['a to of another domain', "from='juliet@there.example' to='romeo@elsewhere.example'", 'host-unknown'],
  ['a to of their own', "from='juliet@there.example' to='nurse@there.example'", 'host-unknown'],
])('a stanza with %s is refused', (_, attributes, condition) => {
  expect(faultOf(attributes)?.condition).toBe(condition)
})

test('the fault names the addresses, but no more of them than fits', () => {
  const long = 'x'.repeat(5_000)
  expect(faultOf(`from='${long}' to='romeo@here.example'`)?.text?.length).toBeLessThan(500)
})
