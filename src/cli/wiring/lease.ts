import type { Config } from '#config/schema.ts';

/** Heartbeats that a worker may miss before it is lost. */
const BEATS_OF_A_LEASE = 3;

/** Milliseconds for which a heartbeat gives a worker the right to what it runs. */
export function leaseMsOf({ worker }: Config): number {
  return worker.heartbeat_interval * 1000 * BEATS_OF_A_LEASE;
}
