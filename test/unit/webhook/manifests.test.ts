import { expect, test } from 'bun:test';
import { podsIn, withPod } from '#webhook/manifests.ts';

const pod = { metadata: { annotations: { a: 'b' } }, spec: { containers: [{ name: 'app', image: 'python' }] } };
const workload = (kind: string) => ({ kind, metadata: { name: 'web', namespace: 'team' }, spec: { template: pod } });
const cron = { kind: 'CronJob', metadata: { name: 'nightly' }, spec: { jobTemplate: { spec: { template: pod } } } };

const placeOf = (manifest: unknown): readonly string[] => {
  const found = podsIn(manifest);
  if (!found.ok) throw new Error(found.error);
  return found.value.map(({ path, owner, namespace }) => `${owner} /${path.join('/')} ${namespace ?? '-'}`);
};

test('the Pods of every kind of Kubernetes that makes some are found, and those of others that have a template', () => {
  expect(placeOf({ kind: 'Pod', ...pod })).toEqual(['Pod / -']);
  for (const kind of [
    'Deployment',
    'StatefulSet',
    'DaemonSet',
    'ReplicaSet',
    'ReplicationController',
    'Job',
    'Rollout',
  ])
    expect(placeOf(workload(kind))).toEqual([`${kind} web /spec/template team`]);
  expect(placeOf(cron)).toEqual(['CronJob nightly /spec/jobTemplate/spec/template -']);
  expect(placeOf({ kind: 'PodTemplate', template: pod })).toEqual(['PodTemplate /template -']);
  expect(placeOf({ kind: 'Service', metadata: { name: 'web' }, spec: { ports: [] } })).toEqual([]);
});

test('a List has those of its items, at their places', () => {
  const list = { kind: 'List', items: [workload('Deployment'), { kind: 'Service' }, cron] };
  expect(placeOf(list)).toEqual([
    'Deployment web /items/0/spec/template team',
    'CronJob nightly /items/2/spec/jobTemplate/spec/template -',
  ]);
  expect(withPod(list, ['items', 2, 'spec', 'jobTemplate', 'spec', 'template'], 'other')).toEqual({
    ...list,
    items: [...list.items.slice(0, 2), { ...cron, spec: { jobTemplate: { spec: { template: 'other' } } } }],
  });
});

test('what is wrong is said with its place', () => {
  const wrong: readonly (readonly [unknown, RegExp])[] = [
    [{ kind: 'Deployment', spec: {} }, /^spec\.template: /],
    [
      { kind: 'List', items: [{ kind: 'Job', spec: { template: { spec: {} } } }] },
      /^items\.0\.spec\.template\.spec\.containers: /,
    ],
    [{ kind: 'List', items: [{}] }, /^items\.0\.kind: a manifest of Kubernetes says its kind/],
    ['text', /^kind: /],
  ];
  for (const [manifest, reason] of wrong)
    expect(podsIn(manifest)).toEqual({ ok: false, error: expect.stringMatching(reason) });
});
