import { Counter, type Registry } from 'prom-client';

/** Adds the metric of what this process has removed to a registry; what is returned counts. */
export function addRetentionMetrics(registry: Registry): (what: string, count: number) => void {
  const removed = new Counter({
    name: 'attune_removed_total',
    help: 'Executions, results, artifacts, audit entries, tokens and dead letters that this server has removed',
    labelNames: ['what'],
    registers: [registry],
  });
  return (what, count) => removed.inc({ what }, count);
}
