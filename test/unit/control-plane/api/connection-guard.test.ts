import { expect, test } from 'bun:test';
import { createTrust } from '#control-plane/api/client-address.ts';
import { createConnectionGuard, type OpenConnection } from '#control-plane/api/connection-guard.ts';
import { createFakeClock } from '#test/support/fake-clock.ts';

const PORT = 8080;

function world(trusted: readonly string[] = []) {
  const clock = createFakeClock();
  let open: readonly OpenConnection[] = [];
  let nextId = 1000;
  const guard = createConnectionGuard(
    {
      list: (port) => (port === PORT ? open : []),
      end: (id) => {
        open = open.filter((one) => one.id !== id);
      },
    },
    clock,
    createTrust(trusted),
  );
  return {
    ...{ guard, clock },
    opens: (address: string, count = 1) => {
      const first = nextId;
      nextId += count;
      open = [...open, ...Array.from({ length: count }, (_, n) => ({ id: first + n, address, port: first + n }))];
      guard.look(PORT);
      return first;
    },
    after: async (ms: number) => {
      await clock.advance(ms);
      guard.look(PORT);
      return open.length;
    },
    ids: () => open.map((one) => one.id),
  };
}

test('a connection that brings no valid token ends after 30 s, or so long after its last request; others stay', async () => {
  const { guard, opens, after, ids } = world();
  const silent = opens('10.0.0.1');
  const asking = opens('10.0.0.1');
  const worker = opens('::ffff:10.0.0.2');
  guard.brought('10.0.0.2', worker, 'hash');
  await after(20_000);
  guard.asked('10.0.0.1', asking);
  await after(10_001);
  expect(ids()).toEqual([asking, worker]);
  expect(ids()).not.toContain(silent);
  await after(30_001);
  expect(ids()).toEqual([worker]);
});

test('a port that somebody has left is nobody known when it comes again', async () => {
  const { guard, opens, after, ids } = world();
  const [one] = [opens('10.0.0.1')];
  guard.brought('10.0.0.1', one, 'hash');
  expect(await after(40_000)).toBe(1);
  guard.look(1);
  guard.look(PORT);
  await after(31_000);
  expect(ids()).toEqual([]);
});

test('of too many without a token the oldest end, for each address and for a network of IPv6', async () => {
  const { opens, after, ids } = world();
  const oldest = opens('2001:db8::1');
  await after(1000);
  opens('2001:db8:0:0:1::2', 255);
  const other = opens('2001:db8:0:1::2');
  expect(ids()).toContain(oldest);
  const youngest = opens('2001:DB8::3');
  expect(ids()).not.toContain(oldest);
  expect(ids()).toEqual(expect.arrayContaining([other, youngest]));
  expect(ids()).toHaveLength(257);
});

test('of too many in all the oldest end, and those of trusted proxies do not count', async () => {
  const { opens, after, ids } = world(['192.0.2.0/24']);
  opens('192.0.2.7', 3000);
  for (let network = 0; network < 12; network++) {
    opens(`10.0.0.${network}`, 200);
    await after(100);
  }
  expect(ids()).toHaveLength(3000 + 2048);
  expect(await after(60_000)).toBe(3000);
});

test('of too many with a token those end that have asked longest ago, for each token, address and in all', async () => {
  const { guard, opens, after, ids } = world(['192.0.2.0/24']);
  const bring = (address: string, token: string, count: number): number => {
    let first: number | undefined;
    for (let left = count; left > 0; left -= 200) {
      const some = Math.min(left, 200);
      const from = opens(address, some);
      for (let n = 0; n < some; n++) guard.brought(address, from + n, token);
      first ??= from;
    }
    return first ?? 0;
  };
  const greedy = bring('10.0.0.1', 'greedy', 1000);
  bring('192.0.2.7', 'greedy', 3000);
  await after(1000);
  const other = bring('10.0.0.2', 'other', 10);
  bring('10.0.0.3', 'greedy', 25);
  guard.brought('10.0.0.1', greedy, 'greedy');
  expect(await after(100)).toBe(3000 + 10 + 1024);
  expect(ids()).toEqual(expect.arrayContaining([greedy, other]));
  expect(ids()).not.toContain(greedy + 999);
  for (let token = 0; token < 5; token++) bring('10.0.1.1', `many ${token}`, 1000);
  expect(await after(100)).toBe(3000 + 10 + 1024 + 4096);
  for (let network = 2; network < 7; network++) bring(`10.0.1.${network}`, `more ${network}`, 1000);
  expect(await after(100)).toBe(3000 + 8192);
});

test('a connection whose token is over ends at the next look, also one of a trusted proxy', async () => {
  const { guard, opens, after, ids } = world(['10.0.0.9']);
  const [one, other, proxy] = [opens('10.0.0.1'), opens('10.0.0.1'), opens('10.0.0.9')];
  for (const port of [one, other]) guard.brought('10.0.0.1', port, 'hash');
  guard.drop('10.0.0.1', one);
  guard.drop('::ffff:10.0.0.9', proxy);
  guard.drop('10.0.0.7', 1);
  await after(1);
  expect(ids()).toEqual([other]);
});
