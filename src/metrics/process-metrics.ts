import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';

/** Milliseconds between two looks at how late the event loop is. */
const LAG_EVERY_MS = 100;
/** The names of those metrics of prom-client that this runtime can measure. */
const MEASURED = /^(process_|nodejs_eventloop_lag_)/;

/** Adds the metrics of this process to a registry: its version, time, memory, files, and how late its event loop is. */
export function addProcessMetrics(registry: Registry, version: string): void {
  const all = new Registry();
  collectDefaultMetrics({ register: all, eventLoopMonitoringPrecision: LAG_EVERY_MS });
  for (const { name } of all.getMetricsAsArray()) {
    const metric = MEASURED.test(name) ? all.getSingleMetric(name) : undefined;
    if (metric) registry.registerMetric(metric);
  }
  const build = new Gauge({
    name: 'attune_build_info',
    help: 'Always 1: the version of this process',
    labelNames: ['version'],
    registers: [registry],
  });
  build.set({ version }, 1);
}
