import { expect } from 'bun:test';
import { grantRoles, migrate } from '#adapters/store/postgres/migrate.ts';
import { openPostgresStore } from '#adapters/store/postgres/store.ts';
import { createCiphers } from '#crypto/cipher.ts';
import { PACK_ENVIRONMENT_STATUSES } from '#domain/environment-ledger.ts';
import { EXECUTION_STATUSES } from '#domain/execution-status.ts';
import type { Store } from '#domain/store.ts';
import { openSql, schema } from '#test/support/schema.ts';
import { serversTest, sharedPostgres } from '#test/support/servers-test.ts';
import { ledgerContract } from './ledger-contract.ts';
import { ledgerWorld } from './samples.ts';
import { agreementContract } from './store/agreement/contract.ts';
import { controlPlaneContract, ownerContract, workerContract } from './store/contract.ts';
import { type OpenedDatabase, transitionsContract } from './store/transitions.ts';

const server = sharedPostgres();

const titled: Parameters<typeof workerContract>[0] = (title, body) => serversTest(`PostgreSQL: ${title}`, body);

async function makeRoles(url: string): Promise<void> {
  const sql = openSql(url);
  await migrate(sql, schema);
  expect(await grantRoles(sql)).toEqual([]);
  for (const role of ['worker', 'server'])
    await sql.unsafe(
      `DO $$ BEGIN CREATE ROLE contract_${role} LOGIN IN ROLE attune_${role}; EXCEPTION WHEN duplicate_object THEN END $$`,
    );
  await sql.end();
}

/** A database with the roles, and its store by a login of one of them. */
async function openRoles(): Promise<{ readonly url: string; storeOf(role: 'worker' | 'server'): Store }> {
  const url = await server().createDatabase(makeRoles);
  const storeOf = (role: 'worker' | 'server'): Store => {
    const address = new URL(url);
    address.username = `contract_${role}`;
    return openPostgresStore(address.href, { ciphers: createCiphers('5e'.repeat(32)) });
  };
  return { url, storeOf };
}

/** What a worker does by a login that may only act as one, the rest by that of a server. */
async function openAsWorkerRole(): Promise<Store> {
  return asWorkerRole((await openRoles()).storeOf);
}

function asWorkerRole(storeOf: (role: 'worker' | 'server') => Store): Store {
  const [worker, control] = [storeOf('worker'), storeOf('server')];
  const { register, heartbeat, claim, appendLogs, settle, beginDrain, pause, deregister } = worker;
  const { beginEnvironment, renewEnvironment, endEnvironment, forgetEnvironments } = worker;
  return {
    ...control,
    ...{ register, heartbeat, claim, appendLogs, settle, beginDrain, pause, deregister },
    ...{ beginEnvironment, renewEnvironment, endEnvironment, forgetEnvironments },
    [Symbol.asyncDispose]: async () => {
      await worker[Symbol.asyncDispose]();
      await control[Symbol.asyncDispose]();
    },
  };
}

const openServer = async (): Promise<Store> => (await openRoles()).storeOf('server');

async function openDatabase(role: 'worker' | 'server'): Promise<OpenedDatabase> {
  const { url, storeOf } = await openRoles();
  const sql = openSql(url);
  const store = role === 'worker' ? asWorkerRole(storeOf) : storeOf('server');
  const [column] = await sql<{ group: string }[]>`
    SELECT split_part(pg_get_expr(d.adbin, d.adrelid), 'THEN', 1) AS group
    FROM pg_attribute a JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE a.attrelid = 'execution'::regclass AND a.attname = 'indexed_status'`;
  return {
    store,
    query: async (text) => await sql.unsafe(text),
    assignedGroup: column?.group ?? '',
    [Symbol.asyncDispose]: async () => {
      await store[Symbol.asyncDispose]();
      await sql.end();
    },
  };
}

const as =
  (role: string): typeof titled =>
  (title, body) =>
    titled(`as ${role}: ${title}`, body);

workerContract(as('attune_worker'), openAsWorkerRole);
transitionsContract(as('attune_worker'), () => openDatabase('worker'));
ledgerContract(as('attune_worker'), ledgerWorld(openAsWorkerRole));
workerContract(as('attune_server'), openServer);
controlPlaneContract(as('attune_server'), openServer);
ledgerContract(as('attune_server'), ledgerWorld(openServer));
ownerContract(as('attune_server'), openServer);
agreementContract(as('attune_server'), () => openDatabase('server'));

serversTest('PostgreSQL: the columns named status accept what the domain lists, and nothing else', async () => {
  const sql = openSql((await openRoles()).url);
  const accepted = async (table: string): Promise<readonly string[]> => {
    const [constraint] = await sql<{ definition: string }[]>`
      SELECT pg_get_constraintdef(oid) AS definition FROM pg_constraint WHERE conname = ${`${table}_status_check`}`;
    return [...(constraint?.definition.matchAll(/'([a-z]+)'/g) ?? [])].map(([, text]) => text ?? '').toSorted();
  };
  expect(await accepted('execution')).toEqual(EXECUTION_STATUSES.toSorted());
  expect(await accepted('pack_environment')).toEqual(PACK_ENVIRONMENT_STATUSES.toSorted());
  await sql.end();
});
