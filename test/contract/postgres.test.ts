import { afterAll, beforeAll } from 'bun:test';
import { openPostgres } from '#store/postgres/connect.ts';
import { migrate } from '#store/postgres/migrate.ts';
import { migrations } from '#store/postgres/migrations.ts';
import { openPostgresStore } from '#store/postgres/store.ts';
import { type PostgresServer, startPostgres } from '../support/postgres.ts';
import { canHavePostgres, postgresTest } from '../support/postgres-test.ts';
import { storeContract } from './store-contract.ts';

let server: PostgresServer;

beforeAll(async () => {
  if (canHavePostgres) server = await startPostgres();
}, 300_000);

afterAll(async () => {
  if (canHavePostgres) await server[Symbol.asyncDispose]();
}, 60_000);

storeContract(
  (title, body) => postgresTest(`PostgreSQL: ${title}`, body),
  async () => {
    const url = await server.createDatabase();
    const sql = openPostgres(url);
    await migrate(sql, migrations);
    await sql.end();
    return openPostgresStore(url);
  },
);
