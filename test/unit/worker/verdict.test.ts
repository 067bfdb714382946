import { expect, test } from 'bun:test';
import type { Outcome } from '#domain/execution.ts';
import { decideVerdict } from '#worker/verdict.ts';

const failed: Outcome = { kind: 'failed', exitCode: 3 };
const cancelled: Outcome = { kind: 'cancelled' };
const result = { succeeded: false, error: 'oops', duration_ms: 1 };

type Interruption = 'cancelled' | 'shutdown' | 'lost';

function decide(
  outcome: Outcome,
  retries: readonly [count: number, most: number | undefined],
  interruption?: Interruption,
) {
  const [retryCount, maxRetries] = retries;
  return decideVerdict({ outcome, result }, { retryCount, maxRetries }, { interruption, random: 0 });
}

test('a failure is final without retries, and again with a growing delay while there are some', () => {
  expect(decide(failed, [0, undefined])).toEqual({ kind: 'final', status: 'failed', result });
  expect(decide(failed, [0, 2])).toMatchObject({ kind: 'again', reason: 'oops', delayMs: 1000 });
  expect(decide(failed, [1, 2])).toMatchObject({ kind: 'again', delayMs: 2000 });
  expect(decide(failed, [2, 2])).toMatchObject({ kind: 'final', status: 'failed' });
  expect(decide(failed, [50, 99])).toMatchObject({ delayMs: 60_000 });
  expect(decide({ kind: 'timed-out', timeoutMs: 1 }, [0, 0])).toMatchObject({ kind: 'final', status: 'timeout' });
});

test('a cancel is final, a shutdown is no fault of the action, what is lost is not reported', () => {
  expect(decide(cancelled, [0, 5], 'cancelled')).toMatchObject({ kind: 'final', status: 'cancelled' });
  expect(decide(cancelled, [0, undefined], 'shutdown')).toMatchObject({ kind: 'again', delayMs: 0 });
  expect(decide(cancelled, [1, 1], 'shutdown')).toMatchObject({ kind: 'final', status: 'abandoned' });
  expect(decide({ kind: 'completed' }, [0, 0], 'shutdown')).toMatchObject({ kind: 'final', status: 'completed' });
  expect(decide({ kind: 'completed' }, [0, 0], 'lost')).toBeUndefined();
});

test('what a worker that cannot write did not start goes back, whatever retries are left, and none is spent', () => {
  const lostPlace = { word: 'full', why: 'the work directory /w is full' } as const;
  const unstarted = { outcome: { kind: 'not-started', reason: 'ENOSPC' }, result } as const;
  const handBack = (interruption?: Interruption) =>
    decideVerdict(unstarted, { retryCount: 0, maxRetries: 0 }, { interruption, lostPlace, random: 0 });
  expect(handBack()).toMatchObject({ kind: 'again', isFree: true, reason: expect.stringContaining('full: the work') });
  expect(handBack('shutdown')).toMatchObject({ kind: 'again', isFree: true });
  expect(handBack('lost')).toBeUndefined();
});
