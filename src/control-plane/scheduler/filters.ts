import { findFamily } from '#domain/families.ts';
import type { LabelRule, Requirements, Toleration } from '#domain/requirements.ts';
import type { WorkerLoad } from '#domain/schedule-store.ts';
import { parseConstraint } from '#domain/version-constraint.ts';
import type { Taint } from '#domain/worker.ts';

export interface Filter {
  readonly name: string;
  passes(worker: WorkerLoad, needs: Requirements): boolean;
  /** Completes "none of the workers …"; `before` are those that this filter left out. */
  lacks(needs: Requirements, before: readonly WorkerLoad[]): string;
}

/** The filters in the order in which they apply: the first that leaves no worker over gives the reason. */
export const filters: readonly Filter[] = [
  { name: 'freshness', passes: (worker) => worker.isFresh, lacks: () => 'is alive and taking work' },
  { name: 'cordon', passes: (worker) => !worker.isCordoned, lacks: () => 'is not cordoned' },
  {
    name: 'inline',
    passes: (worker, { isInline }) => isInline !== true || worker.takesInline !== false,
    lacks: () => 'runs code that comes with a request (worker.inline)',
  },
  {
    name: 'runtime',
    passes: (worker, { runtime }) => runtime === undefined || hasRuntime(worker, runtime),
    lacks: ({ runtime }) => `has the runtime ${runtime}`,
  },
  {
    name: 'version',
    passes: (worker, { runtime, versionConstraint }) =>
      runtime === undefined || versionConstraint === undefined || hasVersion(worker, runtime, versionConstraint),
    lacks: ({ runtime = '', versionConstraint }, before) =>
      `has ${runtime} ${versionConstraint}; there is ${versionsOf(runtime, before)}`,
  },
  {
    name: 'required runtimes',
    passes: (worker, { requiredRuntimes }) => requiredRuntimes.every((one) => hasRuntime(worker, one)),
    lacks: ({ requiredRuntimes }) => `has all of ${requiredRuntimes.join(', ')}`,
  },
  {
    name: 'selector',
    passes: (worker, { selector }) => Object.entries(selector).every(([key, value]) => worker.labels[key] === value),
    lacks: ({ selector }) =>
      `has the labels ${Object.entries(selector)
        .map(([key, value]) => `${key}=${value}`)
        .join(', ')}`,
  },
  {
    name: 'affinity',
    passes: (worker, { affinity }) => affinity.required.every((rule) => holds(rule, worker)),
    lacks: ({ affinity }) => `satisfies ${affinity.required.map(describeRule).join(' and ')}`,
  },
  {
    name: 'taints',
    passes: (worker, { tolerations }) =>
      worker.taints.every((taint) => taint.effect !== 'no_schedule' || isTolerated(taint, tolerations)),
    lacks: () => 'has only taints that it tolerates',
  },
];

function hasRuntime(worker: WorkerLoad, name: string): boolean {
  return runtimeOf(worker, name) !== undefined;
}

/** Aliases mean the same on both sides. */
function runtimeOf(worker: WorkerLoad, name: string): string | undefined {
  const canonical = findFamily(name)?.name ?? name.toLowerCase();
  return worker.runtimes.find((one) => (findFamily(one)?.name ?? one.toLowerCase()) === canonical);
}

function versionsOf(name: string, workers: readonly WorkerLoad[]): string {
  const versions = workers.flatMap((worker) => worker.runtimeVersions[runtimeOf(worker, name) ?? name] ?? []);
  return [...new Set(versions)].toSorted().join(', ') || 'none that tells its version';
}

function hasVersion(worker: WorkerLoad, name: string, constraint: string): boolean {
  const runtime = runtimeOf(worker, name) ?? name;
  const parsed = parseConstraint(constraint);
  return parsed !== null && (worker.runtimeVersions[runtime] ?? []).some((version) => parsed.allows(version));
}

export function holds({ key, operator, values }: LabelRule, { labels }: WorkerLoad): boolean {
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
