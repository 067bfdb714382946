import { expect, test } from 'bun:test';
import type { Settlement } from '#domain/agent-store.ts';
import { executionId } from '#domain/ids.ts';
import type { LogChunk } from '#domain/log.ts';
import { Unavailable } from '#domain/unavailable.ts';
import { createFakeClock } from '#test/support/fake-clock.ts';
import { createReporter } from '#worker/reporter.ts';
import type { Backlog } from '#worker/spool.ts';
import { createEventLog, logChunk, session } from './samples.ts';

const MIB = 1024 * 1024;

function settlementOf(id: number): Settlement {
  return {
    ...session,
    execution: executionId(id),
    attempt: 1,
    verdict: { kind: 'final', status: 'completed', result: {} },
  };
}

/** A reporter whose database can be away or slow, and whose spool can be full. */
function openReporter({ limitBytes = MIB, hasSpool = true } = {}) {
  const clock = createFakeClock();
  const { logger, events } = createEventLog();
  const state = { isAway: false, isFull: false, answer: undefined as Promise<void> | undefined, onDelivery: () => {} };
  const delivered: string[] = [];
  const attempts: number[] = [];
  const spooled: string[] = [];
  const reach = async (what: string): Promise<void> => {
    attempts.push(clock.monotonic());
    await state.answer;
    if (state.isAway) throw new Unavailable('no database');
    if (what === '') return;
    delivered.push(what);
    state.onDelivery();
  };
  const spool = {
    write: ({ chunks, settlements }: Backlog) => {
      if (state.isFull) throw new Error('no space is left');
      for (const one of chunks) spooled.push(nameOf(one));
      for (const one of settlements) spooled.push(`end ${one.execution}`);
    },
    clear: () => void spooled.push('cleared'),
    readLeftovers: () => ({ chunks: [], settlements: [] }),
    removeLeftovers: () => {},
  };
  const reporter = createReporter({
    deliver: {
      logs: (chunks) => reach(chunks.map(nameOf).join(' ')),
      settlements: (all) => reach(all.map((one) => `end ${one.execution}`).join(' ')),
    },
    clock,
    spool: hasSpool ? spool : undefined,
    limitBytes,
    collectGarbage: () => void spooled.push('collected'),
    logger,
    onSpoolLost: () => void spooled.push('lost'),
  });
  return { reporter, clock, events, state, delivered, attempts, spooled };
}

const nameOf = ({ execution, seq }: LogChunk): string => `${execution}:${seq}`;

test('logs leave before the end of their execution; what comes meanwhile leaves together', async () => {
  const { reporter, clock, state, delivered } = openReporter();
  const answer = Promise.withResolvers<void>();
  state.answer = answer.promise;
  await reporter.log(logChunk(1, 0));
  await clock.settle();
  await reporter.log(logChunk(1, 1));
  reporter.settle(settlementOf(1));
  await reporter.log(logChunk(2, 0));
  reporter.settle(settlementOf(2));
  expect(delivered).toEqual([]);
  answer.resolve();
  await clock.advance(100);
  expect(delivered).toEqual(['1:0', '1:1 2:0', 'end 1 end 2']);
  await reporter.idle();
});

test('the last of a log and the end that follows it in the same turn leave at one time, without a pause between them', async () => {
  const { reporter, clock, attempts, delivered } = openReporter();
  await reporter.log(logChunk(1, 0));
  await Promise.resolve();
  reporter.settle(settlementOf(1));
  await clock.advance(100);
  expect(delivered).toEqual(['1:0', 'end 1']);
  expect(attempts).toEqual([0, 0]);
});

test('it holds a result until the database has it', async () => {
  const { reporter, clock, state } = openReporter();
  const answer = Promise.withResolvers<void>();
  state.answer = answer.promise;
  reporter.settle(settlementOf(1));
  expect([1, 2].map((id) => reporter.holds(executionId(id)))).toEqual([true, false]);
  expect(reporter.waiting.settlements()).toBe(1);
  answer.resolve();
  await clock.settle();
  expect([reporter.holds(executionId(1)), reporter.waiting.settlements()]).toEqual([false, 0]);
});

/** What is delivered of a backlog that has grown behind one chunk. */
async function batchesOf(chunks: readonly LogChunk[], settlements: readonly Settlement[]): Promise<readonly string[]> {
  const { reporter, clock, state, delivered } = openReporter({ limitBytes: 100 * MIB });
  const answer = Promise.withResolvers<void>();
  state.answer = answer.promise;
  await reporter.log(logChunk(99, 0));
  await clock.settle();
  for (const chunk of chunks) await reporter.log(chunk);
  for (const settlement of settlements) reporter.settle(settlement);
  answer.resolve();
  await clock.advance(100);
  expect(delivered[0]).toBe('99:0');
  return delivered.slice(1);
}

test('one statement has 500 chunks or 200 results at most', async () => {
  const chunks = Array.from({ length: 501 }, (_, seq) => logChunk(1, seq));
  const settlements = Array.from({ length: 201 }, (_, id) => settlementOf(id));
  const batches = await batchesOf(chunks, settlements);
  expect(batches.map((one) => one.match(/\d+:\d+|end \d+/g)?.length)).toEqual([500, 1, 200, 1]);
});

test('one statement has 512 KiB of logs at most; a chunk that is larger goes alone', async () => {
  const chunks = [(3 * MIB) / 8, MIB / 8, 1, MIB, 1].map((bytes, seq) => logChunk(1, seq, bytes));
  expect(await batchesOf(chunks, [])).toEqual(['1:0 1:1', '1:2', '1:3', '1:4']);
});

test('after one result the next round trip begins 4 ms later at the earliest, and after many 15', async () => {
  const { reporter, clock, attempts } = openReporter();
  await reporter.log(logChunk(1, 0));
  await clock.settle();
  await reporter.log(logChunk(1, 1));
  await clock.advance(10);
  expect([...new Set(attempts)]).toEqual([0, 4]);
  for (let id = 0; id < 10; id++) reporter.settle(settlementOf(id));
  await clock.settle();
  reporter.settle(settlementOf(10));
  await clock.advance(20);
  expect([...new Set(attempts)]).toEqual([0, 4, 10, 25]);
});

test('an action that logs more than may wait, waits until there is room', async () => {
  const { reporter, clock, state, delivered } = openReporter({ limitBytes: 2000 });
  state.isAway = true;
  await reporter.log(logChunk(1, 0, 8));
  await reporter.log(logChunk(1, 1, 8));
  let hasRoom = false;
  const third = reporter.log(logChunk(1, 2, 8)).then(() => {
    hasRoom = true;
  });
  await clock.advance(10_000);
  expect([hasRoom, reporter.waiting.bytes()]).toEqual([false, 16]);
  state.isAway = false;
  await clock.advance(3000);
  await third;
  await clock.advance(5);
  expect([delivered, reporter.waiting.bytes()]).toEqual([['1:0 1:1', '1:2'], 0]);
});

test('what is on its way counts with its copies, and the memory of what has been delivered is given back', async () => {
  const { reporter, clock, state } = openReporter({ limitBytes: 1060 });
  const answer = Promise.withResolvers<void>();
  state.answer = answer.promise;
  const chunk = logChunk(1, 0, 10);
  await reporter.log(chunk);
  await clock.settle();
  let hasRoom = false;
  const second = reporter.log(logChunk(1, 1, 1)).then(() => {
    hasRoom = true;
  });
  await clock.settle();
  expect(hasRoom).toBe(false);
  answer.resolve();
  await second;
  expect(chunk.data.length).toBe(0);
});

test('garbage is collected after some MiB of logs, delivered or not', async () => {
  const { reporter, clock, state, spooled } = openReporter({ limitBytes: 100 * MIB, hasSpool: false });
  state.isAway = true;
  await reporter.log(logChunk(1, 0, MIB));
  await clock.advance(30_000);
  expect(spooled).toContain('collected');
});

test('while the database is away it tries again after pauses that grow to 3 s, and loses nothing', async () => {
  const { reporter, clock, state, delivered, attempts, events } = openReporter({ hasSpool: false });
  state.isAway = true;
  await reporter.log(logChunk(1, 0));
  reporter.settle(settlementOf(1));
  await clock.advance(12_000);
  const pauses = attempts.slice(1).map((at, n) => at - (attempts[n] ?? 0));
  expect(pauses).toEqual([75, 150, 300, 600, 1200, 2250, 2250, 2250, 2250]);
  await reporter.log(logChunk(1, 1));
  state.isAway = false;
  await clock.advance(3000);
  expect(delivered).toEqual(['1:0 1:1', 'end 1']);
  expect(events).toEqual(['results wait', 'results delivered']);
});

test('after a success the pauses begin anew', async () => {
  const { reporter, clock, state, delivered, attempts } = openReporter();
  state.isAway = true;
  for (let id = 0; id < 201; id++) reporter.settle(settlementOf(id));
  await clock.advance(300);
  Object.assign(state, { isAway: false, onDelivery: () => Object.assign(state, { isAway: true }) });
  await clock.advance(400);
  expect([delivered.length, attempts]).toEqual([1, [0, 75, 225, 525, 540, 615]]);
});

test('while the database is away, and only then, everything that waits is in the spool', async () => {
  const { reporter, clock, state, spooled } = openReporter();
  await reporter.log(logChunk(1, 0));
  await clock.advance(100);
  state.isAway = true;
  await reporter.log(logChunk(1, 1));
  await clock.advance(10);
  expect(spooled).toEqual(['1:1']);
  reporter.settle(settlementOf(1));
  expect(spooled).toEqual(['1:1', 'end 1']);
  state.isAway = false;
  await clock.advance(1000);
  expect(spooled).toEqual(['1:1', 'end 1', 'cleared']);
  await reporter.log(logChunk(2, 0));
  await clock.advance(1000);
  expect(spooled).toHaveLength(3);
});

test('a spool that cannot be written is logged, and what waits is delivered all the same', async () => {
  const { reporter, clock, state, delivered, events } = openReporter();
  Object.assign(state, { isAway: true, isFull: true });
  reporter.settle(settlementOf(1));
  await clock.advance(10);
  expect(events).toEqual(['results wait', 'spool not written']);
  state.isAway = false;
  await clock.advance(1000);
  expect(delivered).toEqual(['end 1']);
});

test('what a full spool did not take it gets when there is room, in order, while the database is still away', async () => {
  const { reporter, clock, state, spooled } = openReporter();
  Object.assign(state, { isAway: true, isFull: true });
  await reporter.log(logChunk(1, 0));
  await clock.advance(10);
  reporter.settle(settlementOf(1));
  await clock.advance(10_000);
  expect(new Set(spooled)).toEqual(new Set(['lost']));
  state.isFull = false;
  await clock.advance(10_000);
  expect(spooled.filter((one) => one !== 'lost')).toEqual(['1:0', 'end 1']);
});

test('stopped while the database is away, it gives up, lets actions go on, and leaves the spool', async () => {
  const { reporter, clock, state, attempts, spooled } = openReporter({ limitBytes: 1 });
  state.isAway = true;
  await reporter.log(logChunk(1, 0, 8));
  await clock.advance(10);
  const waiting = reporter.log(logChunk(1, 1, 8));
  reporter.stop();
  await waiting;
  await reporter.idle();
  const tries = attempts.length;
  await clock.advance(60_000);
  expect([attempts.length - tries, spooled]).toEqual([0, ['1:0', '1:1']]);
  expect(reporter.waiting.bytes()).toBe(16);
});
