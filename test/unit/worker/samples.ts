import type { Delivery } from '#domain/broker.ts';
import type { ClaimedAction, ClaimedExecution } from '#domain/claimed-execution.ts';
import { type ExecutionId, executionId, workerId } from '#domain/ids.ts';
import type { JoinedExecution } from '#domain/joined-execution.ts';
import type { LogChunk } from '#domain/log.ts';
import type { Logger } from '#domain/logger.ts';
import type { IncomingMessage, OutboxMessage } from '#domain/messages.ts';
import type { WorkerSession } from '#domain/worker.ts';
import { loggerOf } from '#test/support/event-log.ts';

export const session: WorkerSession = { worker: workerId(7), instance: 'this process' };

export const action: ClaimedAction = {
  script: { code: 'true' },
  runtime: undefined,
  runtimeConfig: undefined,
  outputSchema: undefined,
  parameterSchema: undefined,
  hasApiToken: false,
  versionConstraint: undefined,
  parameterDelivery: 'stdin',
  parameterFormat: 'json',
  outputFormat: 'json',
  timeoutSeconds: undefined,
};

export function claimedExecution(id: number, changes: Partial<ClaimedExecution> = {}): ClaimedExecution {
  return {
    execution: executionId(id),
    attempt: 1,
    actionRef: 'demo.act',
    parameters: {},
    keys: {},
    keysProblem: undefined,
    envVars: {},
    timeoutSeconds: undefined,
    retryCount: 0,
    maxRetries: undefined,
    origin: undefined,
    action: undefined,
    ...changes,
  };
}

/** What an execution of Attune's Rust control plane has besides. */
export const joined: JoinedExecution = {
  rule: 'demo.on_push',
  trigger: 'core.webhook',
  identity: '12',
  permissionSets: ['standard', 'demo.reader'],
  workflowRef: 'other.flow',
  secrets: [],
  notes: [],
};

export function logChunk(execution: number, seq: number, bytes = 1): LogChunk {
  return {
    execution: executionId(execution),
    attempt: 1,
    stream: 'stdout',
    seq,
    offset: 0,
    data: new Uint8Array(bytes),
    at: 0,
  };
}

interface CountedDelivery extends Delivery {
  /** How often it was acknowledged. */
  acknowledged(): number;
}

/** The delivery of a message, which is a dispatch to the worker of the session unless told otherwise. */
export function deliveryOf(id: number, message?: IncomingMessage): CountedDelivery {
  let acknowledged = 0;
  return {
    message: message ?? { kind: 'dispatch', execution: executionId(id), worker: session.worker, attempt: 1 },
    acknowledge: () => {
      acknowledged++;
    },
    giveBack: () => {},
    acknowledged: () => acknowledged,
  };
}

/** A run that ends when the test says so. */
export interface HeldRun {
  run(claimed: ClaimedExecution): Promise<void>;
  /** Executions in the order of their starts. */
  readonly started: readonly ExecutionId[];
  end(id: number): void;
}

export function createHeldRun(): HeldRun {
  const started: ExecutionId[] = [];
  const ends = new Map<ExecutionId, () => void>();
  return {
    started,
    run: async ({ execution }) => {
      started.push(execution);
      await new Promise<void>((resolve) => ends.set(execution, resolve));
    },
    end: (id) => ends.get(executionId(id))?.(),
  };
}

/** A logger that keeps the names of events. */
export function createEventLog(): { readonly logger: Logger; readonly events: readonly string[] } {
  const events: string[] = [];
  return { events, logger: loggerOf((event) => events.push(event)) };
}

export const ids = (...numbers: readonly number[]): ExecutionId[] => numbers.map(executionId);

/** A message in the outbox under a number. */
export function outboxMessage(id: number | string): OutboxMessage {
  return { outboxId: `${id}`, messageId: `m${id}`, exchange: 'x', routingKey: 'k', messageType: 'T', payload: {} };
}
