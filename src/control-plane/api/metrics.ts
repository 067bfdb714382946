import { Counter, Gauge, Registry } from 'prom-client';
import type { Figures } from '#domain/admin-store.ts';
import type { WorkerView } from '#domain/client-store.ts';
import { type ExecutionStatus, WAITING_STATUSES } from '#domain/execution-status.ts';
import type { ApiDependencies } from './dependencies.ts';

/** The database is asked once in so long, however often somebody scrapes. */
const FRESH_MS = 5000;
const QUANTILES = [0.5, 0.9, 0.99] as const;

export interface Metrics {
  /** A request was answered. */
  answered(method: string, status: number): void;
  /** Prometheus text. */
  render(): Promise<string>;
}

type MetricDependencies = Pick<ApiDependencies, 'store' | 'broker' | 'clock' | 'settings'>;

/**
 * Makes the metrics of a server. Figures of the whole system come from the database, so that each server reports the
 * same and none keeps anything.
 */
export function createMetrics(deps: MetricDependencies): Metrics {
  const registry = new Registry();
  const gauge = (name: string, help: string, ...labelNames: string[]): Gauge =>
    new Gauge({ name: `attune_${name}`, help, labelNames, registers: [registry] });
  const executions = gauge('executions', 'Executions by status', 'status');
  const depth = gauge('queue_depth', 'Executions that wait for a worker, or for their worker to start them', 'queue');
  const claims = gauge('claim_latency_seconds', 'From the dispatch to the start, of the newest 1000', 'quantile');
  const durations = gauge('execution_duration_seconds', 'From the start to the end, of the newest 1000', 'quantile');
  const slots = gauge('worker_slots', 'Slots of living workers', 'worker', 'state');
  const workers = gauge('workers', 'Workers by state', 'state');
  const unpublished = gauge('outbox_messages', 'Messages that wait to be published');
  const letters = gauge('dead_letters', 'Messages that nobody could handle');
  const logBytes = gauge('log_bytes', 'Bytes of log that the database keeps');
  const showBroker = brokerGauges(registry, deps.broker);
  const requests = new Counter({
    name: 'attune_http_requests_total',
    help: 'Requests that this server has answered',
    labelNames: ['method', 'status'],
    registers: [registry],
  });
  const show = (figures: Figures, views: readonly WorkerView[]): void => {
    const count = (...statuses: readonly ExecutionStatus[]): number =>
      figures.executions.reduce((sum, one) => sum + (statuses.includes(one.status) ? one.count : 0), 0);
    executions.reset();
    for (const { status, count: n } of figures.executions) executions.set({ status }, n);
    depth.set({ queue: 'requested' }, count(...WAITING_STATUSES));
    depth.set({ queue: 'scheduled' }, count('scheduled'));
    for (const quantile of QUANTILES) {
      claims.set({ quantile }, quantileOf(figures.newestClaimSeconds, quantile));
      durations.set({ quantile }, quantileOf(figures.newestRunSeconds, quantile));
    }
    const alive = views.filter((one) => one.isFresh);
    slots.reset();
    for (const { name: worker, assigned, slots: all } of alive) {
      slots.set({ worker, state: 'used' }, assigned);
      slots.set({ worker, state: 'free' }, Math.max(0, all - assigned));
    }
    workers.set({ state: 'alive' }, alive.length);
    workers.set({ state: 'cordoned' }, alive.filter((one) => one.isCordoned).length);
    workers.set({ state: 'gone' }, views.length - alive.length);
    unpublished.set(figures.unpublishedMessages);
    letters.set(figures.deadLetters);
    logBytes.set(figures.logBytes);
  };
  let shownAt = Number.NEGATIVE_INFINITY;
  return {
    answered: (method, status) => requests.inc({ method, status }),
    render: async () => {
      const { store, clock, settings } = deps;
      if (clock.monotonic() - shownAt > FRESH_MS) {
        show(await store.measure(), await store.listWorkers(settings.leaseMs));
        shownAt = clock.monotonic();
      }
      showBroker();
      return await registry.metrics();
    },
  };
}

/**
 * Makes the figures of this server's connection to its broker; the function that is returned brings them up to date.
 */
function brokerGauges(registry: Registry, broker: MetricDependencies['broker']): () => void {
  const registers = [registry];
  const reconnects = new Gauge({
    name: 'attune_broker_reconnects',
    help: 'How often this server has had its broker back',
    registers,
  });
  const ready = new Gauge({
    name: 'attune_broker_ready',
    help: '1: the broker takes and delivers messages; 0: it is away, or has an alarm',
    registers,
  });
  return () => {
    reconnects.set(broker.reconnects());
    ready.set(broker.problem() === undefined ? 1 : 0);
  };
}

/** NaN, as Prometheus wants it, when there is nothing. */
function quantileOf(values: readonly number[], quantile: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * quantile))] ?? Number.NaN;
}
