import { expect, test } from 'bun:test';
import type { EndedAttempt } from '#domain/observer.ts';
import type { Tracer } from '#domain/tracing.ts';
import { loggerOf } from '#test/support/event-log.ts';
import { createFakeClock } from '#test/support/fake-clock.ts';
import { createExecutor, type RunExecution } from '#worker/executor.ts';
import type { ClaimedEnd } from '#worker/run-claimed.ts';
import { claimedExecution, session } from './samples.ts';

const completed: ClaimedEnd = {
  outcome: { kind: 'completed' },
  result: { succeeded: true, exit_code: 0, duration_ms: 1, stdout: 'what it printed' },
  artifacts: [],
  secrets: [],
};
const failed: ClaimedEnd = {
  ...completed,
  outcome: { kind: 'failed', exitCode: 3 },
  result: { succeeded: false, exit_code: 3, duration_ms: 1, error: 'secret words' },
};

/** An executor whose executions end as `end` says, 1234 ms after they began, and what it logs. */
function openExecutor(end: ClaimedEnd) {
  const clock = createFakeClock();
  const logged: Readonly<Record<string, unknown>>[] = [];
  const ended: EndedAttempt[] = [];
  const counts = { claimed: 0 };
  const spans: string[] = [];
  const tracer: Tracer = {
    begin: (name, { parent, sinceMs = 0 }) => ({
      traceparent: `${parent ?? ''}/${name}`,
      end: ({ agoMs = 0, error, attributes } = {}) => {
        const what = [`${sinceMs}..${agoMs}`, attributes?.['attune.status'], error].filter((one) => one !== undefined);
        spans.push(`${parent ?? ''}/${name} ${what.join(' ')}`);
      },
    }),
  };
  const run: RunExecution = async (_, { stages }) => {
    await stages.during('environment', () => clock.sleep(234));
    await stages.during('run', () => clock.sleep(1000));
    return end;
  };
  const executor = createExecutor({
    ...{ clock, session, run, volume: undefined, killNow: new AbortController().signal, reach: () => {} },
    logger: loggerOf((event, details) => logged.push({ event, ...details })),
    reporter: {
      ...{
        log: async () => {},
        settle: (_, onStored) => onStored?.(),
        holds: () => false,
        idle: async () => {},
        stop: () => {},
      },
      waiting: { bytes: () => 0, settlements: () => 0 },
    },
    observer: { claimed: () => counts.claimed++, ended: (attempt) => ended.push(attempt) },
    tracer,
    places: { isLost: async () => false, examine: async () => undefined, troubles: () => [] },
  });
  const runOne = async (changes: Parameters<typeof claimedExecution>[1]): Promise<void> => {
    const running = executor.run(claimedExecution(5, changes));
    await clock.advance(2000);
    await running;
  };
  return { executor, logged, ended, counts, spans, runOne };
}

const who = { execution: '5', action: 'demo.act', attempt: 2, worker: '7' };

test('an execution makes one event when it is claimed and one when it ends, and says nothing of what it printed', async () => {
  const { logged, runOne } = openExecutor(completed);
  await runOne({ actionRef: 'demo.act', attempt: 2 });
  expect(logged as readonly unknown[]).toEqual([
    { event: 'execution claimed', ...who },
    { event: 'execution ended', ...who, status: 'completed', duration_ms: 1234 },
  ]);
});

test('the event of the end says whether it is over, or will be tried again', async () => {
  const { logged, ended, counts, runOne } = openExecutor(failed);
  await runOne({ actionRef: 'demo.act', attempt: 2, maxRetries: 1, retryCount: 0 });
  await runOne({ actionRef: 'demo.act', attempt: 2, maxRetries: 1, retryCount: 1 });
  expect(logged.filter(({ event }) => event === 'execution ended').map(({ status }) => status)).toEqual([
    'requested',
    'failed',
  ]);
  expect(ended).toEqual([
    { status: undefined, runtime: 'shell', preparedMs: 234, ranMs: 1 },
    { status: 'failed', runtime: 'shell', preparedMs: 234, ranMs: 1 },
  ]);
  expect(counts.claimed).toBe(2);
  expect(JSON.stringify(logged)).not.toContain('secret words');
});

test('both events name the request that led to it, where there was one', async () => {
  const { logged, runOne } = openExecutor(completed);
  await runOne({ origin: { requestId: 'asked-by-me', traceparent: undefined, queuedMs: undefined } });
  expect(logged.map((one) => one['request_id'])).toEqual(['asked-by-me', 'asked-by-me']);
});

test('its wait, its claim, its stages and its storing are spans of the trace of its request', async () => {
  const { spans, runOne } = openExecutor(failed);
  await runOne({ origin: { requestId: undefined, traceparent: 'asked', queuedMs: 500 }, claimMs: 20 });
  const whole = 'asked/execute demo.act';
  expect(spans).toEqual([
    `${whole}/queue 500..20`,
    `${whole}/claim 20..0`,
    `${whole}/environment 0..0`,
    `${whole}/run 0..0`,
    `${whole}/store 0..0`,
    `${whole} 500..0 failed failed`,
  ]);
});
