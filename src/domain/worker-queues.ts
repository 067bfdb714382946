import type { QueueDefinition } from './broker.ts';
import type { WorkerId } from './ids.ts';
import { cancelKey, dispatchKey, EXCHANGES } from './messages.ts';

/** Of queues that nobody consumes. */
const EXPIRES_MS = 30 * 60_000;
const EPHEMERAL_EXPIRES_MS = 5 * 60_000;
const DISPATCH_TTL_MS = 300_000;

/** The queues of one worker, by the names of protocol.md. */
export function workerQueues(
  worker: WorkerId,
  isEphemeral = false,
): Readonly<Record<'executions' | 'cancel' | 'packs', QueueDefinition>> {
  const queue = (name: string, exchange: string, routingKeys: readonly string[]): QueueDefinition => ({
    name: `worker.${worker}.${name}`,
    bindings: routingKeys.map((routingKey) => ({ exchange, routingKey })),
    expiresMs: isEphemeral ? EPHEMERAL_EXPIRES_MS : EXPIRES_MS,
    isDisposable: true,
  });
  return {
    executions: {
      ...queue('executions', EXCHANGES.executions, [dispatchKey(worker)]),
      messageTtlMs: DISPATCH_TTL_MS,
    },
    cancel: queue('cancel', EXCHANGES.executions, [cancelKey(worker)]),
    packs: queue('packs', EXCHANGES.events, ['pack.registered', 'pack.deleted']),
  };
}
