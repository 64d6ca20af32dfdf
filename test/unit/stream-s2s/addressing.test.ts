import { outlineOf } from '@smacks/codec'
import { expect, test } from 'vitest'
import { addressFault, malformedAddress } from '../../../packages/stream-s2s/src/addressing.js'
import { elementOf } from './reading.js'

const pair = { local: 'here.example', remote: 'there.example' }
const faultOf = (attributes: string) => addressFault(outlineOf(elementOf(`<message ${attributes}/>`)), pair)

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
  ['a from without a domain', "from='a@b@there.example' to='romeo@here.example'", 'improper-addressing'],
  ['a to without a domain', "from='juliet@there.example' to='romeo@'", 'improper-addressing'],
  ['a malformed from of another domain', "from='@evil.example' to='romeo@here.example'", 'invalid-from'],
  ['a malformed to of another domain', "from='juliet@there.example' to='@elsewhere.example'", 'host-unknown'],
  ['a from whose domain is too long', `from='@${'x'.repeat(2_000)}' to='romeo@here.example'`, 'improper-addressing'],
  ['a from of another domain', "from='juliet@evil.example' to='romeo@here.example'", 'invalid-from'],
  ['a from of a subdomain', "from='juliet@sub.there.example' to='romeo@here.example'", 'invalid-from'],
  ['a from of ours', "from='tybalt@here.example' to='romeo@here.example'", 'invalid-from'],
  ['a to of another domain', "from='juliet@there.example' to='romeo@elsewhere.example'", 'host-unknown'],
  ['a to of their own', "from='juliet@there.example' to='nurse@there.example'", 'host-unknown'],
])('a stanza with %s is refused', (_, attributes, condition) => {
  expect(faultOf(attributes)?.condition).toBe(condition)
})

test.each([
  ['a user without a name', "from='@there.example' to='romeo@here.example'", "'@there.example'"],
  ['a user with a blank', "from='juliet@there.example' to='ro meo@here.example'", "'ro meo@here.example'"],
  ['an empty resource', "from='juliet@there.example/' to='romeo@here.example'", "'juliet@there.example/'"],
])('%s costs that stanza alone', (_, attributes, named) => {
  expect(faultOf(attributes)).toBeUndefined()
  const malformed = malformedAddress(outlineOf(elementOf(`<message ${attributes}/>`)))
  expect(malformed).toEqual({ condition: 'jid-malformed', text: `${named} is no address (RFC 7622).` })
})

test('the fault names the addresses, but no more of them than fits', () => {
  const long = 'x'.repeat(5_000)
  expect(faultOf(`from='${long}' to='romeo@here.example'`)?.text?.length).toBeLessThan(500)
})
