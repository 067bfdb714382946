import type { FinalStatus } from './execution-status.ts';
import type { ExecutionId, WorkerId } from './ids.ts';

export const EXCHANGES = {
  events: 'attune.events',
  executions: 'attune.executions',
  notifications: 'attune.notifications',
  deadLetters: 'attune.dlx',
} as const;

/** A message as a transaction left it, before the broker wraps it into its envelope. */
export interface OutgoingMessage {
  /** UUID; the same when it is published again. */
  readonly messageId: string;
  readonly exchange: string;
  readonly routingKey: string;
  readonly messageType: string;
  /** JSON, by protocol.md. */
  readonly payload: Readonly<Record<string, unknown>>;
}

/** A message in the outbox. */
export interface OutboxMessage extends OutgoingMessage {
  readonly outboxId: string;
}

/** A message that is not in the outbox: who misses it learns the same from the database, a little later. */
export interface Hint extends OutgoingMessage {
  readonly outboxId?: undefined;
}

/** A message that the worker or the scheduler understands. */
export type IncomingMessage =
  | {
      readonly kind: 'dispatch';
      readonly execution: ExecutionId;
      readonly worker: WorkerId;
      /** undefined: from a scheduler that does not count attempts. */
      readonly attempt: number | undefined;
      /** Further executions that were scheduled for the worker in the same step. */
      readonly others?: readonly { readonly execution: ExecutionId; readonly attempt: number }[] | undefined;
    }
  | {
      readonly kind: 'cancel';
      readonly execution: ExecutionId;
      /** undefined: the message does not name it. */
      readonly worker?: WorkerId | undefined;
    }
  | { readonly kind: 'pack-changed'; readonly packRef: string }
  /** Something about executions has changed: the database knows what. */
  | {
      readonly kind: 'execution-changed';
      readonly execution: ExecutionId;
      /** Further executions that have ended in the same step. */
      readonly others?: readonly ExecutionId[] | undefined;
    };

/** The routing keys of messages about packs. */
export const PACK_KEYS: readonly string[] = ['pack.registered', 'pack.deleted'];

export function dispatchKey(worker: WorkerId | '*'): string {
  return `execution.dispatch.worker.${worker}`;
}

export function cancelKey(worker: WorkerId | '*'): string {
  return `execution.cancel.worker.${worker}`;
}

/** Turns a final status into one that the message `ExecutionCompleted` knows. */
export function completedStatus(status: FinalStatus): 'Completed' | 'Failed' | 'Cancelled' {
  switch (status) {
    case 'completed':
      return 'Completed';
    case 'cancelled':
      return 'Cancelled';
    case 'failed':
    case 'timeout':
    case 'abandoned':
      return 'Failed';
  }
}

/** Messages that a transaction left in the outbox, and hints about what it did. */
export interface Messages {
  readonly messages: readonly (OutboxMessage | Hint)[];
}
