import { test } from 'bun:test';
import { join } from 'node:path';
import { openSqliteStore } from '#store/sqlite/store.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { storeContract } from './store-contract.ts';

storeContract(
  (title, body) => test(`SQLite: ${title}`, body),
  async () => {
    const directory = temporaryDirectory();
    const store = openSqliteStore(join(directory.path, 'data/attune.db'), Date.now);
    const close = async (): Promise<void> => {
      await store[Symbol.asyncDispose]();
      directory[Symbol.dispose]();
    };
    return { ...store, [Symbol.asyncDispose]: close };
  },
);
