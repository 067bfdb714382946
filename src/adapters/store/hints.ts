import { randomUUID } from 'node:crypto';
import { type ExecutionId, workerId } from '#domain/ids.ts';
import { dispatchKey, EXCHANGES, type Hint } from '#domain/messages.ts';

/** An execution that was scheduled. */
export interface DispatchRow {
  readonly id: string | number;
  readonly worker: string | number;
  readonly attempt: number;
  /** False: an agent up to 0.1.0, which knows messages of one execution alone. */
  readonly takes_batches: boolean;
}

/** The hints that tell workers what was scheduled for them: one for each worker. */
export function dispatchHints(rows: readonly DispatchRow[]): readonly Hint[] {
  const batches = Map.groupBy(rows, ({ id, worker, takes_batches }) =>
    takes_batches ? `${worker}` : `${worker}/${id}`,
  );
  return [...batches.values()].flatMap((batch) => dispatchHint(batch));
}

function dispatchHint(batch: readonly DispatchRow[]): readonly Hint[] {
  const [first, ...others] = batch.map(({ id, attempt }) => ({ execution_id: Number(id), attempt }));
  const worker = batch[0]?.worker;
  if (first === undefined || worker === undefined) return [];
  const payload = { ...first, worker_id: Number(worker), ...(others.length > 0 ? { others } : {}) };
  return [hint(dispatchKey(workerId(worker)), 'ExecutionRequested', payload)];
}

/** The hint that wakes a scheduler: there is something to schedule. */
export function requestedHint(executions: readonly ExecutionId[]): readonly Hint[] {
  return wakingHint('execution.requested', 'ExecutionRequested', executions);
}

/** The hint that wakes a scheduler: slots are free. */
export function endedHint(executions: readonly ExecutionId[]): readonly Hint[] {
  return wakingHint('execution.completed', 'ExecutionCompleted', executions);
}

/** It names one of the executions, because a message about none cannot be understood. */
function wakingHint(routingKey: string, messageType: string, [first]: readonly ExecutionId[]): readonly Hint[] {
  return first === undefined ? [] : [hint(routingKey, messageType, { execution_id: Number(first) })];
}

function hint(routingKey: string, messageType: string, payload: Hint['payload']): Hint {
  return { messageId: randomUUID(), exchange: EXCHANGES.executions, routingKey, messageType, payload };
}
