import { findFamily } from '#domain/families.ts';
import type { LabelRule, Requirements, Toleration } from '#domain/requirements.ts';
import type { WorkerLoad } from '#domain/schedule-store.ts';
import { parseConstraint } from '#domain/version-constraint.ts';
import type { Taint } from '#domain/worker.ts';

export type Choice =
  | { readonly kind: 'chosen'; readonly worker: WorkerLoad }
  /** Some workers could run it, and all of them are full, or paused. */
  | { readonly kind: 'busy' }
  /** No worker can run it. `reason` names the filter that left none over, and what it asked for. */
  | { readonly kind: 'nobody'; readonly filter: string; readonly reason: string };

interface Filter {
  readonly name: string;
  passes(worker: WorkerLoad, needs: Requirements): boolean;
  /** Completes "none of the workers …"; `before` are those that this filter left out. */
  lacks(needs: Requirements, before: readonly WorkerLoad[]): string;
}

/** The filters in the order in which they apply: the first that leaves no worker over gives the reason. */
const filters: readonly Filter[] = [
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

/**
 * Chooses the least loaded of the workers that can run an execution; workers whose taints ask not to, or whose labels
 * are less wanted, come last, and one that is avoided only where there is no other. A worker may be given `overcommit`
 * more than its slots, when all are full. The same input gives the same worker.
 */
export function chooseWorker(
  needs: Requirements,
  workers: readonly WorkerLoad[],
  overcommit: (worker: WorkerLoad) => number,
): Choice {
  let left = workers;
  for (const filter of filters) {
    const passing = left.filter((worker) => filter.passes(worker, needs));
    if (passing.length === 0) return { kind: 'nobody', filter: filter.name, reason: explain(filter, needs, left) };
    left = passing;
  }
  const awake = preferred(left.filter((worker) => !worker.isPaused));
  const free = awake.filter((worker) => worker.assigned < worker.slots);
  const able = free.length > 0 ? free : awake.filter((worker) => worker.assigned < worker.slots + overcommit(worker));
  const [best] = able.toSorted((a, b) => compare(a, b, needs));
  return best ? { kind: 'chosen', worker: best } : { kind: 'busy' };
}

/** Workers that are avoided count only where there is no other, be the others busy or not. */
function preferred(workers: readonly WorkerLoad[]): readonly WorkerLoad[] {
  const others = workers.filter((worker) => !worker.isAvoided);
  return others.length > 0 ? others : workers;
}

function explain(filter: Filter, needs: Requirements, before: readonly WorkerLoad[]): string {
  if (before.length === 0) return `there is no worker at all (filter: ${filter.name})`;
  const who =
    before.length === 1 ? 'the one worker left does not match' : `none of the ${before.length} workers left matches`;
  return `${who}: needed one that ${filter.lacks(needs, before)} (filter: ${filter.name})`;
}

function compare(a: WorkerLoad, b: WorkerLoad, needs: Requirements): number {
  return (
    unwanted(a, needs) - unwanted(b, needs) ||
    wanted(b, needs) - wanted(a, needs) ||
    loadOf(a) - loadOf(b) ||
    b.slots - b.assigned - (a.slots - a.assigned) ||
    Number(a.worker) - Number(b.worker)
  );
}

function loadOf(worker: WorkerLoad): number {
  return worker.slots === 0 ? Number.POSITIVE_INFINITY : worker.assigned / worker.slots;
}

function unwanted(worker: WorkerLoad, { tolerations }: Requirements): number {
  return worker.taints.filter((one) => one.effect === 'prefer_no_schedule' && !isTolerated(one, tolerations)).length;
}

function wanted(worker: WorkerLoad, { affinity }: Requirements): number {
  return affinity.preferred.reduce((sum, rule) => sum + (holds(rule, worker) ? rule.weight : 0), 0);
}

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

function holds({ key, operator, values }: LabelRule, { labels }: WorkerLoad): boolean {
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

function isTolerated(taint: Taint, tolerations: readonly Toleration[]): boolean {
  return tolerations.some(
    ({ key, operator = 'equal', value, effect }) =>
      (key === undefined || key === taint.key) &&
      (effect === undefined || effect === taint.effect) &&
      (operator === 'exists' || (key !== undefined && (value ?? '') === taint.value)),
  );
}
