import { test } from 'bun:test';
import { join } from 'node:path';
import { openSqliteStore } from '#adapters/store/sqlite/store.ts';
import { createCipher } from '#crypto/cipher.ts';
import type { Store } from '#domain/store.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';
import { ledgerContract } from './ledger-contract.ts';
import { ledgerWorld } from './samples.ts';
import { controlPlaneContract, ownerContract, workerContract } from './store/contract.ts';

const titled: Parameters<typeof workerContract>[0] = (title, body) => test(`SQLite: ${title}`, body);

async function open(): Promise<Store> {
  const directory = temporaryDirectory();
  const store = openSqliteStore(join(directory.path, 'data/attune.db'), Date.now, createCipher('a secret for tests'));
  const close = async (): Promise<void> => {
    await store[Symbol.asyncDispose]();
    directory[Symbol.dispose]();
  };
  return { ...store, [Symbol.asyncDispose]: close };
}

workerContract(titled, open);
controlPlaneContract(titled, open);
ledgerContract(titled, ledgerWorld(open));
ownerContract(titled, open);
