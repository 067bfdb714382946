import { Counter, Histogram, type Registry } from 'prom-client';
import type { SchedulingObserver } from '#domain/observer.ts';

const WAIT_BUCKETS = [0.05, 0.25, 1, 5, 15, 60, 300, 1800];

/** Adds the metrics of the scheduler of this process to a registry; what is returned counts. */
export function addSchedulingMetrics(registry: Registry): SchedulingObserver {
  const waited = new Histogram({
    name: 'attune_queue_wait_seconds',
    help: 'How long each execution that this server gave to a worker had been due',
    buckets: WAIT_BUCKETS,
    registers: [registry],
  });
  const returns = new Counter({
    name: 'attune_database_reconnects_total',
    help: 'How often this server has had its database back',
    registers: [registry],
  });
  return { scheduled: (waitedMs) => waited.observe(waitedMs / 1000), databaseBack: () => returns.inc() };
}
