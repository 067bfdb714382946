import { expect, test } from 'bun:test';
import { byNearness, type Considered, fitOf } from '#domain/placement.ts';
import { noAffinity, type Requirements } from '#domain/requirements.ts';

const able: Considered = {
  name: 'able',
  runtimes: ['python'],
  runtimeVersions: { python: ['3.11.2'] },
  labels: { zone: 'a' },
  taints: [],
  isCordoned: false,
  isFresh: true,
  pausedFor: undefined,
  slots: 2,
  assigned: 0,
};

const needs: Requirements = {
  runtime: 'python',
  versionConstraint: '>=3.9',
  requiredRuntimes: [],
  selector: { zone: 'a' },
  tolerations: [],
  affinity: noAffinity,
};

function missesOf(worker: Partial<Considered>, more: Partial<Requirements> = {}): readonly string[] {
  return fitOf({ ...able, ...worker }, { ...needs, ...more }).misses;
}

test('a worker that has all that is asked for misses nothing; it may be busy', () => {
  expect(fitOf(able, needs)).toEqual({ worker: able, misses: [], busy: undefined });
  expect(fitOf({ ...able, assigned: 2 }, needs).busy).toBe('all of its 2 slots are in use');
  expect(fitOf({ ...able, pausedFor: 'no space' }, needs).busy).toBe('takes nothing for now: no space');
});

test('each thing that a worker misses is told', () => {
  expect(missesOf({ isFresh: false })).toEqual(['is gone, or has been told to end']);
  expect(missesOf({ isCordoned: true })).toEqual(['is cordoned']);
  expect(missesOf({ runtimes: ['node'] })).toContain('has no python (it has node)');
  expect(missesOf({}, { versionConstraint: '>=3.12' })).toEqual(['has python 3.11.2, not >=3.12']);
  expect(missesOf({ labels: {} })).toEqual(['has no label zone, not zone=a']);
  expect(missesOf({ labels: { zone: 'b' } })).toEqual(['has zone=b, not zone=a']);
  expect(missesOf({}, { requiredRuntimes: ['python', 'ruby'] })).toEqual(['has no ruby']);
  expect(missesOf({ takesInline: false }, { isInline: true })).toEqual([
    'runs no code that comes with a request (worker.inline)',
  ]);
  const taints = [{ key: 'gpu', value: 'yes', effect: 'no_schedule' as const }];
  expect(missesOf({ taints })).toEqual(['has the taint gpu=yes:no_schedule, which it does not tolerate']);
  expect(missesOf({ taints }, { tolerations: [{ key: 'gpu', operator: 'exists' }] })).toEqual([]);
  const required = [{ key: 'disk', operator: 'in' as const, values: ['ssd'] }];
  expect(missesOf({}, { affinity: { required, preferred: [] } })).toEqual([
    'has no label disk, and needed is: disk in ssd',
  ]);
  expect(missesOf({ isFresh: false, isCordoned: true, runtimes: [], labels: {} })).toHaveLength(4);
});

test('the nearest comes first: what misses less, then what has room', () => {
  const far = fitOf({ ...able, name: 'far', labels: {}, isCordoned: true }, needs);
  const near = fitOf({ ...able, name: 'near', labels: {} }, needs);
  const busy = fitOf({ ...able, name: 'busy', assigned: 2 }, needs);
  const all = [far, near, busy, fitOf(able, needs)];
  expect(all.toSorted(byNearness).map((one) => one.worker.name)).toEqual(['able', 'busy', 'near', 'far']);
});
