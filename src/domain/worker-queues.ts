import type { QueueDefinition } from './broker.ts';
import type { DatabaseKind } from './database-kind.ts';
import { MINUTE_MS } from './durations.ts';
import type { WorkerId } from './ids.ts';
import { cancelKey, dispatchKey, EXCHANGES, PACK_KEYS } from './messages.ts';

/** The time after which a queue that nobody consumes is deleted. */
const EXPIRES_MS = 30 * MINUTE_MS;
const EPHEMERAL_EXPIRES_MS = 5 * MINUTE_MS;
const DISPATCH_TTL_MS = 5 * MINUTE_MS;

interface WorkerQueueOptions {
  readonly isEphemeral?: boolean | undefined;
  /** `joined`: the queues are for the agent of Attune's Rust control plane too, which may take over the worker. */
  readonly kind?: DatabaseKind;
}

/** The queues of one worker, by the names of protocol.md. */
export function workerQueues(
  worker: WorkerId,
  { isEphemeral = false, kind = 'own' }: WorkerQueueOptions = {},
): Readonly<Record<'executions' | 'cancel' | 'packs', QueueDefinition>> {
  const life: Partial<QueueDefinition> =
    kind === 'joined'
      ? { isShared: true }
      : { expiresMs: isEphemeral ? EPHEMERAL_EXPIRES_MS : EXPIRES_MS, isDisposable: true };
  const queue = (name: string, exchange: string, routingKeys: readonly string[]): QueueDefinition => ({
    name: `worker.${worker}.${name}`,
    bindings: routingKeys.map((routingKey) => ({ exchange, routingKey })),
    ...life,
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
