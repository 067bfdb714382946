import type { Broker, Consumer } from '#domain/broker.ts';
import type { DatabaseKind } from '#domain/database-kind.ts';
import type { ExecutionId } from '#domain/ids.ts';
import type { Capabilities, WorkerSession } from '#domain/worker.ts';
import { workerQueues } from '#domain/worker-queues.ts';
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
  capabilities: Pick<Capabilities, 'max_concurrent_executions' | 'ephemeral'>,
): readonly Consumer[] {
  const { worker } = session;
  const queues = workerQueues(worker, { isEphemeral: capabilities.ephemeral, kind });
  const isHeld = (execution: ExecutionId): boolean => intake.claimed().some((one) => one.execution === execution);
  return [
    broker.consume(queues.executions, {
      consumerTag: `worker-${worker}`,
      prefetch: capabilities.max_concurrent_executions + PREFETCH_BEYOND_SLOTS,
      onMessage: intake.offer,
    }),
    broker.consume(queues.cancel, {
      consumerTag: `worker-${worker}-cancel`,
      prefetch: PREFETCH,
      onMessage: (delivery) => {
        /* Anybody may have sent the message: whether an end is wanted is for the database to say. In a joined one, the
           heartbeat also ends what was to be cancelled before it began. */
        if (delivery.message.kind === 'cancel' && (kind === 'joined' || isHeld(delivery.message.execution))) beatNow();
        delivery.acknowledge();
      },
    }),
    broker.consume(queues.packs, {
      consumerTag: `worker-${worker}-packs`,
      prefetch: PREFETCH,
      onMessage: (delivery) => {
        if (delivery.message.kind === 'pack-changed') onPack(delivery.message.packRef);
        delivery.acknowledge();
      },
    }),
  ];
}
