import type { AgentStore, Fence, Offer, Settlement } from '#domain/agent-store.ts';
import type { ClaimedExecution } from '#domain/claimed-execution.ts';
import type { ExecutionRequest } from '#domain/client-store.ts';
import type { ExecutionId } from '#domain/ids.ts';
import type { LogChunk } from '#domain/log.ts';
import type { OutgoingMessage } from '#domain/messages.ts';
import type { Store } from '#domain/store.ts';
import type { RegistrationRequest, WorkerSession } from '#domain/worker.ts';
import { registrationRequest } from '#test/contract/samples.ts';

/** What the contract needs to know of an adapter. */
export interface StoreContract {
  /** Declares a test of the adapter. */
  test(title: string, body: () => Promise<void>): void;
  /** Opens a new store, which holds the sample pack and nothing else. */
  open(): Promise<Store>;
}

export const DAY_MS = 86_400_000;
export const LEASE_MS = 60_000;
export const bounds = { limit: () => 100, leaseMs: LEASE_MS };

/** The filter that leaves no execution out. */
export const everyExecution = {
  statuses: undefined,
  actionRef: undefined,
  worker: undefined,
  before: undefined,
  limit: 100,
};

export const completed: Settlement['verdict'] = {
  kind: 'final',
  status: 'completed',
  result: { succeeded: true, data: { a: [1] } },
};

/** Registers a worker. Throws when it is refused. */
export async function join(
  store: AgentStore,
  who: RegistrationRequest = registrationRequest('w1'),
  leaseMs = LEASE_MS,
): Promise<WorkerSession> {
  const outcome = await store.register(who, leaseMs);
  if (outcome.kind !== 'registered') throw new Error(`not registered: ${outcome.kind}`);
  return { worker: outcome.worker, instance: who.instance };
}

/** Requests executions, whose parameters number them. Throws when one is refused. */
export async function submit(store: Store, actionRef = 'demo.echo', count = 1): Promise<readonly ExecutionId[]> {
  const requests = Array.from({ length: count }, (_, n) => ({ actionRef, parameters: { n } }));
  const { executions } = await store.request(requests);
  return executions.map((one) => one ?? refused(actionRef));
}

/** Requests one execution. Throws when it is refused. */
export async function submitOne(store: Store, actionRef = 'demo.echo'): Promise<ExecutionId> {
  const [execution = refused(actionRef)] = await submit(store, actionRef);
  return execution;
}

function refused(actionRef: string): never {
  throw new Error(`${actionRef} was not requested`);
}

/** Requests an execution and dispatches it to the worker of this session. */
export async function dispatch(store: Store, session: WorkerSession, actionRef = 'demo.echo'): Promise<ExecutionId> {
  const execution = await submitOne(store, actionRef);
  await store.schedule(bounds, (requests) =>
    requests.map((one) => ({ kind: 'dispatch', execution: one.execution, worker: session.worker })),
  );
  return execution;
}

/** Claims an execution that was dispatched. Throws when it is not granted. */
export async function claim(
  store: AgentStore,
  session: WorkerSession,
  offer: Omit<Offer, 'attempt'>,
): Promise<ClaimedExecution> {
  const { claimed } = await store.claim(session, [{ ...offer, attempt: undefined }], LEASE_MS);
  const [one] = claimed;
  if (!one) throw new Error(`execution ${offer.execution} was not claimed`);
  return one;
}

/** Requests an execution as it is given, on a worker of its own, which claims it. */
export async function startGiven(store: Store, request: ExecutionRequest): Promise<ClaimedExecution> {
  const session = await join(store, registrationRequest(`runner-${crypto.randomUUID()}`));
  const { executions } = await store.request([request]);
  await store.schedule(bounds, (requests) =>
    requests.map((one) => ({ kind: 'dispatch', execution: one.execution, worker: session.worker })),
  );
  return await claim(store, session, { execution: executions[0] ?? refused(request.actionRef) });
}

/** Requests an execution, dispatches it to the worker of this session, and claims it. */
export async function start(store: Store, session: WorkerSession, actionRef?: string): Promise<ClaimedExecution> {
  return await claim(store, session, { execution: await dispatch(store, session, actionRef) });
}

/** Starts an execution on a worker of its own. */
export async function startOnRunner(
  store: Store,
  actionRef: string,
): Promise<{ readonly session: WorkerSession; readonly one: ClaimedExecution; readonly fence: Fence }> {
  const session = await join(store, registrationRequest(`runner-${crypto.randomUUID()}`));
  const one = await start(store, session, actionRef);
  return { session, one, fence: { ...session, execution: one.execution, attempt: one.attempt } };
}

export async function statusOf(store: Store, execution: ExecutionId): Promise<string | undefined> {
  return (await store.readExecution(execution))?.status;
}

export function ended(
  session: WorkerSession,
  { execution, attempt }: ClaimedExecution,
  verdict: Settlement['verdict'],
): Settlement {
  return { ...session, execution, attempt, verdict };
}

/** The types of messages in alphabetical order, with both statuses where they announce a change. */
export function kinds(messages: readonly OutgoingMessage[]): readonly string[] {
  return messages
    .map(({ messageType, payload }) =>
      payload['new_status'] ? `${messageType} ${payload['previous_status']}→${payload['new_status']}` : messageType,
    )
    .toSorted();
}

/** A chunk of four bytes or fewer of the stdout of the first attempt. */
export function logChunk(execution: ExecutionId, seq: number, text: string): LogChunk {
  return { execution, attempt: 1, stream: 'stdout', seq, offset: seq * 4, data: Buffer.from(text), at: Date.now() };
}
