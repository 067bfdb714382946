/**
 * A store against the table of transitions: each event that changes a status meets an execution in each status, with
 * everything but the status in its favour. What the table allows happens, and what it does not allow changes nothing.
 */
import { expect } from 'bun:test';
import type { Settlement } from '#domain/agent-store.ts';
import {
  ASSIGNED_STATUSES,
  EXECUTION_STATUSES,
  type ExecutionStatus,
  FINAL_STATUSES,
  type FinalStatus,
  isFinal,
  nextStatus,
  type StatusEvent,
  TRANSITIONS,
} from '#domain/execution-status.ts';
import type { ExecutionId } from '#domain/ids.ts';
import { completedStatus } from '#domain/messages.ts';
import type { Decision } from '#domain/schedule-store.ts';
import type { Store } from '#domain/store.ts';
import type { WorkerSession } from '#domain/worker.ts';
import { action, capabilities, pack, registrationRequest } from '#test/contract/samples.ts';
import { bounds, join, LEASE_MS, logChunk, type StoreContract, start, statusOf } from './fixtures.ts';

/** A new, empty store, and a way around it into its database. */
export interface OpenedDatabase extends AsyncDisposable {
  readonly store: Store;
  query(sql: string): Promise<readonly object[]>;
  /** How the database says which statuses the index of executions by worker holds. */
  readonly assignedGroup: string;
}

/** An execution that its worker has claimed. */
interface Scene {
  readonly store: Store;
  readonly session: WorkerSession;
  readonly execution: ExecutionId;
}

interface EventUnderTest {
  /** The action of the execution: `echo` has no retries, `flaky` has two. */
  readonly action?: 'echo' | 'flaky';
  /** What must have happened before, while the execution still runs. */
  prepare?(scene: Scene): Promise<unknown>;
  act(scene: Scene): Promise<unknown>;
}

const events: Readonly<Record<StatusEvent, EventUnderTest>> = {
  cancel: { act: ({ store, execution }) => store.cancel(execution, 'a test') },
  dispatch: {
    act: (scene) => decide(scene, { kind: 'dispatch', execution: scene.execution, worker: scene.session.worker }),
  },
  'give-up': { act: (scene) => decide(scene, { kind: 'give-up', execution: scene.execution, reason: 'a test' }) },
  claim: { act: ({ store, session, execution }) => store.claim(session, [{ execution, attempt: 1 }], 1.5 * LEASE_MS) },
  ...byVerdict((status) => settling({ kind: 'final', status, result: { succeeded: status === 'completed' } })),
  again: settling({ kind: 'again', reason: 'a test', delayMs: 60_000, result: { succeeded: false } }),
  drain: { act: ({ store, session }) => store.beginDrain(session) },
  'take-back': {
    prepare: ({ store, session }) => store.beginDrain(session),
    act: ({ store }) => store.takeBack({ leaseMs: LEASE_MS, olderThanMs: LEASE_MS }),
  },
  /* Executions that will have been dispatched a millisecond from now are old enough. */
  'dispatch-again': { act: ({ store }) => store.dispatchAgain(-1) },
  'lost-with-retries': { ...losing(), action: 'flaky' },
  'lost-for-good': losing(),
};

export function transitionsContract(test: StoreContract['test'], open: () => Promise<OpenedDatabase>): void {
  for (const [who, theirs] of Object.entries(Object.groupBy(TRANSITIONS, (one) => one.by)))
    test(`what a ${who} does changes a status as the table of transitions allows, and nothing else`, async () => {
      await using database = await open();
      await savePack(database.store);
      for (const event of new Set(theirs.map((one) => one.on)))
        for (const from of EXECUTION_STATUSES) await tryEvent(database, from, event);
    });

  test('whatever else happens to a worker, an action or a log leaves the status as it is', async () => {
    await using database = await open();
    const { store } = database;
    for (const from of EXECUTION_STATUSES) {
      await savePack(store);
      const { session, execution } = await setScene(store, {});
      await database.query(`UPDATE execution SET status = '${from}' WHERE id = ${execution}`);
      await store.heartbeat(session, LEASE_MS);
      await store.appendLogs([logChunk(execution, 0, 'text')]);
      await store.cordon(session.worker, { by: 'a test', reason: 'a test' });
      await store.savePack({ pack, runtimes: [], actions: [] });
      await store.deregister(session);
      await store.forgetWorkers(-1);
      await store.keepLogs(14);
      expect(await statusOf(store, execution)).toBe(from);
    }
  });

  test('the index of executions by worker holds those that are assigned to one, as the queries ask', async () => {
    await using database = await open();
    const literals = [...database.assignedGroup.matchAll(/'([a-z]+)'/g)].map(([, text]) => text ?? '');
    expect(literals).toEqual([...ASSIGNED_STATUSES]);
  });
}

async function tryEvent(database: OpenedDatabase, from: ExecutionStatus, event: StatusEvent): Promise<void> {
  const scene = await setScene(database.store, events[event]);
  await database.query(`UPDATE execution SET status = '${from}' WHERE id = ${scene.execution}`);
  const before = await snapshotOf(database, scene.execution);
  await events[event].act(scene);
  const after = await snapshotOf(database, scene.execution);
  const next = nextStatus(from, event);
  if (next === undefined) expect(after, `${from} on ${event}`).toEqual(before);
  else expectTransition({ from, event, next }, before, after);
}

function byVerdict(event: (status: FinalStatus) => EventUnderTest): Record<FinalStatus, EventUnderTest> {
  return Object.fromEntries(FINAL_STATUSES.map((status) => [status, event(status)])) as Record<
    FinalStatus,
    EventUnderTest
  >;
}

function settling(verdict: Settlement['verdict']): EventUnderTest {
  return { act: ({ store, session, execution }) => store.settle([{ ...session, execution, attempt: 1, verdict }]) };
}

function losing(): EventUnderTest {
  return {
    prepare: ({ store, session }) => store.deregister(session) /* ends the lease at once */,
    act: ({ store }) => store.recoverLost(1000),
  };
}

/** A plan that decides about this execution whether it was asked or not. */
async function decide({ store }: Scene, decision: Decision): Promise<unknown> {
  return await store.schedule(bounds, () => [decision]);
}

async function savePack(store: Store): Promise<void> {
  await store.savePack({ pack, runtimes: [], actions: [action('echo'), action('flaky', { maxRetries: 2 })] });
  await store.publishEvents(true);
}

async function setScene(store: Store, { action: name = 'echo', prepare }: Partial<EventUnderTest>): Promise<Scene> {
  const who = registrationRequest(crypto.randomUUID(), { capabilities: capabilities({ ephemeral: true }) });
  const session = await join(store, who);
  const { execution } = await start(store, session, `demo.${name}`);
  const scene = { store, session, execution };
  await prepare?.(scene);
  return scene;
}

interface Snapshot {
  readonly status: string | undefined;
  /** The rows of the execution and of its claim, as they are. */
  readonly rows: readonly object[];
  readonly messages: readonly { readonly messageType: string; readonly payload: Readonly<Record<string, unknown>> }[];
}

async function snapshotOf({ store, query }: OpenedDatabase, execution: ExecutionId): Promise<Snapshot> {
  const messages = await store.unpublished(100_000, 0, 0);
  return {
    status: await statusOf(store, execution),
    rows: [
      ...(await query(`SELECT * FROM execution WHERE id = ${execution}`)),
      ...(await query(`SELECT * FROM execution_claim WHERE execution = ${execution}`)),
    ],
    messages: messages
      .filter(({ payload }) => payload['execution_id'] === Number(execution))
      .map(({ messageType, payload }) => ({ messageType, payload })),
  };
}

interface Step {
  readonly from: ExecutionStatus;
  readonly event: StatusEvent;
  readonly next: ExecutionStatus;
}

/** The status is the next one, something has changed, and the messages say what. */
function expectTransition({ from, event, next }: Step, before: Snapshot, after: Snapshot): void {
  const title = `${from} on ${event}`;
  expect(after.status, title).toBe(next);
  expect(after, title).not.toEqual(before);
  const said = after.messages.slice(before.messages.length);
  const changes = said.flatMap(({ messageType, payload }) =>
    messageType === 'ExecutionStatusChanged' ? [[payload['previous_status'], payload['new_status']]] : [],
  );
  expect(changes, title).toEqual(isAnnounced({ from, event, next }) ? [[from, next]] : []);
  const ends = said.flatMap(({ messageType, payload }) =>
    messageType === 'ExecutionCompleted' ? [payload['status']] : [],
  );
  expect(ends, title).toEqual(isFinal(next) ? [completedStatus(next)] : []);
}

/** A dispatch is told to its worker alone. A repeated claim comes with its message again, which its worker may have missed. */
function isAnnounced({ from, event, next }: Step): boolean {
  return event !== 'dispatch' && (from !== next || event === 'claim');
}
