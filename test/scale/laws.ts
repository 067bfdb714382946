import { claim } from '#adapters/store/postgres/queries/claim.ts';
import { listExecutions } from '#adapters/store/postgres/queries/list-executions.ts';
import { listPacks } from '#adapters/store/postgres/queries/list-packs.ts';
import { measure } from '#adapters/store/postgres/queries/measure.ts';
import { pollLogs } from '#adapters/store/postgres/queries/poll-logs.ts';
import { savePacks } from '#adapters/store/postgres/queries/save-pack.ts';
import { openPostgresStore } from '#adapters/store/postgres/store.ts';
import { planBatch } from '#control-plane/scheduler/plan.ts';
import { executionId, workerId } from '#domain/ids.ts';
import type { Plan, RequestedExecution, WorkerLoad } from '#domain/schedule-store.ts';
import { action, pack } from '#test/contract/samples.ts';
import { addActions, addChunks, addEnded, type Bed } from './database.ts';

/** How something is to grow, and how to measure it at a size. Sizes come in order, in one database. */
export interface Law {
  readonly what: string;
  /** What the size counts. */
  readonly of: string;
  readonly unit: string;
  readonly sizes: readonly [number, number, number];
  readonly wanted: string;
  at(bed: Bed, size: number): Promise<number>;
}

const ACTIVE = ['requested', 'scheduled', 'running', 'canceling'] as const;
const everything = { statuses: undefined, actionRef: undefined, worker: undefined, before: undefined, limit: 51 };
const plan: Plan = (requests, workers) =>
  planBatch(requests, workers, { schedulingDeadlineMs: 300_000, overcommit: () => 0 });

async function timed(work: () => unknown): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

const scheduling: readonly Law[] = [
  {
    ...{ what: 'what a pass of the scheduler reads', of: 'actions with 10 waiting each', unit: 'buffers' },
    ...{ sizes: [100, 1000, 10_000], wanted: 'O(batch): constant from 256 on' },
    at: async ({ sql, buffers }, size) => {
      await sql`TRUNCATE execution CASCADE`;
      await addActions(sql, size);
      await sql`INSERT INTO execution (action, action_ref) SELECT a.id, a.ref FROM action a, generate_series(1, 10)`;
      return await buffers(() => sql`SELECT count(*) FROM agent_waiting(1000, 200, NULL, NULL)`);
    },
  },
  {
    ...{ what: 'passes until 10 are scheduled', of: 'others that nobody can run', unit: 'passes' },
    ...{ sizes: [1000, 10_000, 100_000], wanted: 'constant' },
    at: async ({ sql, url }, size) => {
      await sql`TRUNCATE execution CASCADE`;
      await addActions(sql, 2);
      await sql`
        INSERT INTO worker (name, worker_type, status, last_heartbeat, capabilities) VALUES ('w', 'container', 'active',
          now(), '{"runtimes": ["shell"], "max_concurrent_executions": 16}') ON CONFLICT DO NOTHING`;
      await sql`UPDATE worker SET last_heartbeat = now()`;
      await sql`
        INSERT INTO execution (action, action_ref, worker_selector) SELECT a.id, a.ref, '{"gpu": "yes"}'
        FROM action a, generate_series(1, ${size}::int) WHERE a.ref = 'p1.a1'`;
      await sql`INSERT INTO execution (action, action_ref) SELECT a.id, a.ref FROM action a, generate_series(1, 5)`;
      await using store = openPostgresStore(url);
      let passes = 0;
      for (let made = 0; made < 10; passes++)
        made += (await store.schedule({ limit: () => 200, leaseMs: 60_000 }, plan))?.dispatched ?? 0;
      return passes;
    },
  },
  {
    ...{ what: 'choosing workers for 100 executions', of: 'workers', unit: 'ms' },
    ...{ sizes: [50, 500, 5000], wanted: '≤ 20 ms at 5,000' },
    at: async (_, size) => {
      const workers = Array.from({ length: size }, (__, n) => load(n));
      const requests = Array.from({ length: 100 }, (__, n) => requested(n));
      const times: number[] = [];
      for (let n = 0; n < 20; n++) times.push(await timed(() => plan(requests, workers)));
      return Math.min(...times);
    },
  },
];

const reading: readonly Law[] = [
  {
    ...{ what: 'a page of what is active, where nothing is', of: 'ended executions', unit: 'buffers' },
    ...{ sizes: [10_000, 100_000, 1_000_000], wanted: '≤ 20' },
    at: async ({ sql, buffers, caller }, size) => {
      await addEnded(sql, size);
      return await buffers(() => listExecutions(caller, { ...everything, statuses: ACTIVE }));
    },
  },
  {
    ...{ what: 'a page of a worker', of: 'ended executions of it', unit: 'buffers' },
    ...{ sizes: [10_000, 100_000, 1_000_000], wanted: 'constant' },
    at: async ({ sql, buffers, caller }, size) => {
      await addEnded(sql, size);
      return await buffers(() => listExecutions(caller, { ...everything, worker: workerId(1) }));
    },
  },
  {
    ...{ what: 'metrics', of: 'ended executions', unit: 'buffers' },
    ...{ sizes: [10_000, 100_000, 1_000_000], wanted: 'constant' },
    at: async ({ sql, buffers, caller }, size) => {
      await addEnded(sql, size);
      return await buffers(() => measure(caller));
    },
  },
  {
    ...{ what: 'one poll of a follower', of: 'chunks of the log', unit: 'buffers' },
    ...{ sizes: [1000, 4000, 16_000], wanted: 'constant' },
    at: async ({ sql, buffers, caller }, size) => {
      await addChunks(sql, size);
      return await buffers(() => pollLogs(caller, [{ execution: executionId(1), attempt: 1, seq: size / 2 }], 16));
    },
  },
  {
    ...{ what: 'catching up with a log', of: 'chunks of the log', unit: 'buffers' },
    ...{ sizes: [1000, 4000, 16_000], wanted: 'exponent 1' },
    at: async ({ sql, buffers, caller }, size) => {
      await addChunks(sql, size);
      return await buffers(async () => {
        for (let seq = -1; seq < size - 1; seq += 16)
          await pollLogs(caller, [{ execution: executionId(1), attempt: 1, seq }], 16);
      });
    },
  },
  {
    ...{ what: 'the list of packs', of: 'packs of 20 actions', unit: 'buffers' },
    ...{ sizes: [10, 100, 1000], wanted: 'exponent ≤ 1, by index' },
    at: async ({ sql, buffers, caller }, size) => {
      await savePacks(caller, packsOf(size));
      await sql`VACUUM ANALYZE`;
      return await buffers(() => listPacks(caller));
    },
  },
];

const changing: readonly Law[] = [
  {
    ...{ what: 'a claim among keys', of: 'keys of others', unit: 'buffers' },
    ...{ sizes: [1000, 10_000, 100_000], wanted: 'constant' },
    at: async ({ sql, buffers, caller }, size) => {
      await sql`
        INSERT INTO worker (id, name, worker_type, status, meta)
        VALUES (1, 'w', 'container', 'active', '{"instance": "i"}') ON CONFLICT DO NOTHING`;
      await addActions(sql, 1);
      await sql`
        INSERT INTO execution (id, action, action_ref, status, worker)
        SELECT 1, id, ref, 'scheduled', 1 FROM action ON CONFLICT DO NOTHING`;
      await sql`
        INSERT INTO key (ref, owner_type, owner_action_ref, name, encrypted, value)
        SELECT 'k' || n, 'action', 'q.a' || n, 'k', false, '0'
        FROM generate_series((SELECT count(*) + 1 FROM key), ${size}::int) n`;
      await sql`VACUUM ANALYZE key`;
      const offers = [{ execution: executionId(1), attempt: undefined }];
      return await buffers(() => claim(caller, { worker: workerId(1), instance: 'i' }, offers, 60_000));
    },
  },
  {
    ...{ what: 'forgetting a worker', of: 'executions that it ran', unit: 'ms' },
    ...{ sizes: [2000, 20_000, 200_000], wanted: '≤ 50 ms at 200,000' },
    at: async ({ sql }, size) => {
      await sql`INSERT INTO worker (id, name, worker_type) VALUES (1, 'w', 'container') ON CONFLICT DO NOTHING`;
      await addEnded(sql, size);
      await sql`
        INSERT INTO execution_attempt (execution, attempt, worker) SELECT id, 1, 1 FROM execution ON CONFLICT DO NOTHING`;
      return await timed(() => sql`DELETE FROM worker WHERE id = 1`);
    },
  },
  {
    ...{ what: 'starting a server on packs that have not changed', of: 'packs of 20 actions', unit: 'statements' },
    ...{ sizes: [10, 100, 1000], wanted: '≤ 20' },
    at: async ({ statements, caller }, size) => {
      await savePacks(caller, packsOf(size));
      return await statements(() => savePacks(caller, packsOf(size)));
    },
  },
];

export const laws: readonly Law[] = [...scheduling, ...reading, ...changing];

function packsOf(count: number) {
  return Array.from({ length: count }, (_, n) => {
    const own = { ...pack, ref: `p${n}` };
    const actions = Array.from({ length: 20 }, (__, k) => action(`a${k}`, { ref: `p${n}.a${k}`, pack: own }));
    return { pack: own, runtimes: [], actions, checksum: 'c' };
  });
}

function load(n: number): WorkerLoad {
  return {
    ...{ worker: workerId(n + 1), name: `w${n}`, runtimes: ['shell', 'python'], runtimeVersions: {}, labels: {} },
    ...{ taints: [], isCordoned: false, isPaused: false, isFresh: true, isAvoided: false, slots: 16, assigned: n % 3 },
  };
}

function requested(n: number): RequestedExecution {
  const requirements = {
    ...{ runtime: 'shell', versionConstraint: undefined, requiredRuntimes: [], selector: {}, tolerations: [] },
    affinity: { required: [], preferred: [] },
  };
  return { execution: executionId(n + 1), actionRef: 'p.a', ageMs: 0, requirements };
}
