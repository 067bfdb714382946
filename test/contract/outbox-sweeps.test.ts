/** Many processes that sweep one outbox: what was left behind is published once, and nothing stays. */
import { expect } from 'bun:test';
import { migrate } from '#adapters/store/postgres/migrate.ts';
import { openPostgresStore } from '#adapters/store/postgres/store.ts';
import { systemClock as clock } from '#cli/wiring/clock.ts';
import { createRelay } from '#domain/outbox-relay.ts';
import { openSql, schema } from '#test/support/schema.ts';
import { serversTest, sharedPostgres } from '#test/support/servers-test.ts';
import { until } from '#test/support/until.ts';

const server = sharedPostgres();
const LEFT = 2000;
const SWEEPERS = 8;

serversTest(`${LEFT} messages that were left behind are published once each by ${SWEEPERS} processes`, async () => {
  const url = await server().createDatabase();
  const sql = openSql(url);
  await migrate(sql, schema);
  await sql.unsafe(`
    INSERT INTO attune.outbox (exchange, routing_key, message, created)
    SELECT 'x', 'k', '{"message_type": "T", "payload": {}}', now() - interval '1 hour' FROM generate_series(1, ${LEFT})`);
  const published: string[] = [];
  const broker = {
    /* A broker takes its time to confirm. */
    publish: async (messages: readonly { readonly messageId: string }[]) => {
      published.push(...messages.map((one) => one.messageId));
      await clock.sleep(100);
    },
    hint: () => {},
    trouble: () => undefined,
  };
  const stop = new AbortController();
  const stores = Array.from({ length: SWEEPERS }, () => openPostgresStore(url));
  const sweeps = stores.map((store) => createRelay({ store, broker, clock }).sweep(stop.signal));
  await until('the outbox is empty', async () => (await sql`SELECT 1 FROM attune.outbox LIMIT 1`).length === 0);
  stop.abort();
  await Promise.all(sweeps);
  expect([published.length, new Set(published).size]).toEqual([LEFT, LEFT]);
  await Promise.all(stores.map((store) => store[Symbol.asyncDispose]()));
  await sql.end();
});
