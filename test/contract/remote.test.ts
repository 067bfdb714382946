/** A worker's store by the API of a server: the same contract as the store behind it. */
import { test } from 'bun:test';
import { join } from 'node:path';
import { openRemoteStore } from '#adapters/remote/store.ts';
import { openSqliteStore } from '#adapters/store/sqlite/store.ts';
import { serveApi } from '#control-plane/api/api.ts';
import { createToken } from '#control-plane/api/auth.ts';
import { createCiphers } from '#crypto/cipher.ts';
import type { OutboxMessage } from '#domain/messages.ts';
import type { Store } from '#domain/store.ts';
import { apiOn } from '#test/support/api-in-process.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';
import { ledgerContract } from './ledger-contract.ts';
import { ledgerWorld } from './samples.ts';
import { workerContract } from './store/contract.ts';

/** Everything but AgentStore is asked of the store itself; what the server would publish is handed to the contract. */
async function open(): Promise<Store> {
  const resources = new AsyncDisposableStack();
  const directory = resources.use(temporaryDirectory());
  const store = resources.use(
    openSqliteStore(join(directory.path, 'attune.db'), Date.now, createCiphers('5e'.repeat(32))),
  );
  let left: readonly OutboxMessage[] = [];
  const relay = {
    publish: (messages: readonly OutboxMessage[]) => {
      left = [...left, ...messages];
    },
    sweep: async () => {},
    idle: async () => {},
  };
  const api = resources.use(
    serveApi(apiOn({ store, relay, directory: directory.path, resources }), { host: '127.0.0.1', port: 0 }),
  );
  const { secret, token } = createToken('worker', ['worker']);
  await store.saveToken(token);
  const remote = openRemoteStore({ url: api.url, token: secret });
  const withMessages = async <T extends object>(
    answer: Promise<T>,
  ): Promise<T & { messages: readonly OutboxMessage[] }> => {
    const value = await answer;
    const messages = left;
    left = [];
    return { ...value, messages };
  };
  return {
    ...store,
    register: remote.register,
    heartbeat: remote.heartbeat,
    appendLogs: remote.appendLogs,
    deregister: remote.deregister,
    beginEnvironment: remote.beginEnvironment,
    renewEnvironment: remote.renewEnvironment,
    endEnvironment: remote.endEnvironment,
    forgetEnvironments: remote.forgetEnvironments,
    claim: (...given) => withMessages(remote.claim(...given)),
    settle: (...given) => withMessages(remote.settle(...given)),
    pause: (...given) => withMessages(remote.pause(...given)),
    beginDrain: (...given) => withMessages(remote.beginDrain(...given)),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

workerContract((title, body) => test(`remote: ${title}`, body), open);
ledgerContract((title, body) => test(`remote: ${title}`, body), ledgerWorld(open));
