import { Database } from 'bun:sqlite';
import { test } from 'bun:test';
import { join } from 'node:path';
import { openSqliteStore } from '#adapters/store/sqlite/store.ts';
import { createCiphers } from '#crypto/cipher.ts';
import type { Store } from '#domain/store.ts';
import { type TemporaryDirectory, temporaryDirectory } from '#test/support/temporary.ts';
import { ledgerContract } from './ledger-contract.ts';
import { ledgerWorld } from './samples.ts';
import { agreementContract } from './store/agreement/contract.ts';
import { controlPlaneContract, ownerContract, workerContract } from './store/contract.ts';
import { type OpenedDatabase, transitionsContract } from './store/transitions.ts';

const FILE = 'data/attune.db';
const titled: Parameters<typeof workerContract>[0] = (title, body) => test(`SQLite: ${title}`, body);

async function open(): Promise<Store> {
  return openIn(temporaryDirectory());
}

function openIn(directory: TemporaryDirectory): Store {
  const store = openSqliteStore(join(directory.path, FILE), Date.now, createCiphers('5e'.repeat(32)));
  const close = async (): Promise<void> => {
    await store[Symbol.asyncDispose]();
    directory[Symbol.dispose]();
  };
  return { ...store, [Symbol.asyncDispose]: close };
}

async function openDatabase(): Promise<OpenedDatabase> {
  const directory = temporaryDirectory();
  const store = openIn(directory);
  const database = new Database(join(directory.path, FILE));
  const index = database
    .query<{ sql: string }, []>("SELECT sql FROM sqlite_master WHERE name = 'execution_active_by_worker'")
    .get();
  return {
    store,
    query: async (text) => database.query<object, []>(text).all(),
    assignedGroup: index?.sql ?? '',
    [Symbol.asyncDispose]: async () => {
      database.close();
      await store[Symbol.asyncDispose]();
    },
  };
}

workerContract(titled, open);
transitionsContract(titled, openDatabase);
agreementContract(titled, openDatabase);
controlPlaneContract(titled, open);
ledgerContract(titled, ledgerWorld(open));
ownerContract(titled, open);
