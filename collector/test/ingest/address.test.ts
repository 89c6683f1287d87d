import { expect, test } from 'vitest'
import { addressPrefix } from '../../src/ingest/address.ts'

test.each<[string | undefined, string | undefined, number, string]>([
  ['203.0.113.9', undefined, 0, '203.0.113.9'],
  ['::ffff:203.0.113.9', undefined, 0, '203.0.113.9'],
  ['2001:db8:1:2:3:4:5:6', undefined, 0, '2001:db8:1:2::/64'],
  ['2001:db8:1:2:ffff::1', undefined, 0, '2001:db8:1:2::/64'],
  ['2001:db8:1:3::1', undefined, 0, '2001:db8:1:3::/64'],
  ['fe80::1%eth0', undefined, 0, 'fe80::/64'],
  // Nobody's word is taken for where it comes from unless it was said that proxies stand there.
  ['203.0.113.9', '198.51.100.7', 0, '203.0.113.9'],
  ['10.0.0.1', '198.51.100.7', 1, '198.51.100.7'],
  ['10.0.0.1', '1.1.1.1, 198.51.100.7', 1, '198.51.100.7'],
  ['10.0.0.1', '1.1.1.1, 198.51.100.7, 10.0.0.2', 2, '198.51.100.7'],
  ['10.0.0.1', '2001:db8:1:2::9', 1, '2001:db8:1:2::/64'],
  // Shorter than the proxies we have: it did not come through all of them.
  ['10.0.0.1', '198.51.100.7', 2, '10.0.0.1'],
  ['10.0.0.1', undefined, 1, '10.0.0.1'],
  ['10.0.0.1', 'unknown', 1, '10.0.0.1'],
  ['10.0.0.1', '1', 1, '10.0.0.1'],
  ['10.0.0.1', '0x7f.1', 1, '10.0.0.1'],
  ['', undefined, 0, 'unknown'],
  [undefined, undefined, 0, 'unknown'],
])('from %s, forwarded for %s, %d trusted: %s', (peerAddress, forwardedFor, trustedHops, prefix) => {
  expect(addressPrefix({ peerAddress, forwardedFor }, trustedHops)).toBe(prefix)
})
