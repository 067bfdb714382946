/** Claims that were rows of their own, before the row of an execution said who has claimed it. */
import { expect } from 'bun:test';
import { migrate } from '#adapters/store/postgres/migrate.ts';
import { openPostgresStore } from '#adapters/store/postgres/store.ts';
import { executionId, workerId } from '#domain/ids.ts';
import { migrateBefore, openSql, schema } from '#test/support/schema.ts';
import { serversTest, sharedPostgres } from '#test/support/servers-test.ts';
import { completed, ended, LEASE_MS } from './store/fixtures.ts';

const server = sharedPostgres();
/** The migration that has removed the table of claims. */
const REMOVED = 33;

/** What a server of the version before recovers by. */
const RECOVER_AS_BEFORE = `
  WITH lost AS (
    SELECT e.id, c.attempt FROM execution_claim c JOIN execution e ON e.id = c.execution
    WHERE c.lease_expires_at < now() AND e.status IN ('running', 'canceling')
    ORDER BY c.lease_expires_at LIMIT 10 FOR UPDATE OF e, c SKIP LOCKED
  ), freed AS (
    DELETE FROM execution_claim c USING lost WHERE c.execution = lost.id
  )
  UPDATE execution e SET status = 'requested', worker = NULL FROM lost WHERE e.id = lost.id RETURNING e.id::int`;

serversTest(
  'what runs while the database is migrated is still claimed, and a server of before can recover it',
  async () => {
    const url = await server().createDatabase();
    const sql = openSql(url);
    await migrateBefore(sql, REMOVED);
    await sql.unsafe(`
    INSERT INTO worker (name, worker_type, status, last_heartbeat, lease_expires_at, meta) VALUES
      ('w1', 'container', 'active', now(), now() + interval '1 minute', '{"instance": "i"}');
    INSERT INTO execution (action_ref, status, worker, attempt) VALUES ('p.a', 'running', 1, 1), ('p.a', 'running', 1, 2);
    INSERT INTO execution_claim (execution, attempt, worker, instance, lease_expires_at) VALUES
      (1, 1, 1, 'i', now() + interval '1 minute'), (2, 2, 1, 'i', now() + interval '1 minute');
    INSERT INTO execution_attempt (execution, attempt, worker) VALUES (1, 1, 1), (2, 2, 1);`);
    await migrate(sql, schema);
    const store = openPostgresStore(url);
    const session = { worker: workerId(1), instance: 'i' };
    const beat = await store.heartbeat(session, LEASE_MS);
    expect(beat.kind === 'alive' && beat.claims.map((one) => [one.execution, one.attempt])).toEqual([
      [executionId(1), 1],
      [executionId(2), 2],
    ]);
    const first = { execution: executionId(1), attempt: 1 } as Parameters<typeof ended>[1];
    expect((await store.settle([ended(session, first, completed)])).accepted).toEqual([executionId(1)]);
    expect(await sql.unsafe(RECOVER_AS_BEFORE)).toHaveLength(0);
    await sql`UPDATE worker SET lease_expires_at = now() - interval '1 second'`;
    const recovered = await sql.unsafe<{ id: number }[]>(RECOVER_AS_BEFORE);
    expect(recovered.map((one) => one.id)).toEqual([2]);
    expect([...(await sql`SELECT FROM execution_claim`)]).toEqual([]);
    await store[Symbol.asyncDispose]();
    await sql.end();
  },
);
