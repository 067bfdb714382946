import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { TROUBLE_WORDS, type Trouble } from '#domain/trouble.ts';
import type { ApiDependencies } from './dependencies.ts';

/** An answer to a request. */
export interface Answer {
  readonly method: string;
  /** The pattern of the route. */
  readonly route: string;
  readonly status: number;
  readonly seconds: number;
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
const ANSWER_BUCKETS = [0.005, 0.025, 0.1, 0.5, 1, 2.5, 10, 30];

/** Adds the metrics of requests to a registry; the function that is returned counts an answer. */
export function addRequestMetrics(registry: Registry): (answer: Answer) => void {
  const requests = new Counter({
    name: 'attune_http_requests_total',
    help: 'Requests that this server has answered',
    labelNames: ['method', 'status'],
    registers: [registry],
  });
  const durations = new Histogram({
    name: 'attune_http_request_duration_seconds',
    help: 'From a request to the beginning of its answer, by the pattern of its route',
    labelNames: ['method', 'route'],
    buckets: ANSWER_BUCKETS,
    registers: [registry],
  });
  return ({ method: given, route, status, seconds }) => {
    const method = METHODS.includes(given) ? given : 'other';
    requests.inc({ method, status });
    durations.observe({ method, route }, seconds);
  };
}

/** Adds the troubles of this server to a registry; the function that is returned brings them up to date. */
export function addTroubleMetrics(
  registry: Registry,
  { broker }: Pick<ApiDependencies, 'broker'>,
): (troubles: readonly Trouble[]) => void {
  const registers = [registry];
  new Counter({
    name: 'attune_broker_reconnects_total',
    help: 'How often this server has had its broker back',
    registers,
    collect() {
      this.reset();
      this.inc(broker.reconnects());
    },
  });
  const ready = new Gauge({
    name: 'attune_broker_ready',
    help: '1: the broker takes and delivers messages; 0: it is away, or has an alarm',
    registers,
  });
  const trouble = new Gauge({
    name: 'attune_trouble',
    help: '1: this server is not ready, and why, in a word',
    labelNames: ['trouble'],
    registers,
  });
  return (troubles) => {
    ready.set(broker.trouble() === undefined ? 1 : 0);
    for (const word of TROUBLE_WORDS) trouble.set({ trouble: word }, troubles.some((one) => one.word === word) ? 1 : 0);
  };
}
