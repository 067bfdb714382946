/** Generated workers and executions: both stores must lead to the same choice. */
import { expect } from 'bun:test';
import { join } from 'node:path';
import fc from 'fast-check';
import { migrate } from '#adapters/store/postgres/migrate.ts';
import { openPostgresStore } from '#adapters/store/postgres/store.ts';
import { openSqliteStore } from '#adapters/store/sqlite/store.ts';
import { planBatch } from '#control-plane/scheduler/plan.ts';
import { executionId } from '#domain/ids.ts';
import type { Decision } from '#domain/schedule-store.ts';
import type { Store } from '#domain/store.ts';
import { TAINT_EFFECTS } from '#domain/worker.ts';
import { openSql, schema } from '#test/support/schema.ts';
import { sharedPostgres, serversTest as test } from '#test/support/servers-test.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';
import { action, capabilities, pack, registrationRequest, runtime } from './samples.ts';

const server = sharedPostgres();

const anyWorker = fc.record({
  runtimes: fc.subarray(['shell', 'python', 'node']),
  max_concurrent_executions: fc.integer({ min: 0, max: 3 }),
  labels: fc.dictionary(fc.constantFrom('zone', 'gpu'), fc.constantFrom('a', 'b')),
  taints: fc.array(
    fc.record({
      key: fc.constantFrom('k'),
      value: fc.constantFrom('1', '2'),
      effect: fc.constantFrom(...TAINT_EFFECTS),
    }),
    { maxLength: 1 },
  ),
});

const anyAction = fc.record({
  runtime: fc.constantFrom('shell', 'python3', 'nodejs', 'ruby').map(runtime),
  runtimeVersion: fc.constantFrom(undefined, '3.12', '>=4'),
  requiredRuntimes: fc.subarray(['python']),
  workerSelector: fc.dictionary(fc.constantFrom('zone', 'gpu'), fc.constantFrom('a', 'b'), { maxKeys: 1 }),
  workerTolerations: fc.array(fc.record({ key: fc.constant('k'), value: fc.constantFrom('1', '2') }), { maxLength: 1 }),
});

const anyWorld = fc.record({
  workers: fc.array(anyWorker, { maxLength: 4 }),
  actions: fc.array(anyAction, { minLength: 1, maxLength: 4 }),
  requests: fc.array(
    fc.record({ action: fc.nat(3), selector: fc.option(fc.constant({ zone: 'a' }), { nil: undefined }) }),
    { maxLength: 12 },
  ),
});

type World = typeof anyWorld extends fc.Arbitrary<infer T> ? T : never;

/** What is decided, by positions: ids differ between databases. */
async function decide(store: Store, world: World): Promise<unknown> {
  const name = (n: number): string => `a${n % world.actions.length}`;
  const actions = world.actions.map((one, n) => action(name(n), one));
  await store.savePack({ pack, runtimes: [], actions });
  const workers: string[] = [];
  for (const [n, one] of world.workers.entries()) {
    const registered = await store.register(registrationRequest(`w${n}`, { capabilities: capabilities(one) }), 60_000);
    if (registered.kind === 'registered') workers.push(registered.worker);
  }
  const { executions } = await store.request(
    world.requests.map((one) => ({ actionRef: `demo.${name(one.action)}`, parameters: {}, selector: one.selector })),
  );
  const decisions: Decision[] = [];
  await store.schedule({ limit: () => 50, leaseMs: 60_000 }, (requests, loads) => {
    decisions.push(...planBatch(requests, loads, { schedulingDeadlineMs: 0, overcommit: () => 0 }));
    return decisions;
  });
  const place = (execution: string): number => executions.indexOf(executionId(execution));
  return decisions
    .map((one) => ({
      ...one,
      execution: place(one.execution),
      ...(one.kind === 'dispatch' ? { worker: workers.indexOf(one.worker) } : {}),
    }))
    .toSorted((a, b) => a.execution - b.execution);
}

test('property: PostgreSQL and SQLite lead to the same decisions', async () => {
  const url = await server().createDatabase();
  const sql = openSql(url);
  await migrate(sql, schema);
  using directory = temporaryDirectory();
  let n = 0;
  await fc.assert(
    fc.asyncProperty(anyWorld, async (world) => {
      await sql`TRUNCATE execution, worker, action, runtime, pack, outbox RESTART IDENTITY CASCADE`;
      /* New stores: a store remembers whose turn it is. */
      await using postgres = openPostgresStore(url);
      await using sqlite = openSqliteStore(join(directory.path, `${n++}.db`), Date.now);
      expect(await decide(sqlite, world)).toEqual(await decide(postgres, world));
    }),
    { numRuns: 60 },
  );
  await sql.end();
});
