import { expect, test } from 'bun:test';
import type { AgentStore, Claims, Heartbeat } from '#domain/agent-store.ts';
import { executionId } from '#domain/ids.ts';
import { createFakeClock } from '#test/support/fake-clock.ts';
import { watchLeases } from '#worker/leases.ts';
import { claimedExecution, session } from './samples.ts';

const LEASE_MS = 3000;
const one = claimedExecution(1);
const { attempt } = one;

/** Leases before a database that takes so long to answer, and then says what is held. */
function openLeases() {
  const clock = createFakeClock();
  const database = { takesMs: 0, held: [one] as readonly (typeof one)[], isReplaced: false };
  const answer = async <T>(value: () => T): Promise<T> => {
    if (database.takesMs > 0) await clock.sleep(database.takesMs);
    return value();
  };
  const leases = watchLeases(
    {
      claim: () => answer((): Claims => ({ claimed: database.held, messages: [] })),
      heartbeat: () =>
        answer((): Heartbeat => {
          const claims = database.held.map((held) => ({ ...held, isCanceling: false }));
          return database.isReplaced
            ? { kind: 'replaced' }
            : { kind: 'alive', isCordoned: false, claims, scheduled: [] };
        }),
    } as Partial<AgentStore> as AgentStore,
    clock,
  );
  const stop = new AbortController();
  const wait = (): { isOver: boolean } => {
    const waiting = { isOver: false };
    void leases.untilSure(one, stop.signal).then(() => {
      waiting.isOver = true;
    });
    return waiting;
  };
  return {
    ...{ clock, database, stop, wait },
    claim: () => leases.store.claim(session, [{ execution: executionId(1), attempt }] as never, LEASE_MS),
    beat: () => leases.store.heartbeat(session, LEASE_MS),
  };
}

test('half a lease is sure from the question of its claim on, and after that only when a heartbeat has renewed it', async () => {
  const { clock, database, wait, claim, beat } = openLeases();
  await claim();
  await clock.advance(LEASE_MS / 2 - 100);
  const inTime = wait();
  await clock.advance(0);
  expect(inTime.isOver).toBe(true);
  await clock.advance(200);
  const late = wait();
  await clock.advance(60_000);
  expect(late.isOver).toBe(false);
  database.held = [];
  await beat();
  await clock.advance(0);
  expect(late.isOver).toBe(false);
  database.held = [one];
  await beat();
  await clock.advance(0);
  expect(late.isOver).toBe(true);
});

test('a claim has all that is left of the lease that the last heartbeat has renewed', async () => {
  const { clock, wait, claim, beat } = openLeases();
  await beat();
  await clock.advance(1000);
  await claim();
  await clock.advance(1900);
  const inTime = wait();
  await clock.advance(0);
  expect(inTime.isOver).toBe(true);
  await clock.advance(200);
  const late = wait();
  await clock.advance(0);
  expect(late.isOver).toBe(false);
});

test('an answer that comes when the lease is over makes nothing sure', async () => {
  const { clock, database, wait, claim, beat } = openLeases();
  database.takesMs = LEASE_MS + 1;
  const claiming = claim();
  await clock.advance(LEASE_MS + 1);
  await claiming;
  const waiting = wait();
  const beating = beat();
  await clock.advance(LEASE_MS + 1);
  await beating;
  await clock.advance(0);
  expect(waiting.isOver).toBe(false);
  database.takesMs = 0;
  await beat();
  await clock.advance(0);
  expect(waiting.isOver).toBe(true);
});

test('who was replaced, or is told to stop, waits no longer than that', async () => {
  const { clock, database, stop, wait, beat } = openLeases();
  const waiting = wait();
  database.isReplaced = true;
  await beat();
  await clock.advance(0);
  expect(waiting.isOver).toBe(false);
  stop.abort();
  await clock.advance(0);
  expect(waiting.isOver).toBe(true);
});
