import { expect, test } from 'bun:test';
import { createRateLimits } from '#control-plane/api/rate-limits.ts';

const PER_SECOND = 5;

/** How many of many requests, each with a token of its own, are refused; all come in one turn. */
async function refused(addresses: readonly string[]): Promise<number> {
  const limits = createRateLimits(PER_SECOND);
  const all = await Promise.allSettled(addresses.map((address, n) => limits.beforeToken(address, `att_random${n}`)));
  return all.filter(({ status }) => status === 'rejected').length;
}

const many = (addressOf: (n: number) => string): readonly string[] =>
  Array.from({ length: 100 }, (_, n) => addressOf(n));

test('random tokens count for the network of their address: for IPv6 its first 64 bits, however they are written', async () => {
  expect(await refused(many((n) => `2001:db8:0:1::${n.toString(16)}`))).toBeGreaterThan(0);
  expect(await refused(many((n) => `2001:DB8:0000:1:${n}:0:0:1`))).toBeGreaterThan(0);
  expect(await refused(many((n) => (n % 2 ? '::ffff:192.0.2.1' : '192.0.2.1')))).toBeGreaterThan(0);
  expect(await refused(many((n) => `2001:db8:0:${n.toString(16)}::1`))).toBe(0);
  expect(await refused(many((n) => `192.0.2.${n}`))).toBe(0);
});
