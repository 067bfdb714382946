import { expect, test } from 'bun:test';
import { openFileLedger } from '#execution/environments/file-ledger.ts';
import { createFakeClock } from '#test/support/fake-clock.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';

const identity = { key: 'volume/demo/python-a1', packRef: 'demo', runtime: 'python', checksum: 'a1' };
const LEASE_MS = 60_000;

test('a failure is tried again after 5 s, then after ever longer pauses, up to ten minutes', async () => {
  using directory = temporaryDirectory();
  const clock = createFakeClock(1_700_000_000_000);
  const ledger = openFileLedger(directory.path, clock);
  const pauses: number[] = [];
  for (let failures = 1; failures <= 9; failures++) {
    expect(await ledger.begin(identity, LEASE_MS)).toEqual({ kind: 'mine' });
    await ledger.end(identity.key, { kind: 'failed', error: 'why' });
    const right = await ledger.begin(identity, LEASE_MS);
    if (right.kind !== 'failed') throw new Error(right.kind);
    pauses.push(right.retryInMs);
    await clock.advance(right.retryInMs - 1);
    expect(await ledger.begin(identity, LEASE_MS)).toEqual({ kind: 'failed', error: 'why', retryInMs: 1 });
    await clock.advance(1);
  }
  expect(pauses).toEqual([5, 10, 20, 40, 80, 160, 320, 600, 600].map((seconds) => seconds * 1000));
});

test('a clock that is set back makes no pause longer than usual', async () => {
  using directory = temporaryDirectory();
  const clock = createFakeClock(1_700_000_000_000);
  const ledger = openFileLedger(directory.path, clock);
  await ledger.begin(identity, LEASE_MS);
  await ledger.end(identity.key, { kind: 'failed', error: 'why' });
  clock.shiftWall(-3_600_000);
  expect(await ledger.begin(identity, LEASE_MS)).toEqual({ kind: 'failed', error: 'why', retryInMs: 5000 });
});

test('the lock of a living holder is taken over when it was not touched for a lease', async () => {
  using directory = temporaryDirectory();
  const clock = createFakeClock(1_700_000_000_000);
  const [holder, other] = [openFileLedger(directory.path, clock), openFileLedger(directory.path, clock)];
  await holder.begin(identity, LEASE_MS);
  expect(await other.begin(identity, LEASE_MS)).toEqual({ kind: 'taken' });
  await clock.advance(LEASE_MS);
  expect(await holder.renew(identity.key, LEASE_MS)).toBe(true);
  expect(await other.begin(identity, LEASE_MS)).toEqual({ kind: 'taken' });
  await clock.advance(LEASE_MS);
  expect(await other.begin(identity, LEASE_MS)).toEqual({ kind: 'taken' });
  await clock.advance(1);
  expect(await other.begin(identity, LEASE_MS)).toEqual({ kind: 'mine' });
  expect(await holder.renew(identity.key, LEASE_MS)).toBe(false);
});
