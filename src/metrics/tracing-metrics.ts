import { Counter, type Registry } from 'prom-client';

/** Adds the metrics of the spans of this process to a registry; what is returned counts them. */
export function addTracingMetrics(registry: Registry): {
  exported(spans: number): void;
  dropped(spans: number): void;
} {
  const counter = (name: string, help: string): Counter => new Counter({ name, help, registers: [registry] });
  const exported = counter('attune_spans_exported_total', 'Spans that the collector has taken');
  const dropped = counter(
    'attune_spans_dropped_total',
    'Spans that were dropped, because the collector did not take them',
  );
  return { exported: (spans) => exported.inc(spans), dropped: (spans) => dropped.inc(spans) };
}
