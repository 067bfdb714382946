import { expect, test } from 'bun:test';
import { createClientAddress } from '#control-plane/api/client-address.ts';

test('the address of the client is believed from trusted proxies alone, from the nearest on', () => {
  const addressOf = createClientAddress(['10.0.0.0/8', '192.0.2.7', 'fd00::/8']);
  const cases: readonly (readonly [string, string | null, string])[] = [
    ['203.0.113.5', null, '203.0.113.5'],
    ['203.0.113.5', '198.51.100.1', '203.0.113.5'],
    ['10.1.2.3', null, '10.1.2.3'],
    ['10.1.2.3', '198.51.100.1', '198.51.100.1'],
    ['::ffff:10.1.2.3', '198.51.100.1', '198.51.100.1'],
    ['10.1.2.3', '127.0.0.1, 198.51.100.1', '198.51.100.1'],
    ['10.1.2.3', '198.51.100.1, 192.0.2.7, 10.9.9.9', '198.51.100.1'],
    ['10.1.2.3', 'nonsense', '10.1.2.3'],
    ['10.1.2.3', '198.51.100.1, nonsense', '10.1.2.3'],
    ['fd00::1', '2001:db8::1', '2001:db8::1'],
    ['', '198.51.100.1', ''],
  ];
  for (const [peer, forwarded, expected] of cases) expect([peer, addressOf(peer, forwarded)]).toEqual([peer, expected]);
  expect(createClientAddress([])('10.1.2.3', '198.51.100.1')).toBe('10.1.2.3');
});
