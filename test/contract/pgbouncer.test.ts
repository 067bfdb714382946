import { afterAll, beforeAll, expect } from 'bun:test';
import { openUnnamed } from '#adapters/store/postgres/connect.ts';
import { migrate } from '#adapters/store/postgres/migrate.ts';
import { openPostgresStore } from '#adapters/store/postgres/store.ts';
import { createCiphers } from '#crypto/cipher.ts';
import type { Store } from '#domain/store.ts';
import { setOddDefaults } from '#test/support/odd-defaults.ts';
import { type Pooler, startPgBouncer } from '#test/support/pgbouncer.ts';
import { schema } from '#test/support/schema.ts';
import { serversTest, sharedPostgres } from '#test/support/servers-test.ts';
import { ledgerContract } from './ledger-contract.ts';
import { ledgerWorld } from './samples.ts';
import { controlPlaneContract, workerContract } from './store/contract.ts';

const server = sharedPostgres();
let pooler: Pooler | undefined;

async function migrated(url: string): Promise<void> {
  const sql = await openUnnamed(url);
  await migrate(sql, schema);
  await sql.end();
}

/** The address of a new database whose sessions have odd defaults, by a PgBouncer in transaction mode. */
async function createDatabase(fill?: typeof migrated): Promise<string> {
  const url = await server().createDatabase(fill);
  await setOddDefaults(url);
  pooler ??= await startPgBouncer(new URL(url).port, ['attune']);
  return pooler.by(url);
}

beforeAll(() => {
  pooler = undefined;
});
afterAll(async () => await pooler?.[Symbol.asyncDispose]());

const titled: Parameters<typeof workerContract>[0] = (title, body) => serversTest(`by PgBouncer: ${title}`, body);

async function open(): Promise<Store> {
  return openPostgresStore(await createDatabase(migrated), { ciphers: createCiphers('5e'.repeat(32)) });
}

titled('an empty database is migrated', async () => await migrated(await createDatabase()));

workerContract(titled, open);
controlPlaneContract(titled, open);
ledgerContract(titled, ledgerWorld(open));

titled('sessions are nobody’s own: a hundred questions at once over four connections are all answered', async () => {
  await using store = await open();
  const answers = await Promise.all(Array.from({ length: 100 }, () => store.listActions()));
  expect(answers).toEqual(answers.map(() => []));
});
