import { expect, test } from 'vitest'
import { isAddress } from '../../../packages/stream-s2s/src/dns-name.js'
import { isPublicAddress } from '../../../packages/stream-s2s/src/public-address.js'

test.each([
  '8.8.8.8',
  '172.15.255.255',
  '172.32.0.0',
  '223.255.255.255',
  '2001:4860:4860::8888',
  '2a00:1450::1',
  '::ffff:8.8.8.8',
  '64:ff9b::8.8.8.8',
])('%s is an address of the Internet', address => expect(isPublicAddress(address)).toBe(true))

test.each([
  '0.0.0.0',
  '10.1.2.3',
  '100.64.0.1',
  '127.0.0.1',
  '127.255.255.254',
  '169.254.169.254',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.0.1',
  '198.19.0.1',
  '224.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  '::127.0.0.1',
  '::ffff:127.0.0.1',
  '::ffff:7f00:1',
  '::FFFF:10.0.0.1',
  '64:ff9b::127.0.0.1',
  '64:ff9b:1::1',
  'fc00::1',
  'fd12:3456::1',
  'fe80::1',
  'fe80::1%eth0',
  'fec0::1',
  'ff02::1',
  '2001:db8::1',
  '2002:7f00:1::1',
  'localhost',
  '',
])('%s is none', address => expect(isPublicAddress(address)).toBe(false))

test.each(['127.0.0.1', '[::1]', '127.1', '2130706433', '0x7f000001', '0x7f.1', '127.0.0.1.', '017700000001', '1'])(
  '%s is an address as a domain',
  domain => expect(isAddress(domain)).toBe(true),
)

test.each(['1.example', 'example.org', '127.0.0.1.example', '0xdead.beef', 'b\u00fccher.example', 'localhost', '1a'])(
  '%s is a name',
  domain => expect(isAddress(domain)).toBe(false),
)
