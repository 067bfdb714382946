import { Counter, Gauge, Registry } from 'prom-client';
import type { Deed } from './review.ts';

/** The figures of one webhook. */
export interface Metrics {
  reviewed(deed: Deed | 'malformed'): void;
  /** `until`: when the certificate ends, in milliseconds since 1970. */
  serves(until: number): void;
  /** Prometheus text. */
  render(): Promise<string>;
  readonly contentType: string;
}

export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const reviews = new Counter({
    name: 'attune_webhook_reviews_total',
    help: 'Pods that the API server asked about, by what became of them',
    labelNames: ['result'],
    registers,
  });
  const end = new Gauge({
    name: 'attune_webhook_certificate_end_timestamp_seconds',
    help: 'When the certificate that is served ends',
    registers,
  });
  return {
    reviewed: (result) => reviews.inc({ result }),
    serves: (until) => end.set(until / 1000),
    render: async () => await registry.metrics(),
    contentType: registry.contentType,
  };
}
