/** Clients of the API whose tokens allow little, and who want more. */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { callAgent } from '#test/support/agent.ts';
import { type Cluster, startCluster } from '#test/support/cluster.ts';
import { withToken } from '#test/support/standalone.ts';

const SECRET = 'correct horse battery staple';
let cluster: Cluster;

beforeAll(async () => {
  cluster = await startCluster({
    actions: {
      says: {
        yaml: `parameters:
  word: { type: string }
  password: { type: string, secret: true }
  hosts: { type: array, items: { type: object, properties: { key: { type: string, secret: true } } } }
`,
        script: '#!/bin/sh\ncat\n',
      },
    },
  });
  cluster.startServer();
  await cluster.answers();
  cluster.startWorker('w1');
}, 120_000);

afterAll(async () => await cluster?.[Symbol.asyncDispose](), 60_000);

interface Answer {
  readonly id: number;
  readonly code?: string;
  readonly parameters: unknown;
  readonly result: unknown;
}

type Caller = (path: string, body?: object, headers?: Record<string, string>) => Promise<[number, Answer]>;

function callerWith(name: string, ...scopes: readonly string[]): Caller {
  const options = scopes.flatMap((scope) => ['--scope', scope]);
  const made = callAgent(['token', 'create', '--name', name, ...options], { env: cluster.env });
  const token = /att_\S+/.exec(made.stdout)?.[0];
  if (token === undefined) throw new Error(made.stderr);
  return async (path, body, headers = {}) => {
    const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body), headers };
    const response = await fetch(`${cluster.url}/api/v1/${path}`, withToken(token, init));
    return [response.status, (await response.json()) as Answer];
  };
}

test('a token that may only submit reads nothing by the answers of requests, cancels and reruns', async () => {
  const mallory = callerWith('mallory', 'submit');
  const victim = await cluster.submit('says', { word: 'private', password: SECRET });
  await cluster.reaches(victim, 'completed');
  for (const path of [`executions/${victim}/cancel`, `executions/${victim}/rerun`])
    expect(await mallory(path, {})).toMatchObject([404, { code: 'not-found' }]);
  const [status, own] = await mallory('executions', { action_ref: 'life.says', parameters: { word: 'hello' } });
  expect([status, own.parameters, own.result]).toEqual([201, null, null]);
  await cluster.reaches(own.id, 'completed');
  expect(await mallory(`executions/${own.id}/cancel`, {})).toMatchObject([202, { parameters: null, result: null }]);
  expect(await mallory(`executions/${own.id}/rerun`, {})).toMatchObject([201, { parameters: null, result: null }]);
  for (const path of [`executions/${own.id}`, `executions/${own.id}/logs/stream`, 'executions'])
    expect(await mallory(path)).toMatchObject([403, { code: 'missing-scope' }]);
}, 60_000);

test('an idempotency key of somebody else names nothing', async () => {
  const [alice, bob] = [callerWith('alice', 'submit'), callerWith('bob', 'submit')];
  const request = { action_ref: 'life.says', parameters: { word: 'mine' } };
  const key = { 'idempotency-key': 'guessed' };
  const [, first] = await alice('executions', request, key);
  const [status, second] = await bob('executions', request, key);
  expect(status).toBe(201);
  expect(second.id).not.toBe(first.id);
  expect(await alice('executions', request, key)).toMatchObject([200, { id: first.id }]);
});

test('no view shows a secret parameter: not of a reader, not of an admin, not when its action is gone', async () => {
  const reader = callerWith('reader', 'read');
  const parameters = { word: 'open', password: SECRET, hosts: [{ key: `${SECRET} 2` }] };
  const id = await cluster.submit('says', parameters);
  await cluster.reaches(id, 'completed');
  const views = async (): Promise<readonly string[]> => [
    JSON.stringify(await reader(`executions/${id}`)),
    JSON.stringify(await reader('executions?limit=5')),
    await (await cluster.api(`executions/${id}`)).text(),
    await (await cluster.api(`executions/${id}/logs/stream`)).text(),
    await (await cluster.api(`executions/${id}/rerun`, { method: 'POST' })).text(),
    await (await cluster.api(`executions/${id}/cancel`, { method: 'POST' })).text(),
  ];
  for (const view of await views()) {
    expect(view).not.toContain(SECRET);
    expect(view).toContain('"word":"open"');
  }
  await cluster.sql`UPDATE execution SET action = NULL WHERE id = ${id}`;
  for (const view of await views()) expect(view).not.toContain(SECRET);
  const { parameters: masked } = (await (await cluster.api(`executions/${id}`)).json()) as Answer;
  expect(masked).toEqual({ word: '********', password: '********', hosts: '********' });
}, 60_000);
