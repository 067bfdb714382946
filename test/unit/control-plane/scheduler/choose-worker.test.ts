import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { type Choice, createChooser } from '#control-plane/scheduler/choose-worker.ts';
import { workerId } from '#domain/ids.ts';
import { noAffinity, type Requirements, TOLERATION_OPERATORS } from '#domain/requirements.ts';
import type { WorkerLoad } from '#domain/schedule-store.ts';
import { TAINT_EFFECTS, type TaintEffect } from '#domain/worker.ts';

function load(id: number, changes: Partial<WorkerLoad> = {}): WorkerLoad {
  return {
    worker: workerId(id),
    name: `w${id}`,
    runtimes: ['shell', 'python', 'node'],
    runtimeVersions: { python: ['3.12.1', '3.9.2'], node: ['20.1.0'] },
    labels: { zone: 'a' },
    taints: [],
    isCordoned: false,
    isPaused: false,
    isFresh: true,
    isAvoided: false,
    slots: 4,
    assigned: 0,
    ...changes,
  };
}

function needs(changes: Partial<Requirements> = {}): Requirements {
  return {
    runtime: 'shell',
    versionConstraint: undefined,
    requiredRuntimes: [],
    selector: {},
    tolerations: [],
    affinity: noAffinity,
    ...changes,
  };
}

const none = (): number => 0;
const chooseWorker = (one: Requirements, workers: readonly WorkerLoad[], overcommit: (worker: WorkerLoad) => number) =>
  createChooser(workers, overcommit)(one);
const chosen = (choice: Choice): string =>
  choice.kind === 'chosen'
    ? choice.worker.name
    : `${choice.kind}${choice.kind === 'nobody' ? ` ${choice.filter}` : ''}`;
const choose = (one: Requirements, workers: readonly WorkerLoad[]): string => chosen(chooseWorker(one, workers, none));
const taint = (effect: TaintEffect) => ({ key: 'only', value: 'ml', effect });

const cases: Readonly<Record<string, readonly [Requirements, readonly WorkerLoad[], string]>> = {
  'the least loaded wins': [
    needs(),
    [load(1, { assigned: 2 }), load(2, { assigned: 1 }), load(3, { assigned: 3 })],
    'w2',
  ],
  'one that is avoided comes after busy ones of the others': [
    needs(),
    [load(1, { isAvoided: true }), load(2, { assigned: 3 })],
    'w2',
  ],
  'one that is avoided gets nothing while the others are full': [
    needs(),
    [load(1, { isAvoided: true }), load(2, { assigned: 4 })],
    'busy',
  ],
  'one that is avoided is better than none': [needs(), [load(1, { isAvoided: true })], 'w1'],
  'load is relative to slots': [
    needs(),
    [load(1, { assigned: 2, slots: 4 }), load(2, { assigned: 3, slots: 10 })],
    'w2',
  ],
  'of equals the one with the smaller id wins': [needs(), [load(10), load(9)], 'w9'],
  'aliases mean the same': [needs({ runtime: 'nodejs' }), [load(1)], 'w1'],
  'a runtime that nobody has': [needs({ runtime: 'ruby' }), [load(1)], 'nobody runtime'],
  'any runtime will do': [needs({ runtime: undefined }), [load(1, { runtimes: [] })], 'w1'],
  'a version that one has': [needs({ runtime: 'python', versionConstraint: '3.9' }), [load(1)], 'w1'],
  'a version that nobody has': [needs({ runtime: 'python', versionConstraint: '>=4' }), [load(1)], 'nobody version'],
  'a constraint that is none': [needs({ runtime: 'python', versionConstraint: 'new' }), [load(1)], 'nobody version'],
  'required runtimes': [needs({ requiredRuntimes: ['python3', 'go'] }), [load(1)], 'nobody required runtimes'],
  'a selector': [needs({ selector: { zone: 'b' } }), [load(1), load(2, { labels: { zone: 'b' } })], 'w2'],
  'a selector that nobody matches': [needs({ selector: { zone: 'c' } }), [load(1)], 'nobody selector'],
  'a required affinity': [
    needs({ affinity: { required: [{ key: 'zone', operator: 'not_in', values: ['a'] }], preferred: [] } }),
    [load(1), load(2, { labels: {} })],
    'w2',
  ],
  'a preferred affinity outweighs load': [
    needs({ affinity: { required: [], preferred: [{ key: 'ssd', operator: 'exists', values: [], weight: 5 }] } }),
    [load(1), load(2, { labels: { ssd: '1' }, assigned: 3 })],
    'w2',
  ],
  'a taint keeps away': [needs(), [load(1, { taints: [taint('no_schedule')] })], 'nobody taints'],
  'a tolerated taint does not': [
    needs({ tolerations: [{ key: 'only', value: 'ml' }] }),
    [load(1, { taints: [taint('no_schedule')] })],
    'w1',
  ],
  'another value is not tolerated': [
    needs({ tolerations: [{ key: 'only', value: 'web' }] }),
    [load(1, { taints: [taint('no_schedule')] })],
    'nobody taints',
  ],
  'exists tolerates any value of its key': [
    needs({ tolerations: [{ key: 'only', operator: 'exists' }] }),
    [load(1, { taints: [taint('no_schedule')] })],
    'w1',
  ],
  'exists with another key tolerates nothing': [
    needs({ tolerations: [{ key: 'other', operator: 'exists' }] }),
    [load(1, { taints: [taint('no_schedule')] })],
    'nobody taints',
  ],
  'exists without a key tolerates any taint': [
    needs({ tolerations: [{ operator: 'exists' }] }),
    [load(1, { taints: [taint('no_schedule')] })],
    'w1',
  ],
  'a taint that prefers not yields to a busier worker': [
    needs(),
    [load(1, { taints: [taint('prefer_no_schedule')] }), load(2, { assigned: 3 })],
    'w2',
  ],
  'a cordoned one': [needs(), [load(1, { isCordoned: true })], 'nobody cordon'],
  'a paused one, which will work again': [needs(), [load(1, { isPaused: true })], 'busy'],
  'a silent one': [needs(), [load(1, { isFresh: false })], 'nobody freshness'],
  'nobody at all': [needs(), [], 'nobody freshness'],
  'all full': [needs(), [load(1, { assigned: 4 })], 'busy'],
};

for (const [title, [requirements, workers, expected]] of Object.entries(cases))
  test(`choosing a worker: ${title}`, () => {
    expect(choose(requirements, workers)).toBe(expected);
  });

test('overcommit counts only when nobody has a free slot', () => {
  const full = load(1, { assigned: 4 });
  const ahead = (workers: readonly WorkerLoad[]): string => chosen(chooseWorker(needs(), workers, () => 2));
  expect(ahead([full])).toBe('w1');
  expect(ahead([load(1, { assigned: 6 })])).toBe('busy');
  expect(ahead([full, load(2, { assigned: 3 })])).toBe('w2');
});

test('the reason says which filter left nobody over, of how many', () => {
  const choice = chooseWorker(
    needs({ selector: { gpu: 'yes' } }),
    [load(1), load(2), load(3, { isFresh: false })],
    none,
  );
  expect(choice).toMatchObject({
    reason: 'none of the 2 workers left matches: needed one that has the labels gpu=yes (filter: selector)',
  });
});

const anyLoad = fc.record({
  id: fc.integer({ min: 1, max: 1000 }),
  isFresh: fc.boolean(),
  isCordoned: fc.boolean(),
  isPaused: fc.boolean(),
  slots: fc.integer({ min: 0, max: 5 }),
  assigned: fc.integer({ min: 0, max: 6 }),
  runtimes: fc.subarray(['shell', 'python', 'node']),
  labels: fc.dictionary(fc.constantFrom('a', 'b'), fc.constantFrom('1', '2')),
  taints: fc.array(
    fc.record({
      key: fc.constantFrom('k', 'l'),
      value: fc.constantFrom('1', '2'),
      effect: fc.constantFrom(...TAINT_EFFECTS),
    }),
    { maxLength: 2 },
  ),
});
const anyWorkers = fc
  .uniqueArray(anyLoad, { maxLength: 6, selector: (one) => one.id })
  .map((all) => all.map(({ id, ...rest }) => load(id, rest)));
const anyNeeds = fc
  .record({
    runtime: fc.option(fc.constantFrom('shell', 'python3', 'nodejs'), { nil: undefined }),
    selector: fc.dictionary(fc.constantFrom('a', 'b'), fc.constantFrom('1', '2'), { maxKeys: 1 }),
    tolerations: fc.array(
      fc.record({
        key: fc.constantFrom('k', 'l'),
        operator: fc.constantFrom(...TOLERATION_OPERATORS),
        value: fc.constantFrom('1', '2'),
      }),
      { maxLength: 2 },
    ),
  })
  .map(needs);

test('property: whoever is chosen could run it and had room, and nobody able was less loaded', () => {
  fc.assert(
    fc.property(anyNeeds, anyWorkers, (requirements, workers) => {
      const choice = chooseWorker(requirements, workers, none);
      const alone = (worker: WorkerLoad): boolean => chooseWorker(requirements, [worker], none).kind === 'chosen';
      const able = workers.filter(alone);
      if (choice.kind !== 'chosen') return expect(able).toEqual([]);
      expect(able).toContain(choice.worker);
      expect(
        choice.worker.isFresh &&
          !choice.worker.isCordoned &&
          !choice.worker.isPaused &&
          choice.worker.assigned < choice.worker.slots,
      ).toBe(true);
      const penalty = (one: WorkerLoad): number =>
        one.taints.filter(
          (mark) =>
            mark.effect === 'prefer_no_schedule' &&
            !requirements.tolerations.some(
              (t) => t.key === mark.key && (t.operator === 'exists' || t.value === mark.value),
            ),
        ).length;
      for (const other of able)
        if (penalty(other) <= penalty(choice.worker))
          expect(choice.worker.assigned / choice.worker.slots).toBeLessThanOrEqual(other.assigned / other.slots);
    }),
    { numRuns: 2000 },
  );
});

test('property: the order of the workers does not matter', () => {
  fc.assert(
    fc.property(anyNeeds, anyWorkers, (requirements, workers) => {
      expect(chosen(chooseWorker(requirements, workers.toReversed(), none))).toBe(
        chosen(chooseWorker(requirements, workers, none)),
      );
    }),
    { numRuns: 1000 },
  );
});

test('a version that nobody has is told with those that there are', () => {
  const workers = [load(1), load(2, { runtimeVersions: { python: ['3.12.1'] } })];
  const choice = chooseWorker(needs({ runtime: 'python', versionConstraint: '>=4' }), workers, () => 0);
  expect(choice).toMatchObject({
    reason: expect.stringContaining('has python >=4; there is 3.12.1, 3.9.2 (filter: version)'),
  });
});

test('workers are looked at once for each kind of requirements, whatever the number of executions', () => {
  let looks = 0;
  const watched = Array.from({ length: 5000 }, (_, id) =>
    Object.defineProperty(load(id + 1), 'runtimes', {
      get: () => {
        looks++;
        return ['shell'];
      },
    }),
  );
  const choose = createChooser(watched, none);
  const all = Array.from({ length: 100 }, () => choose(needs()));
  expect(new Set(all.map(chosen)).size).toBe(100);
  expect(looks).toBeLessThanOrEqual(5000);
});
