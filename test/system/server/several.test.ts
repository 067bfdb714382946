/** Several servers on one PostgreSQL and one RabbitMQ: any of them answers anything. */
import { afterAll, beforeAll, expect } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Webhook } from 'standardwebhooks';
import { agentFile, callAgent } from '#test/support/agent.ts';
import { call } from '#test/support/call.ts';
import { type AgentProcess, type Cluster, startCluster } from '#test/support/cluster.ts';
import { freePort } from '#test/support/free-port.ts';
import { serversTest as test } from '#test/support/servers-test.ts';
import { withToken } from '#test/support/standalone.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';
import { until } from '#test/support/until.ts';

let cluster: Cluster;
let server: AgentProcess;
let other: string;
let otherServer: AgentProcess;
let startOther: () => AgentProcess;

const actions = {
  slow: { script: 'i=0; while [ $i -lt 20 ]; do echo "line $i"; i=$((i+1)); sleep 0.1; done' },
  quick: { script: 'echo done' },
};

const certificates = temporaryDirectory();
const inCertificates = (name: string): string => join(certificates.path, name);

const forWebhooks = {
  ATTUNE__SECURITY__ENCRYPTION_KEY: 'a passphrase of the test alone',
  ATTUNE__WEBHOOKS__ALLOW_NETWORKS: '127.0.0.0/8',
  NODE_EXTRA_CA_CERTS: inCertificates('ca.pem'),
};

/** Makes a key and a certificate, signed by the authority of the test or by itself. */
function certify(name: string, subject: string, ...more: readonly string[]): void {
  const key = [
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-keyout',
    inCertificates(`${name}.key`),
  ];
  const made = call([
    ...['openssl', 'req', '-x509', '-days', '1', '-subj', subject, ...key, '-out', inCertificates(`${name}.pem`)],
    ...more,
  ]);
  if (made.exitCode !== 0) throw new Error(made.stderr);
}

beforeAll(async () => {
  certify('ca', '/CN=authority of the test');
  const address = ['-addext', 'subjectAltName=IP:127.0.0.1'];
  certify('known', '/CN=known', ...address, '-CA', inCertificates('ca.pem'), '-CAkey', inCertificates('ca.key'));
  certify('unknown', '/CN=unknown', ...address);
  cluster = await startCluster({ actions });
  server = cluster.startServer(forWebhooks);
  await cluster.answers();
  const port = freePort();
  other = `http://127.0.0.1:${port}`;
  startOther = () => cluster.startServer({ ...forWebhooks, ATTUNE__SERVER__PORT: String(port) });
  otherServer = startOther();
  await until(
    'the other server answers',
    () =>
      fetch(`${other}/healthz`).then(
        (one) => one.ok,
        () => false,
      ),
    30_000,
  );
  cluster.startWorker('w-several');
}, 300_000);

afterAll(async () => {
  await cluster[Symbol.asyncDispose]();
  certificates[Symbol.dispose]();
}, 60_000);

const atOther = (path: string, init?: RequestInit): Promise<Response> =>
  fetch(`${other}/api/v1/${path}`, withToken(cluster.token, init));

test('what one server was asked for the other shows, follows and cancels; a key is once for both', async () => {
  const body = JSON.stringify({ action_ref: 'life.slow' });
  const init = { method: 'POST', body, headers: { 'idempotency-key': 'both' } };
  const answers = await Promise.all([cluster.api('executions', init), atOther('executions', init)]);
  const ids = await Promise.all(answers.map(async (one) => ((await one.json()) as { id: number }).id));
  expect([new Set(ids).size, answers.map((one) => one.status).toSorted()]).toEqual([1, [200, 201]]);
  const [id = 0] = ids;
  const streams = await Promise.all(
    [cluster.api, atOther].map(async (ask) => await (await ask(`executions/${id}/logs/stream`)).text()),
  );
  const logOf = (text: string): string =>
    [...text.matchAll(/^event: log\ndata: (.*)$/gm)]
      .map(([, data = '{}']) => Buffer.from((JSON.parse(data) as { data: string }).data, 'base64').toString())
      .join('');
  const expected = Array.from({ length: 20 }, (_, n) => `line ${n}\n`).join('');
  expect(streams.map(logOf)).toEqual([expected, expected]);
  const next = await cluster.submit('slow');
  expect((await atOther(`executions/${next}/cancel`, { method: 'POST' })).status).toBe(202);
  await cluster.reaches(next, 'cancelled');
});

test('a reader whose server is killed goes on at the next one behind what it has', async () => {
  const id = await cluster.submit('slow');
  await cluster.reaches(id, 'running');
  const follower = Bun.spawn([agentFile, 'logs', '-f', String(id), '--api-url', cluster.url], {
    env: { ATTUNE_API_TOKEN: cluster.token },
    stdout: 'pipe',
    stderr: 'ignore',
  });
  const reader = follower.stdout.getReader();
  let said = '';
  const hear = async (): Promise<boolean> => {
    const { value, done } = await reader.read();
    said += new TextDecoder().decode(value);
    return done;
  };
  while (!said.includes('line 3')) if (await hear()) throw new Error(`the reader ended early, after: ${said}`);
  server.signal('SIGKILL');
  await server.ended;
  server = cluster.startServer(forWebhooks);
  while (!(await hear()));
  expect([await follower.exited, said]).toEqual([0, Array.from({ length: 20 }, (_, n) => `line ${n}\n`).join('')]);
});

test('a schedule requests one execution for each of its times, by several servers of which one is killed now and then', async () => {
  const times = 8;
  const { sql } = cluster;
  const body = JSON.stringify({ action_ref: 'life.quick', cron: '0 0 1 1 *', time_zone: 'Europe/Berlin' });
  const made = (await (await cluster.api('schedules', { method: 'POST', body })).json()) as { id: number };
  const rows = async () =>
    await sql<{ id: string }[]>`SELECT id FROM execution WHERE requested_by = ${`schedule ${made.id}`}`;
  for (let n = 1; n <= times; n++) {
    await until('it has a next time', async () => {
      const [row] = await sql`SELECT id FROM schedule WHERE id = ${made.id} AND next_at > now()`;
      return row !== undefined;
    });
    expect(await rows()).toHaveLength(n - 1);
    await sql`UPDATE schedule SET next_at = date_trunc('minute', now()) - ${n} * interval '1 minute' WHERE id = ${made.id}`;
    if (n % 3 === 0) {
      server.signal('SIGKILL');
      await server.ended;
      server = cluster.startServer(forWebhooks);
      await cluster.answers();
    }
  }
  await until('the last one was requested', async () => (await rows()).length >= times);
  const all = await rows();
  expect(all).toHaveLength(times);
  for (const { id } of all) await cluster.reaches(Number(id), 'completed');
  const paused = await (await atOther(`schedules/${made.id}/pause`, { method: 'POST' })).json();
  expect(paused).toMatchObject({ paused: true, next_times: [], last_execution: expect.any(Number), problem: null });
  expect((await atOther(`schedules/${made.id}`, { method: 'DELETE' })).status).toBe(204);
});

/** Takes messages of webhooks; the first try of each is refused. */
function receiver() {
  const tries: { readonly path: string; readonly text: string; readonly headers: Record<string, string> }[] = [];
  const listener = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    fetch: async (request) => {
      const headers: Record<string, string> = {};
      request.headers.forEach((value, name) => {
        headers[name] = value;
      });
      const isNew = !tries.some((one) => one.headers['webhook-id'] === headers['webhook-id']);
      tries.push({ path: new URL(request.url).pathname, text: await request.text(), headers });
      return new Response(null, { status: isNew ? 503 : 204 });
    },
  });
  return { tries, url: `http://127.0.0.1:${listener.port}`, [Symbol.dispose]: () => void listener.stop(true) };
}

test('webhooks and callbacks are signed, tried again, and told once by one of several servers', async () => {
  using outside = receiver();
  const post = async (path: string, body: object, ask = cluster.api) => {
    const answer = await ask(path, { method: 'POST', body: JSON.stringify(body) });
    return { status: answer.status, body: (await answer.json()) as { id: number; secret: string; code: string } };
  };
  const refused = await post('webhooks', { url: 'http://169.254.169.254/latest' });
  expect([refused.status, refused.body.code]).toEqual([422, 'address-refused']);
  const { body: hook } = await post('webhooks', { url: `${outside.url}/hook?key=1`, statuses: ['completed'] });
  expect(await (await atOther(`webhooks/${hook.id}`)).json()).toMatchObject({ url: `${outside.url}/hook?***` });
  const wanted = { action_ref: 'life.quick', callback_url: `${outside.url}/back` };
  expect((await post('executions', wanted)).body.code).toBe('no-callback-secret');
  const { body: own } = await post('callback-secret', {}, atOther);
  const { id } = (await post('executions', wanted)).body;
  await cluster.reaches(id, 'completed');
  await until('both are told again', () => outside.tries.length >= 4);
  expect(outside.tries.map((one) => one.path).toSorted()).toEqual(['/back', '/back', '/hook', '/hook']);
  for (const { path, text, headers } of outside.tries)
    expect(new Webhook(path === '/back' ? own.secret : hook.secret).verify(text, headers)).toMatchObject({
      type: 'execution.completed',
      data: { execution: id, action_ref: 'life.quick', status: 'completed' },
    });
  await until('nothing waits', async () => {
    const rows = await cluster.sql`SELECT id FROM webhook_delivery`;
    return rows.length === 0;
  });
  const told = (await (await atOther(`webhooks/${hook.id}`)).json()) as object;
  expect(told).toMatchObject({ waiting: 0, problem: null, last_delivered: expect.any(String) });
  expect((await post(`webhooks/${hook.id}/test`, {})).body).toMatchObject({ delivered: false, status: 503 });
  expect((await atOther(`webhooks/${hook.id}`, { method: 'DELETE' })).status).toBe(204);
  const rest = outside.tries.length;
  await cluster.reaches(await cluster.submit('quick'), 'completed');
  const left = await cluster.sql`SELECT id FROM webhook_delivery`;
  expect([left.length, outside.tries.length]).toEqual([0, rest]);
});

test('a message goes to a receiver whose certificate is of an authority that the server is told of, and to no other', async () => {
  const listen = (name: string) =>
    Bun.serve({
      ...{ port: 0, hostname: '127.0.0.1', fetch: () => new Response(null, { status: 204 }) },
      tls: {
        key: readFileSync(inCertificates(`${name}.key`), 'utf8'),
        cert: readFileSync(inCertificates(`${name}.pem`), 'utf8'),
      },
    });
  const trial = async (name: string) => {
    using listener = listen(name);
    const body = JSON.stringify({ url: `https://127.0.0.1:${listener.port}/` });
    const { id } = (await (await cluster.api('webhooks', { method: 'POST', body })).json()) as { id: number };
    const tried: unknown = await (await cluster.api(`webhooks/${id}/test`, { method: 'POST' })).json();
    expect((await cluster.api(`webhooks/${id}`, { method: 'DELETE' })).status).toBe(204);
    return tried;
  };
  expect(await trial('known')).toEqual({ delivered: true, status: 204, problem: null });
  expect(await trial('unknown')).toEqual({
    ...{ delivered: false, status: null },
    problem: expect.stringMatching(/certificate/i),
  });
});

test('a message whose server is killed while it sends is sent again by another one, under the same id', async () => {
  const tries: string[] = [];
  const silent = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    idleTimeout: 60,
    fetch: async (request) => {
      tries.push(request.headers.get('webhook-id') ?? '');
      /* The first try gets no answer: whoever sends it is killed before. */
      if (tries.length === 1) await Promise.all(servers.map((one) => one.ended));
      return new Response(null, { status: 204 });
    },
  });
  const post = async (path: string, body = {}) =>
    (await (await cluster.api(path, { method: 'POST', body: JSON.stringify(body) })).json()) as { id: number };
  const { id } = await post('webhooks', { url: `http://127.0.0.1:${silent.port}/` });
  const servers = [server, otherServer];
  await cluster.reaches(await cluster.submit('quick'), 'completed');
  await until('the first try is made', () => tries.length > 0);
  for (const one of servers) one.signal('SIGKILL');
  await Promise.all(servers.map((one) => one.ended));
  /* Nobody is given it before the lease of the killed one is over. */
  await cluster.sql`UPDATE webhook_delivery SET next_at = now() WHERE webhook = ${id}`;
  server = cluster.startServer(forWebhooks);
  otherServer = startOther();
  await cluster.answers();
  const messages = async () =>
    ((await (await cluster.api(`webhooks/${id}/messages`)).json()) as { messages: readonly object[] }).messages;
  await until('it is delivered', async () =>
    (await messages()).some((one) => 'state' in one && one.state === 'delivered'),
  );
  expect(tries).toHaveLength(2);
  expect(tries[1]).toBe(String(tries[0]));
  expect(await messages()).toMatchObject([
    { message_id: tries[0], tries: 2, answer: 204, problem: null, next_try: null },
  ]);
  expect(await post(`webhooks/${id}/pause`)).toMatchObject({ paused: true });
  await cluster.reaches(await cluster.submit('quick'), 'completed');
  expect(await messages()).toMatchObject([{ state: 'waiting', tries: 0, answer: null, tried: null }, { tries: 2 }]);
  expect(await post(`webhooks/${id}/resume`)).toMatchObject({ paused: false });
  await until('what has waited is delivered', () => tries.length >= 3);
  expect((await cluster.api(`webhooks/${id}`, { method: 'DELETE' })).status).toBe(204);
  await silent.stop(true);
});

test('a server that others could reach is not started without tokens', async () => {
  const url = await cluster.database.createDatabase();
  const env = {
    ...cluster.env,
    ATTUNE__DATABASE__URL: url,
    ATTUNE__SERVER__HOST: '0.0.0.0',
    ATTUNE__SERVER__PORT: '0',
  };
  const migrated = callAgent(['migrate'], { env });
  const [, id = ''] = /^(\d+)/m.exec(callAgent(['token', 'list'], { env }).stdout) ?? [];
  expect([migrated.exitCode, id]).toEqual([0, '1']);
  expect(callAgent(['token', 'revoke', id], { env }).exitCode).toBe(0);
  expect(callAgent(['server'], { env })).toMatchObject({
    exitCode: 78,
    stderr: expect.stringContaining('there is no token'),
  });
});

test('while the database is away readiness says so, and requests are told when to come again', async () => {
  const { power } = cluster.database;
  if (!power) throw new Error('this test stops the database: it needs one of its own');
  await power.kill();
  const ready = await fetch(`${other}/readyz`);
  expect([ready.status, await ready.json()]).toMatchObject([503, { status: 'unavailable' }]);
  const refused = await atOther('executions');
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '2']);
  expect(await refused.json()).toMatchObject({ code: 'database-unavailable' });
  await power.start();
  await until('it is ready again', async () => (await fetch(`${other}/readyz`)).ok);
});
