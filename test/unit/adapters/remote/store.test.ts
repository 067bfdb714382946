import { expect, test } from 'bun:test';
import { UnreadableAnswer } from '#adapters/remote/http.ts';
import { openRemoteStore } from '#adapters/remote/store.ts';
import { workerId } from '#domain/ids.ts';
import { newerServer } from '#test/support/newer-server.ts';

const session = { worker: workerId(1), instance: 'i' };

test('an answer with more fields than this version knows is read as if it had none of them', async () => {
  await using server = newerServer({ kind: 'alive', isCordoned: false, claims: [], mood: 'good' });
  const store = openRemoteStore({ url: server.url, token: 'att_x' });
  expect(await store.heartbeat(session, 1000)).toEqual({ kind: 'alive', isCordoned: false, claims: [], scheduled: [] });
});

test('an answer of a wrong shape makes a worker wait, with the call, the field and the version of the server', async () => {
  await using server = newerServer({ kind: 'alive', isCordoned: 'no', claims: [] });
  const store = openRemoteStore({ url: server.url, token: 'att_x' });
  const why: unknown = await store.heartbeat(session, 1000).catch((error: unknown) => error);
  expect(why).toBeInstanceOf(UnreadableAnswer);
  expect(String(why)).toMatch(/worker\/heartbeat: .*isCordoned: .*version 9\.0\.0/);
});
