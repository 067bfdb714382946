import { Counter, Gauge, Registry } from 'prom-client';
import type { Figures } from '#domain/admin-store.ts';
import type { WorkerView } from '#domain/client-store.ts';
import { type ExecutionStatus, FINAL_STATUSES, WAITING_STATUSES } from '#domain/execution-status.ts';
import { ifAvailable } from '#domain/unavailable.ts';
import type { ApiDependencies } from './dependencies.ts';
import { listWorkers } from './list-workers.ts';
import { type Answer, addRequestMetrics, addTroubleMetrics } from './own-metrics.ts';
import type { FindTroubles, TroubleDependencies } from './troubles.ts';

/** The database is asked once in so long, however often somebody scrapes. */
const FRESH_MS = 5000;
const PERCENTILES = [50, 90, 99] as const;

export interface Metrics {
  /** A request was answered. */
  answered(answer: Answer): void;
  /** Prometheus text. */
  render(): Promise<string>;
}

type MetricDependencies = TroubleDependencies &
  Pick<ApiDependencies, 'settings' | 'ownMetrics'> & { readonly findTroubles: FindTroubles };

/**
 * Makes the metrics of a server. Figures of the whole system come from the database, so that each server reports the
 * same and none keeps anything.
 */
export function createMetrics(deps: MetricDependencies): Metrics {
  /* What nobody knows while the database is away is not shown then. */
  const registry = new Registry();
  const own = deps.ownMetrics;
  const showFigures = figureGauges(registry);
  const showWorkers = workerGauges(registry);
  const showTroubles = addTroubleMetrics(own, deps);
  let shownAt = Number.NEGATIVE_INFINITY;
  const refresh = async (): Promise<'fresh'> => {
    const { store, clock, settings } = deps;
    if (clock.monotonic() - shownAt <= FRESH_MS) return 'fresh';
    const figures = await store.measure();
    showFigures(figures);
    showWorkers(await listWorkers(store, settings.leaseMs, { isAlive: true }), figures.workers);
    shownAt = clock.monotonic();
    return 'fresh';
  };
  return {
    answered: addRequestMetrics(own),
    render: async () => {
      const troubles = await deps.findTroubles();
      showTroubles(troubles);
      const isAway = troubles.some((one) => one.word === 'database');
      const isFresh = !isAway && (await ifAvailable(refresh)) === 'fresh';
      const texts = await Promise.all((isFresh ? [registry, own] : [own]).map((one) => one.metrics()));
      return texts.join('\n');
    },
  };
}

/** Makes a gauge of a registry. */
type MakeGauge = (name: string, help: string, ...labelNames: string[]) => Gauge;

function gaugesOf(registry: Registry): MakeGauge {
  return (name, help, ...labelNames) => new Gauge({ name: `attune_${name}`, help, labelNames, registers: [registry] });
}

/** Makes the figures of the whole system; the function that is returned brings them up to date. */
function figureGauges(registry: Registry): (figures: Figures) => void {
  const gauge = gaugesOf(registry);
  const executions = gauge(
    'executions',
    'Executions by status: of the active 100000 at most, of the ended all that ever were',
    'status',
  );
  const ended = new Counter({
    name: 'attune_executions_ended_total',
    help: 'Executions that have ended, by final status, whoever deletes their rows',
    labelNames: ['status'],
    registers: [registry],
  });
  const depth = gauge('queue_depth', 'Executions that wait for a worker, or for their worker to start them', 'queue');
  const oldest = gauge(
    'oldest_waiting_seconds',
    'For how long the oldest execution that waits for a worker has been due',
  );
  const claims = gauge('claim_latency_seconds', 'From the dispatch to the start, of the newest 1000', 'percentile');
  const durations = gauge('execution_duration_seconds', 'From the start to the end, of the newest 1000', 'percentile');
  const unpublished = gauge('outbox_messages', 'Messages that wait to be published, 10000 at most');
  const letters = gauge('dead_letters', 'Messages that nobody could handle, 10000 at most');
  const logBytes = gauge('log_bytes', 'Bytes of log that the database keeps');
  return (figures) => {
    const count = (...statuses: readonly ExecutionStatus[]): number =>
      figures.executions.reduce((sum, one) => sum + (statuses.includes(one.status) ? one.count : 0), 0);
    executions.reset();
    for (const { status, count: n } of figures.executions) executions.set({ status }, n);
    depth.set({ queue: 'requested' }, count(...WAITING_STATUSES));
    depth.set({ queue: 'scheduled' }, count('scheduled'));
    oldest.set(figures.oldestWaitingSeconds);
    ended.reset();
    for (const status of FINAL_STATUSES) ended.inc({ status }, count(status));
    for (const percentile of PERCENTILES) {
      claims.set({ percentile }, percentileOf(figures.newestClaimSeconds, percentile));
      durations.set({ percentile }, percentileOf(figures.newestRunSeconds, percentile));
    }
    unpublished.set(figures.unpublishedMessages);
    letters.set(figures.deadLetters);
    logBytes.set(figures.logBytes);
  };
}

/** Makes the figures of the workers; the function that is returned brings them up to date. */
function workerGauges(registry: Registry): (alive: readonly WorkerView[], all: number) => void {
  const gauge = gaugesOf(registry);
  const slots = gauge('worker_slots', 'Slots of living workers', 'worker', 'state');
  const workers = gauge('workers', 'Workers by state', 'state');
  const paused = gauge('worker_paused', '1: a living worker takes nothing, and why, in a word', 'worker', 'trouble');
  return (alive, all) => {
    slots.reset();
    for (const { name: worker, assigned, slots: most } of alive) {
      slots.set({ worker, state: 'used' }, assigned);
      slots.set({ worker, state: 'free' }, Math.max(0, most - assigned));
    }
    workers.set({ state: 'alive' }, alive.length);
    workers.set({ state: 'cordoned' }, alive.filter((one) => one.isCordoned).length);
    workers.set({ state: 'draining' }, alive.filter((one) => one.status === 'inactive').length);
    workers.set({ state: 'paused' }, alive.filter((one) => one.pausedFor !== undefined).length);
    workers.set({ state: 'gone' }, Math.max(0, all - alive.length));
    paused.reset();
    for (const { name: worker, pausedFor } of alive)
      if (pausedFor !== undefined) paused.set({ worker, trouble: pausedFor.split(':', 1)[0] ?? '' }, 1);
  };
}

/** NaN, as Prometheus wants it, when there is nothing. */
function percentileOf(values: readonly number[], percentile: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percentile) / 100))] ?? Number.NaN;
}
