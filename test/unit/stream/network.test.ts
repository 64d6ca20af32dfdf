import { isLoopback, networkOf } from '@smacks/stream'
import { expect, test } from 'vitest'

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['::FFFF:192.0.2.1', '192.0.2.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:0db8:0001:0002::1', '2001:db8:1:2::/64'],
  ['2001:DB8::', '2001:db8:0:0::/64'],
  ['2001:db8::1:2:3:4:5', '2001:db8:0:1::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['::', '0:0:0:0::/64'],
  ['64:ff9b::192.0.2.1', '64:ff9b:0:0::/64'],
  ['not an address', 'not an address'],
])('%s is of %s', (address, network) => expect(networkOf(address)).toBe(network))

test.each(['127.0.0.1', '127.255.255.254', '::1', '::ffff:127.0.0.1', '::FFFF:127.0.0.1'])(
  '%s is of this machine',
  address => expect(isLoopback(address)).toBe(true),
)

test.each([
  '128.0.0.1',
  '12.7.0.1',
  '10.127.0.1',
  '::2',
  '::',
  '1::1',
  '::1:1',
  '::ffff:10.127.0.1',
  '2001:db8::127.0.0.1',
  '',
])("'%s' is not", address => expect(isLoopback(address)).toBe(false))
