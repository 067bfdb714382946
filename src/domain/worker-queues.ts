import type { QueueDefinition } from './broker.ts';
import { MINUTE_MS } from './durations.ts';
import type { WorkerId } from './ids.ts';
import { cancelKey, dispatchKey, EXCHANGES, PACK_KEYS } from './messages.ts';

/** The time after which a queue that nobody consumes is deleted. */
const EXPIRES_MS = 30 * MINUTE_MS;
const EPHEMERAL_EXPIRES_MS = 5 * MINUTE_MS;
const DISPATCH_TTL_MS = 5 * MINUTE_MS;

/** The one queue of a worker, by the names of protocol.md. It holds whatever is sent to the worker; what expires is told again. */
export function workerQueue(
  worker: WorkerId,
  { isEphemeral = false }: { readonly isEphemeral?: boolean | undefined } = {},
): QueueDefinition {
  const { executions, cancel, packs } = sharedQueues(worker);
  return {
    name: executions.name,
    bindings: [executions, cancel, packs].flatMap(({ bindings }) => bindings),
    messageTtlMs: DISPATCH_TTL_MS,
    expiresMs: isEphemeral ? EPHEMERAL_EXPIRES_MS : EXPIRES_MS,
    isDisposable: true,
    forgetsExpired: true,
  };
}

/** The queues of a worker of a joined database: the agent of Attune's Rust control plane, which may take it over, has them too. */
export function sharedQueues(worker: WorkerId): Readonly<Record<'executions' | 'cancel' | 'packs', QueueDefinition>> {
  const queue = (name: string, exchange: string, routingKeys: readonly string[]): QueueDefinition => ({
    name: `worker.${worker}.${name}`,
    bindings: routingKeys.map((routingKey) => ({ exchange, routingKey })),
    isShared: true,
  });
  return {
    executions: {
      ...queue('executions', EXCHANGES.executions, [dispatchKey(worker)]),
      messageTtlMs: DISPATCH_TTL_MS,
    },
    cancel: queue('cancel', EXCHANGES.executions, [cancelKey(worker)]),
    packs: queue('packs', EXCHANGES.events, PACK_KEYS),
  };
}
