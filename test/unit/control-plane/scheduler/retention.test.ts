import { expect, test } from 'bun:test';
import { type RetentionLimits, runRetention } from '#control-plane/scheduler/retention.ts';
import type { Retained } from '#domain/retention-store.ts';
import { Unavailable } from '#domain/unavailable.ts';
import { loggerOf } from '#test/support/event-log.ts';

const none = { days: undefined, count: undefined };
const days = { days: 1, count: undefined };
const noLimits: RetentionLimits = {
  executions: none,
  results: none,
  artifacts: none,
  audit: none,
  'dead-letters': none,
  tokens: none,
};

/** What one round removes of so much, and in which steps. */
async function roundOf(limits: Partial<RetentionLimits>, left: Partial<Record<Retained | 'artifacts', number>>) {
  const stop = new AbortController();
  const steps: string[] = [];
  const files: string[] = [];
  const counted: Record<string, number> = {};
  let rounds = 0;
  const take = (what: Retained | 'artifacts', most: number): number => {
    const some = Math.min(left[what] ?? 0, most);
    left[what] = (left[what] ?? 0) - some;
    steps.push(`${what} ${some}`);
    return some;
  };
  const clock = {
    random: () => 0.5,
    sleep: async (ms: number) => {
      if (ms === 1000 && rounds++ > 0) stop.abort();
    },
  };
  const store = {
    prune: async (what: Retained, _: unknown, most: number) => {
      if (what === 'results') throw new Unavailable('away');
      return what === 'audit' ? undefined : take(what, most);
    },
    findOldArtifacts: async (_: unknown, most: number) =>
      Array.from({ length: take('artifacts', most) }, (__, n) => ({ id: `${n}`, path: `1/1/${n}` })),
    forgetArtifacts: async (ids: readonly string[]) => {
      expect(files.slice(-ids.length)).toEqual(ids.map((id) => `1/1/${id}`));
    },
  };
  const artifacts = { remove: async (path: string) => void files.push(path) };
  const removed = (what: string, count: number): void => {
    counted[what] = (counted[what] ?? 0) + count;
  };
  const settings = { everyMs: 1000, limits: { ...noLimits, ...limits } };
  await runRetention({ store, artifacts, clock, logger: loggerOf(() => {}), removed }, settings, stop.signal);
  return { steps, counted, files: files.length };
}

test('what has a limit is removed batch by batch until nothing is left of it, the files of artifacts before their rows', async () => {
  const { steps, counted, files } = await roundOf(
    { executions: days, artifacts: days, 'dead-letters': days },
    { executions: 450, artifacts: 201 },
  );
  expect(steps).toEqual([
    'executions 200',
    'executions 200',
    'executions 50',
    'executions 0',
    'dead-letters 0',
    'artifacts 200',
    'artifacts 1',
    'artifacts 0',
  ]);
  expect([counted, files]).toEqual([{ executions: 450, artifacts: 201, 'dead-letters': 0 }, 201]);
});

test('what another server removes is left to it, and a database that is away ends the round', async () => {
  expect((await roundOf({ audit: days, 'dead-letters': days }, { 'dead-letters': 1 })).steps).toEqual([
    'dead-letters 1',
    'dead-letters 0',
  ]);
  expect((await roundOf({ results: days, 'dead-letters': days }, { 'dead-letters': 1 })).steps).toEqual([]);
});
