import { Counter, Histogram, type Registry } from 'prom-client';
import type { AttemptObserver } from '#domain/observer.ts';

const ENVIRONMENT_BUCKETS = [0.01, 0.1, 1, 5, 15, 60, 300, 1800];
const RUN_BUCKETS = [0.1, 0.5, 1, 5, 15, 60, 300, 1800, 7200];
/** Packs name their runtimes: more of them than this are counted as `other`. */
const MOST_RUNTIMES = 50;

/** Adds the metrics of the attempts that a worker runs to a registry; what is returned counts them. */
export function addExecutionMetrics(registry: Registry): AttemptObserver {
  const claims = new Counter({
    name: 'attune_claims_total',
    help: 'Executions that the worker of this process has claimed, each attempt anew',
    registers: [registry],
  });
  const finished = new Counter({
    name: 'attune_executions_finished_total',
    help: 'Executions that the worker of this process has brought to their end',
    labelNames: ['status', 'runtime'],
    registers: [registry],
  });
  const prepared = new Histogram({
    name: 'attune_environment_seconds',
    help: 'How long attempts waited for the environment of their pack, built or found',
    labelNames: ['runtime'],
    buckets: ENVIRONMENT_BUCKETS,
    registers: [registry],
  });
  const ran = new Histogram({
    name: 'attune_run_duration_seconds',
    help: 'For how long the programs of attempts ran',
    labelNames: ['runtime'],
    buckets: RUN_BUCKETS,
    registers: [registry],
  });
  const known = new Set<string>();
  return {
    claimed: () => claims.inc(),
    ended: ({ status, runtime: name, preparedMs, ranMs }) => {
      const runtime = known.has(name) || known.size < MOST_RUNTIMES ? name : 'other';
      known.add(runtime);
      if (status !== undefined) finished.inc({ status, runtime });
      if (preparedMs !== undefined) prepared.observe({ runtime }, preparedMs / 1000);
      if (ranMs !== undefined) ran.observe({ runtime }, ranMs / 1000);
    },
  };
}
