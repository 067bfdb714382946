import { expect, test } from 'bun:test';
import { isAllowed, resolveOutside } from '#adapters/webhooks/outside.ts';

test.each([
  ...['127.0.0.1', '127.255.0.9', '0.0.0.0', '10.1.2.3', '172.16.0.1', '192.168.1.1', '100.64.0.1', '100.100.100.200'],
  ...['169.254.169.254', '192.0.0.192', '198.18.0.1', '203.0.113.9', '224.0.0.1', '240.0.0.1', '255.255.255.255'],
  ...['168.63.129.16', '::', '::1', '::ffff:127.0.0.1', '::ffff:a00:1', '::7f00:1', '64:ff9b::7f00:1'],
  ...['64:ff9b:1::a00:1', '2002:7f00:1::', '2001:0:7f00:1::', 'fc00::1', 'fd00:ec2::254', 'fe80::1', 'fe80::1%eth0'],
  ...['fec0::1', 'ff02::1', '2001:db8::1', '100::1', '5f00::1'],
])('%s is no public address', (address) => {
  expect(isAllowed(address, [])).toBe(false);
});

test.each(['8.8.8.8', '93.184.216.34', '2606:2800:220:1::1', '::ffff:8.8.8.8'])('%s is public', (address) => {
  expect(isAllowed(address, [])).toBe(true);
});

test('a network that is allowed lets through its own addresses, whichever way they are written, and no other one', () => {
  const allowed = ['10.0.0.0/8', 'fd00::/8', '127.0.0.1'];
  const answers = ['10.9.9.9', '::ffff:10.9.9.9', 'fd00::1', '127.0.0.1', '127.0.0.2', '192.168.0.1', 'fe80::1'];
  expect(answers.map((one) => isAllowed(one, allowed))).toEqual([true, true, true, true, false, false, false]);
});

test('a name that leads inside is refused as its address is, and one that leads nowhere is unknown for now', async () => {
  expect(await resolveOutside('localhost', [])).toMatchObject({ kind: 'refused' });
  expect(await resolveOutside('[::1]', [])).toMatchObject({ kind: 'refused' });
  expect(await resolveOutside('127.0.0.1', ['127.0.0.0/8'])).toEqual({
    kind: 'found',
    addresses: [{ address: '127.0.0.1', family: 4 }],
  });
  expect(await resolveOutside('nowhere.invalid', [])).toMatchObject({ kind: 'unknown' });
});
