import { findFamily } from './families.ts';
import type { LabelRule, Requirements, Toleration } from './requirements.ts';
import type { WorkerLoad } from './schedule-store.ts';
import { parseConstraint } from './version-constraint.ts';
import type { Taint } from './worker.ts';

/** What of a worker decides whether it may run something. */
export type Candidate = Pick<
  WorkerLoad,
  'runtimes' | 'runtimeVersions' | 'labels' | 'taints' | 'isCordoned' | 'isFresh' | 'takesInline'
>;

export interface Filter {
  readonly name: string;
  passes(worker: Candidate, needs: Requirements): boolean;
  /** Completes "none of the workers …"; `before` are those that this filter left out. */
  lacks(needs: Requirements, before: readonly Candidate[]): string;
  /** What one worker that does not pass misses, as a sentence about it. */
  missing(worker: Candidate, needs: Requirements): string;
}

/** The filters in the order in which they apply: the first that leaves no worker over gives the reason. */
export const filters: readonly Filter[] = [
  {
    name: 'freshness',
    passes: (worker) => worker.isFresh,
    lacks: () => 'is alive and taking work',
    missing: () => 'is gone, or has been told to end',
  },
  {
    name: 'cordon',
    passes: (worker) => !worker.isCordoned,
    lacks: () => 'is not cordoned',
    missing: () => 'is cordoned',
  },
  {
    name: 'inline',
    passes: (worker, { isInline }) => isInline !== true || worker.takesInline !== false,
    lacks: () => 'runs code that comes with a request (worker.inline)',
    missing: () => 'runs no code that comes with a request (worker.inline)',
  },
  {
    name: 'runtime',
    passes: (worker, { runtime }) => runtime === undefined || hasRuntime(worker, runtime),
    lacks: ({ runtime }) => `has the runtime ${runtime}`,
    missing: ({ runtimes }, { runtime }) => `has no ${runtime} (it has ${runtimes.join(', ') || 'none'})`,
  },
  {
    name: 'version',
    passes: (worker, { runtime, versionConstraint }) =>
      runtime === undefined || versionConstraint === undefined || hasVersion(worker, runtime, versionConstraint),
    lacks: ({ runtime = '', versionConstraint }, before) =>
      `has ${runtime} ${versionConstraint}; there is ${versionsOf(runtime, before)}`,
    missing: (worker, { runtime = '', versionConstraint }) =>
      `has ${runtime} ${versionsOf(runtime, [worker])}, not ${versionConstraint}`,
  },
  {
    name: 'required runtimes',
    passes: (worker, { requiredRuntimes }) => requiredRuntimes.every((one) => hasRuntime(worker, one)),
    lacks: ({ requiredRuntimes }) => `has all of ${requiredRuntimes.join(', ')}`,
    missing: (worker, { requiredRuntimes }) =>
      `has no ${requiredRuntimes.filter((one) => !hasRuntime(worker, one)).join(', ')}`,
  },
  {
    name: 'selector',
    passes: (worker, { selector }) => Object.entries(selector).every(([key, value]) => worker.labels[key] === value),
    lacks: ({ selector }) =>
      `has the labels ${Object.entries(selector)
        .map(([key, value]) => `${key}=${value}`)
        .join(', ')}`,
    missing: ({ labels }, { selector }) =>
      Object.entries(selector)
        .filter(([key, value]) => labels[key] !== value)
        .map(([key, value]) => `has ${labelOf(key, labels)}, not ${key}=${value}`)
        .join('; '),
  },
  {
    name: 'affinity',
    passes: (worker, { affinity }) => affinity.required.every((rule) => holds(rule, worker)),
    lacks: ({ affinity }) => `satisfies ${affinity.required.map(describeRule).join(' and ')}`,
    missing: (worker, { affinity }) =>
      affinity.required
        .filter((rule) => !holds(rule, worker))
        .map((rule) => `has ${labelOf(rule.key, worker.labels)}, and needed is: ${describeRule(rule)}`)
        .join('; '),
  },
  {
    name: 'taints',
    passes: (worker, { tolerations }) => untolerated(worker, tolerations).length === 0,
    lacks: () => 'has only taints that it tolerates',
    missing: (worker, { tolerations }) =>
      `has the taint ${untolerated(worker, tolerations)
        .map(({ key, value, effect }) => `${key}=${value}:${effect}`)
        .join(', ')}, which it does not tolerate`,
  },
];

function untolerated({ taints }: Candidate, tolerations: readonly Toleration[]): readonly Taint[] {
  return taints.filter((taint) => taint.effect === 'no_schedule' && !isTolerated(taint, tolerations));
}

function labelOf(key: string, labels: Candidate['labels']): string {
  const value = labels[key];
  return value === undefined ? `no label ${key}` : `${key}=${value}`;
}

function hasRuntime(worker: Candidate, name: string): boolean {
  return runtimeOf(worker, name) !== undefined;
}

/** Aliases mean the same on both sides. */
function runtimeOf(worker: Candidate, name: string): string | undefined {
  const canonical = findFamily(name)?.name ?? name.toLowerCase();
  return worker.runtimes.find((one) => (findFamily(one)?.name ?? one.toLowerCase()) === canonical);
}

function versionsOf(name: string, workers: readonly Candidate[]): string {
  const versions = workers.flatMap((worker) => worker.runtimeVersions[runtimeOf(worker, name) ?? name] ?? []);
  return [...new Set(versions)].toSorted().join(', ') || 'none that tells its version';
}

function hasVersion(worker: Candidate, name: string, constraint: string): boolean {
  const runtime = runtimeOf(worker, name) ?? name;
  const parsed = parseConstraint(constraint);
  return parsed !== null && (worker.runtimeVersions[runtime] ?? []).some((version) => parsed.allows(version));
}

export function holds({ key, operator, values }: LabelRule, { labels }: Candidate): boolean {
  const value = labels[key];
  switch (operator) {
    case 'in':
      return value !== undefined && values.includes(value);
    case 'not_in':
      return value === undefined || !values.includes(value);
    case 'exists':
      return value !== undefined;
    case 'does_not_exist':
      return value === undefined;
  }
}

function describeRule({ key, operator, values }: LabelRule): string {
  return `${key} ${operator.replaceAll('_', ' ')} ${values.join(', ')}`.trim();
}

export function isTolerated(taint: Taint, tolerations: readonly Toleration[]): boolean {
  return tolerations.some(
    ({ key, operator = 'equal', value, effect }) =>
      (key === undefined || key === taint.key) &&
      (effect === undefined || effect === taint.effect) &&
      (operator === 'exists' || (key !== undefined && (value ?? '') === taint.value)),
  );
}
