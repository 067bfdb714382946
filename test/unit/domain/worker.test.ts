import { expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { leftOnWorker, stateOfWorker, TAINT_EFFECTS } from '#domain/worker.ts';

test('the Helm chart accepts the effects of taints that a worker knows', () => {
  const path = join(import.meta.dir, '../../../charts/attune-agent/values.schema.json');
  const { definitions } = JSON.parse(readFileSync(path, 'utf8'));
  expect(definitions.taint.properties.effect.enum).toEqual([...TAINT_EFFECTS]);
});

test('a worker is gone before all else, then draining, cordoned or paused; of one that gets nothing new it is said what is left', () => {
  const alive = { alive: true, status: 'active', cordoned: false, assigned: 1 };
  const [draining, cordoned] = [
    { ...alive, status: 'inactive' },
    { ...alive, cordoned: true },
  ];
  const all = [alive, draining, cordoned, { ...draining, cordoned: true }, { ...cordoned, paused: 'full' }];
  const ended = { ...draining, alive: false };
  expect([...all, { ...alive, paused: 'full' }, ended].map(stateOfWorker)).toEqual([
    ...(['alive', 'draining', 'cordoned', 'draining', 'cordoned', 'paused', 'gone'] as const),
  ]);
  expect(
    [draining, { ...cordoned, assigned: 2 }, { ...cordoned, assigned: 0 }, alive, ended].map(leftOnWorker),
  ).toEqual([
    '1 execution is left on it',
    '2 executions are left on it',
    'nothing is left on it',
    undefined,
    undefined,
  ]);
});
