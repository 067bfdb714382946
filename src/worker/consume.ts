import type { Broker, Consumer, Delivery, QueueDefinition } from '#domain/broker.ts';
import type { DatabaseKind } from '#domain/database-kind.ts';
import type { ExecutionId } from '#domain/ids.ts';
import type { Capabilities, WorkerSession } from '#domain/worker.ts';
import { sharedQueues, workerQueue } from '#domain/worker-queues.ts';
import type { Intake } from './intake.ts';

interface ConsumeDependencies {
  readonly broker: Broker;
  readonly kind: DatabaseKind;
  readonly session: WorkerSession;
  readonly intake: Intake;
  /** Beats at once, to ask the database what it wants. */
  beatNow(): void;
  onPack(packRef: string): void;
}

const PREFETCH_BEYOND_SLOTS = 2;
/** The prefetch of queues whose messages are handled at once. */
const PREFETCH = 10;

/** Consumes the queues of a worker. The first of the consumers is that of executions, which is to be closed first. */
export function consumeQueues(
  { broker, kind, session, intake, beatNow, onPack }: ConsumeDependencies,
  { max_concurrent_executions: slots, ephemeral }: Pick<Capabilities, 'max_concurrent_executions' | 'ephemeral'>,
): readonly Consumer[] {
  const { worker } = session;
  const isHeld = (execution: ExecutionId): boolean => intake.claimed().some((one) => one.execution === execution);
  const onMessage = (delivery: Delivery): void => {
    const { message, acknowledge } = delivery;
    if (message.kind === 'dispatch') {
      intake.offer(delivery);
      return;
    }
    /* Anybody may have sent the message: whether an end is wanted is for the database to say. In a joined one, the
       heartbeat also ends what was to be cancelled before it began. */
    if (message.kind === 'cancel' && (kind === 'joined' || isHeld(message.execution))) beatNow();
    if (message.kind === 'pack-changed') onPack(message.packRef);
    acknowledge();
  };
  const consume = (queue: QueueDefinition, consumerTag: string, prefetch: number): Consumer =>
    broker.consume(queue, { consumerTag, prefetch, onMessage });
  const most = slots + PREFETCH_BEYOND_SLOTS;
  if (kind === 'own')
    return [consume(workerQueue(worker, { isEphemeral: ephemeral }), `worker-${worker}`, most + PREFETCH)];
  const { executions, cancel, packs } = sharedQueues(worker);
  return [
    consume(executions, `worker-${worker}`, most),
    consume(cancel, `worker-${worker}-cancel`, PREFETCH),
    consume(packs, `worker-${worker}-packs`, PREFETCH),
  ];
}
