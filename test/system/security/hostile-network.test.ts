/** Whoever reaches the API over the network, without a token or with one that is worth less than he wants. */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { connect as connectToBroker } from 'amqplib';
import { registrationRequest } from '#test/contract/samples.ts';
import { callAgent } from '#test/support/agent.ts';
import { type AgentProcess, type Cluster, startCluster } from '#test/support/cluster.ts';
import { withToken } from '#test/support/standalone.ts';
import { until } from '#test/support/until.ts';

const PER_SECOND = 50;
let cluster: Cluster;
let server: AgentProcess;

beforeAll(async () => {
  cluster = await startCluster({ actions: { waits: { script: 'sleep 60\n' } } });
  server = cluster.startServer({
    ATTUNE__SERVER__REQUESTS_PER_SECOND: String(PER_SECOND),
    ATTUNE__SERVER__TRUSTED_PROXIES: '127.0.0.0/8',
    ATTUNE__ARTIFACTS__DIRECTORY: `${cluster.packs.path}/artifacts`,
  });
  await cluster.answers();
}, 120_000);

afterAll(async () => await cluster?.[Symbol.asyncDispose](), 60_000);

function createToken(name: string, scope: string): { readonly id: number; readonly token: string } {
  const made = callAgent(['token', 'create', '--name', name, '--scope', scope, '--format', 'json'], {
    env: cluster.env,
  });
  return JSON.parse(made.stdout) as { id: number; token: string };
}

const residentBytes = (): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.pid}/status`, 'utf8'))?.[1]) * 1024;

/** A request of its own connection, which sends what it is given as chunks, and never an end. */
function openUpload(path: string, headers: Readonly<Record<string, string>>, method = 'POST'): Socket {
  return openRequest(`${method} ${path}`, { 'transfer-encoding': 'chunked', ...headers });
}

function openRequest(line: string, headers: Readonly<Record<string, string>>): Socket {
  const { hostname, port } = new URL(cluster.url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => {});
  const lines = Object.entries({ host: hostname, ...headers });
  socket.write(`${line} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`);
  return socket;
}

/** The beginning of the answer. */
function answerOf(socket: Socket): Promise<string> {
  return new Promise((resolve) => socket.once('data', (data) => resolve(data.toString())));
}

/** Sends so many MiB, as fast as they are taken, until the other side hangs up. */
function pour(socket: Socket, chunks: number): Promise<void> {
  const bytes = Buffer.alloc(1024 * 1024, 0x20);
  const chunk = Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')]);
  return new Promise((resolve) => {
    let left = chunks;
    const send = (): void => {
      while (left > 0 && socket.writable) if (left-- > 0 && !socket.write(chunk)) return;
      resolve();
    };
    socket.on('drain', send);
    socket.on('close', () => resolve());
    send();
  });
}

test('bodies without a valid token are answered before they have come, and fill no memory', async () => {
  const before = residentBytes();
  const json = { 'content-type': 'application/json' };
  const attempts = ['', 'Bearer att_nonsense'].flatMap((authorization) =>
    ['/api/v1/executions', '/api/v1/worker/logs', '/api/v1/packs'].flatMap((path) =>
      Array.from({ length: 2 }, () => openUpload(path, authorization === '' ? json : { ...json, authorization })),
    ),
  );
  for (const answer of await Promise.all(attempts.map(answerOf))) expect(answer).toStartWith('HTTP/1.1 401');
  await Promise.all(attempts.map((socket) => pour(socket, 64)));
  expect(residentBytes() - before).toBeLessThan(200 * 1024 * 1024);
  for (const socket of attempts) socket.destroy();
}, 90_000);

test('a body is bounded by its route, said in its headers or not', async () => {
  const { token } = createToken('limited', 'submit');
  const big = JSON.stringify({ action_ref: 'life.waits', parameters: { text: 'x'.repeat(3_000_000) } });
  const said = await fetch(`${cluster.url}/api/v1/executions`, withToken(token, { method: 'POST', body: big }));
  expect(said.status).toBe(413);
  const body = new Blob([big]).stream();
  const chunked = await fetch(`${cluster.url}/api/v1/executions`, {
    ...withToken(token, { method: 'POST', headers: { 'content-type': 'application/json' } }),
    body,
  });
  expect(chunked.status).toBe(413);
});

test('random tokens count for their address, also at the calls of workers; a token that was valid does not', async () => {
  const { token } = createToken('good', 'read,worker');
  const ask = (path: string, secret: string, forwarded: string): Promise<number> =>
    fetch(
      `${cluster.url}/api/v1/${path}`,
      withToken(secret, { method: 'POST', body: '{}', headers: { 'x-forwarded-for': forwarded } }),
    ).then((one) => one.status);
  expect(await ask('worker/heartbeat', token, '203.0.113.9')).toBe(400);
  /* A customer has a whole network of IPv6, and each request may come from another address of it. */
  for (const [path, addressOf, other] of [
    ['worker/heartbeat', (_: number) => '203.0.113.9', '203.0.113.10'],
    ['executions', (_: number) => '203.0.113.11', '203.0.113.10'],
    ['executions', (n: number) => `2001:db8:0:1::${n.toString(16)}`, '2001:db8:0:2::1'],
  ] as const) {
    const statuses: number[] = [];
    await until('they are refused', async () => {
      const all = await Promise.all(
        Array.from({ length: 2 * PER_SECOND }, (_, n) => ask(path, `att_random${n}`, addressOf(n))),
      );
      statuses.push(...all);
      return all.includes(429);
    });
    expect(statuses).toContain(401);
    expect(await ask('worker/heartbeat', token, addressOf(1))).toBe(400);
    expect(await ask(path, 'att_other', other)).toBe(401);
  }
}, 60_000);

test('the audit log names the client by trusted proxies alone', async () => {
  const forwarded = { 'x-forwarded-for': '10.6.6.6, 198.51.100.7' };
  const refused = await cluster.api('executions', { method: 'POST', body: '{}', headers: forwarded });
  expect(refused.status).toBe(400);
  const entry = async (): Promise<unknown> =>
    (await cluster.sql`SELECT address FROM audit_log WHERE status = 400 ORDER BY id DESC LIMIT 1`)[0]?.['address'];
  await until('it is written', async () => (await entry()) === '198.51.100.7');
});

async function openStream(token: string, path: string): Promise<Response> {
  const response = await fetch(`${cluster.url}/api/v1/${path}`, withToken(token));
  if (response.status !== 200) throw new Error(`${path}: ${response.status}`);
  return response;
}

async function toEnd(stream: Response): Promise<'ended'> {
  await stream.arrayBuffer();
  return 'ended';
}

/** Reads the beginning of an answer, and the rest only when it is told to: then it resolves with the number of its bytes. */
async function openSlowly(socket: Socket): Promise<() => Promise<number>> {
  let bytes = 0;
  socket.on('data', (data) => {
    bytes += data.length;
  });
  const begun = answerOf(socket);
  const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()));
  expect(await begun).toStartWith('HTTP/1.1 200');
  socket.pause();
  return async () => {
    socket.resume();
    await closed;
    return bytes;
  };
}

test('what is under way for a revoked token ends: streams, bytes that are read slowly, files and bodies that drip', async () => {
  const id = await cluster.submit('waits');
  const { id: number, token } = createToken('revoked', 'admin');
  await cluster.sql`
    INSERT INTO execution_log (execution, attempt, stream, seq, "offset", data)
    SELECT ${id}, 1, 'stdout', n, n * 65536, decode(repeat('78', 65536), 'hex') FROM generate_series(0, 1023) AS n`;
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/octet-stream' };
  const readOn = await openSlowly(openRequest(`GET /api/v1/executions/${id}/logs/stdout?attempt=1`, headers));
  const began = performance.now();
  const slow = openUpload('/api/v1/executions', { ...headers, 'content-type': 'application/json' });
  slow.write('1\r\n{\r\n');
  const uploads = [
    openUpload('/api/v1/packs', headers),
    openUpload('/api/v1/worker/artifacts?path=1/1/x', headers, 'PUT'),
    slow,
  ].map(answerOf);
  const registration = registrationRequest('streaming');
  const registered = await fetch(
    `${cluster.url}/api/v1/worker/register`,
    withToken(token, { method: 'POST', body: JSON.stringify({ registration, leaseMs: 60_000 }) }),
  );
  const { worker } = (await registered.json()) as { worker: string };
  const streams = await Promise.all([
    openStream(token, `executions/${id}/logs/stream`),
    openStream(token, `worker/messages/worker.${worker}.executions`),
  ]);
  const ends = Promise.all(streams.map(toEnd));
  expect(callAgent(['token', 'revoke', String(number)], { env: cluster.env }).exitCode).toBe(0);
  expect(await ends).toEqual(['ended', 'ended']);
  for (const answer of uploads.slice(0, 2)) expect(await answer).toStartWith('HTTP/1.1 401');
  expect(await readOn()).toBeLessThan(40 * 1024 * 1024);
  await until('the body has taken more than a second', () => performance.now() - began > 1500);
  slow.write('1\r\n}\r\n0\r\n\r\n');
  expect(await uploads[2]).toStartWith('HTTP/1.1 401');
}, 90_000);

test('a queue has one reader, the last that came', async () => {
  const { token } = createToken('many', 'read,worker');
  const registration = registrationRequest('many-1');
  const registered = await fetch(
    `${cluster.url}/api/v1/worker/register`,
    withToken(token, { method: 'POST', body: JSON.stringify({ registration, leaseMs: 60_000 }) }),
  );
  const { worker } = (await registered.json()) as { worker: string };
  const queue = `worker/messages/worker.${worker}.cancel`;
  const first = toEnd(await openStream(token, queue));
  const second = await openStream(token, queue);
  expect(await first).toBe('ended');
  await second.body?.cancel();
}, 60_000);

test('workers without a broker cost it one queue of their server, however many they are, and each hears what is for it', async () => {
  const { token } = createToken('fleet', 'read,worker');
  const registration = registrationRequest('fleet-0');
  const registered = await fetch(
    `${cluster.url}/api/v1/worker/register`,
    withToken(token, { method: 'POST', body: JSON.stringify({ registration, leaseMs: 60_000 }) }),
  );
  const { worker } = (await registered.json()) as { worker: string };
  const others = await cluster.sql<{ id: string }[]>`
    INSERT INTO worker (name, worker_type, worker_role, status, capabilities, owner)
    SELECT 'fleet-' || n, worker_type, worker_role, status, capabilities, owner
    FROM worker, generate_series(1, 150) n WHERE id = ${worker} RETURNING id`;
  const read = async (id: string) => (await openStream(token, `worker/messages/worker.${id}.executions`)).body;
  const first = await read(worker);
  const queues = async (): Promise<readonly string[]> =>
    ((await cluster.broker.power?.listQueues()) ?? '').match(/attune\.worker\.messages\S+|worker\.\d+\.\w+/g) ?? [];
  await until('the server listens', async () => cluster.broker.power === undefined || (await queues()).length === 1);
  const bodies = await Promise.all(others.map(({ id }) => read(id)));
  if (cluster.broker.power) expect(await queues()).toHaveLength(1);
  const last = others.at(-1)?.id ?? '';
  let heard = '';
  const write = (bytes: Uint8Array): void => {
    heard += Buffer.from(bytes).toString();
  };
  const stop = new AbortController();
  const reading = bodies.at(-1)?.pipeTo(new WritableStream({ write }), stop);
  const connection = await connectToBroker(cluster.broker.url);
  const channel = await connection.createChannel();
  const send = (id: string, execution: number): boolean =>
    channel.publish(
      'attune.executions',
      `execution.dispatch.worker.${id}`,
      Buffer.from(
        JSON.stringify({
          message_type: 'ExecutionRequested',
          payload: { execution_id: execution, worker_id: Number(id), attempt: 1 },
        }),
      ),
    );
  await until('it hears what is for it', async () => {
    send(worker, 1);
    send(last, 2);
    return heard.includes('"execution":"2"');
  });
  expect(heard).not.toContain('"execution":"1"');
  await connection.close();
  stop.abort();
  await reading?.catch(() => {});
  for (const body of [first, ...bodies.slice(0, -1)]) await body?.cancel();
}, 120_000);
