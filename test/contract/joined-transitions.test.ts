/**
 * What a worker does to executions in each status, with everything but the status in its favour. Attune's executor, its
 * monitors and its API change a status at any time: what the agent may change it changes, and the rest it leaves.
 */
import { expect } from 'bun:test';
import { EXECUTION_STATUSES, type ExecutionStatus } from '#domain/execution-status.ts';
import type { ExecutionId } from '#domain/ids.ts';
import type { Store } from '#domain/store.ts';
import type { RegistrationRequest, WorkerSession } from '#domain/worker.ts';
import { openAttuneDatabase } from '#test/support/joined/database.ts';
import { migrateJoined, openJoinedStore } from '#test/support/joined/store.ts';
import { serversTest, sharedPostgres } from '#test/support/servers-test.ts';
import { registrationRequest } from './samples.ts';
import { completed, join, LEASE_MS, start } from './store/fixtures.ts';

const server = sharedPostgres();

/** An execution that this session has claimed, and whose status somebody has changed since. */
interface Scene {
  readonly store: Store;
  readonly who: RegistrationRequest;
  readonly session: WorkerSession;
  readonly execution: ExecutionId;
}

interface Event {
  act(scene: Scene): Promise<unknown>;
  readonly changes: Partial<Record<ExecutionStatus, ExecutionStatus>>;
}

const failed = { kind: 'final', status: 'failed', result: { succeeded: false } } as const;
const again = { kind: 'again', reason: 'a test', delayMs: 0, result: { succeeded: false } } as const;

const events: Readonly<Record<string, Event>> = {
  claim: {
    act: ({ store, session, execution }) => store.claim(session, [{ execution, attempt: undefined }], LEASE_MS),
    changes: { scheduled: 'running' },
  },
  completed: { act: settling(completed), changes: { running: 'completed', canceling: 'completed' } },
  failed: { act: settling(failed), changes: { running: 'failed', canceling: 'failed' } },
  again: { act: settling(again), changes: { running: 'requested', canceling: 'cancelled' } },
  heartbeat: { act: ({ store, session }) => store.heartbeat(session, LEASE_MS), changes: {} },
  drain: { act: ({ store, session }) => store.beginDrain(session), changes: { scheduled: 'requested' } },
  deregister: { act: ({ store, session }) => store.deregister(session), changes: {} },
  restart: {
    act: ({ store, who }) => store.register({ ...who, instance: crypto.randomUUID() }, LEASE_MS, who.instance),
    changes: { running: 'abandoned', canceling: 'cancelled' },
  },
};

function settling(verdict: typeof completed | typeof failed | typeof again): Event['act'] {
  return ({ store, session, execution }) => store.settle([{ ...session, execution, attempt: 1, verdict }]);
}

for (const [name, { act, changes }] of Object.entries(events))
  serversTest(`joined: ${name} changes the statuses that it may, and no other`, async () => {
    const database = await openAttuneDatabase(server());
    await migrateJoined(database.sql);
    await using store = openJoinedStore(database);
    for (const status of EXECUTION_STATUSES) {
      const who = registrationRequest(`worker-of-${status}`);
      const session = await join(store, who);
      const { execution } = await start(store, session);
      await database.sql`UPDATE execution SET status = ${status}::text::execution_status_enum WHERE id = ${execution}`;
      await act({ store, who, session, execution });
      const after = (await store.readExecution(execution))?.status;
      const requests = await database.sql`
        SELECT FROM agent_outbox WHERE message->>'message_type' = 'ExecutionRequested'
          AND message->'payload'->'execution_id' = to_jsonb(${execution}::bigint)`;
      const expected = changes[status] ?? status;
      const isRequested = status !== 'requested' && expected === 'requested';
      expect({ status, after, requests: requests.length }).toEqual({
        ...{ status, after: expected, requests: isRequested ? 1 : 0 },
      });
      await store.deregister(session);
    }
  });
