import { randomUUID } from 'node:crypto';
import type { Settlement } from '#domain/agent-store.ts';
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
  const [first] = executions; /* a message about none cannot be understood */
  if (first === undefined) return [];
  return [hint('execution.requested', 'ExecutionRequested', { execution_id: Number(first) })];
}

/** The hint that wakes a scheduler, as slots are free, and whoever waits for the end of one of these executions. */
function endedHint(executions: readonly ExecutionId[]): readonly Hint[] {
  const [first, ...others] = executions.map(Number);
  if (first === undefined) return [];
  const payload = { execution_id: first, ...(others.length > 0 ? { others } : {}) };
  return [hint('execution.completed', 'ExecutionCompleted', payload)];
}

/**
 * The hints about settlements that were accepted: all of them have freed a slot, and those that go back without a delay
 * are to be scheduled. What goes back later is found by the clock.
 */
export function settledHints(settlements: readonly Settlement[], accepted: readonly ExecutionId[]): readonly Hint[] {
  const isAccepted = new Set(accepted);
  const again = settlements.filter(
    ({ execution, verdict }) => verdict.kind === 'again' && verdict.delayMs === 0 && isAccepted.has(execution),
  );
  return [...endedHint(accepted), ...requestedHint(again.map((one) => one.execution))];
}

function hint(routingKey: string, messageType: string, payload: Hint['payload']): Hint {
  return { messageId: randomUUID(), exchange: EXCHANGES.executions, routingKey, messageType, payload };
}
