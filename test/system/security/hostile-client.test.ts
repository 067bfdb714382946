/** Clients of the API whose tokens allow little, or who have none, and who want more. */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { callAgent } from '#test/support/agent.ts';
import { type AgentProcess, type Cluster, startCluster } from '#test/support/cluster.ts';
import { withToken } from '#test/support/standalone.ts';
import { until } from '#test/support/until.ts';

const SECRET = 'correct horse battery staple';
const encryption = { ATTUNE__SECURITY__ENCRYPTION_KEY: 'e5'.repeat(32) };
/** Executions that a token may have at once, on the server of these tests. */
const MOST_UNFINISHED = 20;
let cluster: Cluster;
let server: AgentProcess;

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
      greets: {
        yaml: 'env_vars: [GREETING, API]\napi_scopes: [submit, read]\nrunner_type: shell\n',
        script: `#!/bin/bash
echo "greeting $GREETING"
for body in '{"inline":{"runtime":"shell","code":"id"}}' '{"action_ref":"life.greets","env_vars":{"BASH_ENV":"/tmp/x"}}'; do
  command -v curl >/dev/null && curl -s -o /dev/null -w 'code %{http_code}\\n' -H "authorization: Bearer $ATTUNE_API_TOKEN" \\
    -H 'content-type: application/json' -d "$body" "$API/api/v1/executions"
done
true
`,
      },
    },
  });
  server = cluster.startServer({ ...encryption, ATTUNE__SERVER__MOST_UNFINISHED: String(MOST_UNFINISHED) });
  await cluster.answers();
  cluster.startWorker('w1', encryption);
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
  const nearly = { action_ref: 'life.say', parameters: {} };
  expect(await mallory('executions', nearly)).toMatchObject([404, { detail: "there is no action 'life.say'" }]);
  const reader = callerWith('mallory reads', 'submit', 'read');
  expect(await reader('executions', nearly)).toMatchObject([404, { detail: expect.stringContaining("'life.says'") }]);
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

test('a token has as many executions that have not ended as it may, and takes nothing from others', async () => {
  const [greedy, modest] = [callerWith('greedy', 'submit'), callerWith('modest', 'submit')];
  const waiting = { action_ref: 'life.says', worker_selector: { zone: 'nowhere' } };
  const key = { 'idempotency-key': 'first' };
  const [, first] = await greedy('executions', waiting, key);
  const burst = await Promise.all(Array.from({ length: 40 }, () => greedy('executions', waiting)));
  const statuses = burst.map(([status]) => status);
  expect(statuses.filter((one) => one === 201)).toHaveLength(MOST_UNFINISHED - 1);
  expect(burst.find(([status]) => status === 429)?.[1]).toMatchObject({ code: 'too-many-unfinished' });
  expect(new Set(statuses)).toEqual(new Set([201, 429]));
  for (const [path, body, headers] of [
    ['executions', waiting, { 'idempotency-key': 'second' }],
    [`executions/${first.id}/rerun`, {}, {}],
  ] as const)
    expect(await greedy(path, body, headers)).toMatchObject([429, { code: 'too-many-unfinished' }]);
  expect(await greedy('executions', waiting, key)).toMatchObject([200, { id: first.id }]);
  expect((await modest('executions', waiting))[0]).toBe(201);
  await greedy(`executions/${first.id}/cancel`, {});
  await until('a place is free again', async () => (await greedy('executions', waiting))[0] === 201);
});

test('no view shows a secret parameter: not of a reader, not of an admin, not when its action is gone', async () => {
  const reader = callerWith('reader', 'read');
  const parameters = { word: 'open', password: SECRET, hosts: [{ key: `${SECRET} 2` }] };
  const id = await cluster.submit('says', parameters);
  await cluster.reaches(id, 'completed');
  const views = async (): Promise<readonly string[]> => [
    JSON.stringify(await reader(`executions/${id}`)),
    JSON.stringify(await reader('executions?limit=5&fields=parameters,result,status')),
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

const steering = [
  ...['PATH', 'BASH_ENV', 'ENV', 'LD_PRELOAD', 'LD_LIBRARY_PATH', 'PYTHONPATH', 'PYTHONSTARTUP', 'NODE_OPTIONS'],
  ...['PERL5OPT', 'RUBYOPT', 'JAVA_TOOL_OPTIONS', 'GIT_SSH_COMMAND', 'IFS', 'HOME', 'http_proxy', 'BASH_FUNC_id%%'],
  ...['ATTUNE_API_URL', 'ATTUNE_EXEC_ID', 'PHP_INI_SCAN_DIR', 'R_PROFILE_USER', 'GOFLAGS', 'RUSTC_WRAPPER', 'OTHER'],
  ...['TAR_OPTIONS', 'MAKEFILES', 'GNUMAKEFLAGS', 'XDG_CONFIG_HOME', 'KUBECONFIG', 'RSYNC_RSH', 'SUDO_ASKPASS'],
];

test('a request sets no variable that the action does not open, and none that steers programs', async () => {
  const mallory = callerWith('steerer', 'submit', 'inline');
  for (const name of steering) {
    const env_vars = { [name]: '/tmp/evil' };
    const [status, { code }] = await mallory('executions', { action_ref: 'life.greets', env_vars });
    expect([name, status, code]).toEqual([name, code === 'invalid-request' ? 400 : 422, code]);
    if (name === 'OTHER') continue;
    const [inline] = await mallory('executions', { inline: { runtime: 'shell', code: 'id' }, env_vars });
    expect([400, 422]).toContain(inline);
  }
  const [status, { id }] = await mallory('executions', { action_ref: 'life.greets', env_vars: { GREETING: 'hello' } });
  expect(status).toBe(201);
  const { result } = await cluster.reaches(id, 'completed');
  expect(result?.['stdout']).toStartWith('greeting hello\n');
  /* What an earlier version let through is not repeated either. */
  await cluster.sql`UPDATE execution SET env_vars = '{"BASH_ENV": "/tmp/evil"}' WHERE id = ${id}`;
  expect(await mallory(`executions/${id}/rerun`, {})).toMatchObject([422, { code: 'invalid-parameters' }]);
  expect((await cluster.api(`executions/${id}/rerun`, { method: 'POST' })).status).toBe(422);
}, 60_000);

test('an action cannot open a variable that steers programs', () => {
  for (const name of steering.filter((one) => one !== 'OTHER')) {
    cluster.packs.file('bad/pack.yaml', 'ref: bad\nversion: 1.0.0\n');
    cluster.packs.file('bad/actions/opens.yaml', `entry_point: opens.sh\nenv_vars: ["${name}"]\n`);
    cluster.packs.file('bad/actions/opens.sh', 'id\n');
    const run = callAgent(['run', 'bad.opens'], { env: cluster.env });
    expect([name, run.exitCode !== 0, run.stderr.includes('env_vars')]).toEqual([name, true, true]);
  }
});

test('code that comes with a request needs the scope inline, also to be repeated, and a worker that takes it', async () => {
  const inline = { inline: { runtime: 'shell', code: 'id' } };
  const [submitter, coder] = [callerWith('submitter', 'submit'), callerWith('coder', 'submit', 'inline')];
  expect(await submitter('executions', inline)).toMatchObject([403, { code: 'missing-scope' }]);
  const [status, { id }] = await coder('executions', inline);
  expect(status).toBe(201);
  await cluster.reaches(id, 'completed');
  await cluster.sql`UPDATE execution SET requested_by = (SELECT id::text FROM api_token WHERE name = 'submitter')
    WHERE id = ${id}`;
  expect(await submitter(`executions/${id}/rerun`, {})).toMatchObject([403, { code: 'missing-scope' }]);
}, 60_000);

test('the token of an action can neither bring code nor steer programs', async () => {
  const id = await cluster.submit('greets', {}, { env_vars: { GREETING: 'x', API: cluster.url } });
  const { result } = await cluster.reaches(id, 'completed');
  const codes = String(result?.['stdout']).match(/code \d+/g) ?? [];
  if (Bun.which('curl') !== null) expect(codes).toEqual(['code 403', 'code 422']);
}, 60_000);

test('a worker that takes no code gets none, and refuses it when it comes all the same', async () => {
  const label = { zone: 'strict' };
  const strict = cluster.startWorker('w2', {
    ATTUNE__WORKER__INLINE: 'false',
    ATTUNE__WORKER__LABELS: 'zone=strict',
  });
  await until('it is there', () => strict.said().includes('broker connected'), 60_000);
  const [{ id }] = [
    (
      await callerWith(
        'c2',
        'submit',
        'inline',
      )('executions', {
        inline: { runtime: 'shell', code: 'id' },
        worker_selector: label,
      })
    )[1],
  ];
  const why = async (): Promise<string> =>
    JSON.stringify(await cluster.sql`SELECT status, worker FROM execution WHERE id = ${id}`);
  expect(await why()).toContain('"worker":null');
  /* Again and again: a worker that registers anew says again that it takes none. */
  const offer = () => cluster.sql`UPDATE worker SET capabilities = capabilities - 'inline' WHERE name = 'w2'`;
  await until('it is given to it', async () => (await offer()) && !(await why()).includes('"worker":null'), 120_000);
  const { result } = await cluster.reaches(id, 'failed', 'completed');
  expect(JSON.stringify(result)).toContain('worker.inline');
}, 300_000);

test('connections that send nothing, or never a whole request, are few, while others work', async () => {
  const { hostname, port } = new URL(cluster.url);
  const opened = { count: 0, ended: 0 };
  const sockets = Array.from({ length: 1200 }, (_, n) => {
    const socket = connect(Number(port), hostname);
    socket.on('error', () => {});
    socket.on('close', () => opened.ended++);
    socket.on('connect', () => {
      opened.count++;
      if (n % 2 === 0) socket.write('POST /api/v1/executions HTTP/1.1\r\nhost: x\r\nx-slow: ');
    });
    return socket;
  });
  const haveEnded = (count: number): boolean => {
    for (const socket of sockets) if (socket.writable && !socket.connecting) socket.write('a');
    return opened.count === sockets.length && opened.ended >= count;
  };
  try {
    await until('all are connected, and most have ended', () => haveEnded(sockets.length - 256), 60_000);
    expect(readdirSync(`/proc/${server.pid}/fd`).length).toBeLessThan(256 + 200);
    const id = await cluster.submit('says', { word: 'w', password: 'long enough', hosts: [] });
    expect(await cluster.reaches(id, 'completed', 'failed')).toMatchObject({ status: 'completed' });
    await until('the others end too', () => haveEnded(sockets.length), 90_000);
  } finally {
    for (const socket of sockets) socket.destroy();
  }
}, 150_000);

test('requests that are sent ahead of their answers are not taken by the thousand: others have their turns', async () => {
  const { hostname, port } = new URL(cluster.url);
  for (const path of ['/healthz', '/', '/api/v1/agent/info', '/api/v1/executions']) {
    const ended = Array.from({ length: 20 }, () => {
      const socket = connect(Number(port), hostname);
      const end = Promise.withResolvers<string>();
      let answers = '';
      socket.on('error', () => {});
      socket.on('data', (data) => {
        answers += data.toString();
      });
      socket.on('close', () => end.resolve(answers));
      socket.write(`GET ${path} HTTP/1.1\r\nhost: x\r\n\r\n`.repeat(2000));
      return end.promise;
    });
    for (const answers of await Promise.all(ended)) expect(answers.split('HTTP/1.1 ').length - 1).toBeLessThan(10);
  }
  expect((await fetch(`${cluster.url}/healthz`)).status).toBe(200);
}, 120_000);
