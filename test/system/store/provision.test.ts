/** What provision makes on a real PostgreSQL and a stand-in for the management API, and what it refuses. */
import { expect } from 'bun:test';
import { join } from 'node:path';
import postgres from 'postgres';
import { callAgent } from '#test/support/agent.ts';
import { sharedPostgres, serversTest as test } from '#test/support/servers-test.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';

const server = sharedPostgres();
const TOKEN = `att_${'aB3-_'.repeat(9)}`;

interface Opened extends AsyncDisposable {
  readonly url: string;
  readonly sql: postgres.Sql;
  /** Writes a file with a secret, and returns its path. */
  secret(text: string): string;
  provision(...args: readonly string[]): ReturnType<typeof callAgent>;
  /** The address of the database for a login. */
  as(user: string, password: string): string;
}

async function open(): Promise<Opened> {
  const url = await server().createDatabase();
  const directory = temporaryDirectory();
  const env = { PATH: '/bin', ATTUNE__DATABASE__URL: url };
  expect(callAgent(['migrate'], { env }).exitCode).toBe(0);
  const sql = postgres(url, { max: 1, onnotice: () => {}, connection: { search_path: 'attune,public' } });
  let count = 0;
  return {
    url,
    sql,
    secret: (text) => directory.file(`${count++}`, `${text}\n`),
    provision: (...args) => callAgent(['provision', ...args], { env }),
    as: (username, password) => Object.assign(new URL(url), { username, password }).href,
    [Symbol.asyncDispose]: async () => {
      await sql.end();
      directory[Symbol.dispose]();
    },
  };
}

/** The roles of ours that a login is a member of, and how its password is kept. */
async function loginOf({ sql }: Opened, name: string): Promise<{ readonly roles: string; readonly secret: string }> {
  const [row] = await sql<{ roles: string; secret: string }[]>`
    SELECT (
      SELECT string_agg(g.rolname, ',') FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid
      WHERE m.member = a.oid
    ) AS roles, a.rolpassword AS secret FROM pg_authid a WHERE a.rolname = ${name}`;
  return row ?? { roles: '', secret: '' };
}

test('logins of servers and workers are made with one role each, and again with another password', async () => {
  await using database = await open();
  const { as, secret, provision } = database;
  const files = (password: string): readonly string[] => [
    ...['--server-login', secret(as('provided server', password))],
    ...['--worker-login', secret(as('provided_worker', password))],
  ];
  expect(provision(...files('p%20ss ü'))).toMatchObject({
    exitCode: 0,
    stdout: 'login provided server: made, attune_server\nlogin provided_worker: made, attune_worker\n',
  });
  const first = await loginOf(database, 'provided server');
  expect(first).toMatchObject({ roles: 'attune_server', secret: expect.stringMatching(/^SCRAM-SHA-256\$4096:/) });
  await database.sql.unsafe('GRANT attune_server TO provided_worker');
  expect(provision(...files('second')).stdout).toContain('login provided_worker: changed, attune_worker');
  expect((await loginOf(database, 'provided_worker')).roles).toBe('attune_worker');
  expect((await loginOf(database, 'provided server')).secret).not.toBe(first.secret);
  const audit = await database.sql`SELECT subject FROM audit_log WHERE action = 'provision' ORDER BY id`;
  expect(audit.map((one) => one['subject'])).toContain('login provided_worker (attune_worker)');
});

test('a login that administers, an address that is none, and an unreadable file are refused without their secrets', async () => {
  await using database = await open();
  const { as, secret, provision } = database;
  const owner = new URL(database.url).username;
  const wrong: Readonly<Record<string, string>> = {
    [as(owner, 'secret-1')]: `the login ${owner} has more rights than attune_server`,
    'postgres://nobody@host/x': 'expected an address postgres://USER:PASSWORD@HOST',
    'mysql://a:secret-1@host/x': 'expected an address postgres://USER:PASSWORD@HOST',
    'postgres://a:secret-1%@host/x': 'begins no encoded character',
  };
  for (const [text, why] of Object.entries(wrong)) {
    const { exitCode, stderr } = provision('--server-login', secret(text));
    expect([text, exitCode, stderr]).toEqual([text, 1, expect.stringContaining(why)]);
    expect(stderr).not.toContain('secret-1');
  }
  expect(provision('--server-login', '/none')).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('/none cannot be read'),
  });
  expect(provision()).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('nothing to provision') });
  expect(provision('--broker-user', '/x', '--worker', 'a')).toMatchObject({ exitCode: 2 });
});

test('the token of workers is registered once, replaced by another one, and may work and download only', async () => {
  await using database = await open();
  const { secret, provision, sql } = database;
  const tokens = async () =>
    await sql`SELECT name, scopes, revoked_at IS NULL AS valid FROM api_token WHERE name = 'workers' ORDER BY id`;
  expect(provision('--worker-token', secret(TOKEN)).stdout).toBe('token workers: made\n');
  expect(provision('--worker-token', secret(TOKEN)).stdout).toBe('token workers: up to date\n');
  expect(await tokens()).toMatchObject([{ scopes: ['worker', 'agent-download'], valid: true }]);
  const next = `att_${'z'.repeat(43)}`;
  expect(provision('--worker-token', secret(next)).stdout).toContain('in place of the old one, which is revoked');
  expect((await tokens()).map((one) => one['valid'])).toEqual([false, true]);
  expect(provision('--worker-token', secret(next), '--token-name', 'other')).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining("it is the token 'workers'"),
  });
  expect(provision('--worker-token', secret('att_short'))).toMatchObject({ exitCode: 1 });
});

test('a worker gets its name, and its user of RabbitMQ the permissions of that worker, by the management API', async () => {
  await using database = await open();
  const { as, secret, provision } = database;
  const asked = temporaryDirectory();
  const script = join(asked.path, 'management.ts');
  await Bun.write(script, managementApi);
  const child = Bun.spawn([process.execPath, script], { stdout: 'pipe', stderr: 'inherit' });
  const lines = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const port = Number((await lines.read()).value);
  try {
    const { exitCode, stdout, stderr } = provision(
      ...['--worker', 'gpu-1', '--worker-login', secret(as('provided_gpu', 'one'))],
      ...['--broker-user', secret('amqp://gpu:pass%2Fword@rabbit/v%2F1')],
      ...['--management', secret(`http://guest:gue%20st@127.0.0.1:${port}/`)],
    );
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(stdout).toContain('worker gpu-1: has the id 1, belongs to login:provided_gpu');
    const requests = (await (await fetch(`http://127.0.0.1:${port}/asked`)).json()) as readonly unknown[];
    expect(requests).toMatchObject([
      ['PUT', '/api/users/gpu', 'guest:gue st', { password: 'pass/word', tags: '' }],
      ['PUT', '/api/permissions/v%2F1/gpu', 'guest:gue st', { configure: expect.stringContaining('worker\\.1') }],
      ['PUT', '/api/topic-permissions/v%2F1/gpu', 'guest:gue st', { exchange: 'attune.executions' }],
      ['PUT', '/api/topic-permissions/v%2F1/gpu', 'guest:gue st', { exchange: 'attune.events', write: '^$' }],
    ]);
    const refused = provision(
      ...['--worker', 'gpu-1', '--worker-login', secret(as('provided_gpu', 'one'))],
      ...[
        '--broker-user',
        secret('amqp://gpu:secret-1@rabbit/'),
        '--management',
        secret(`http://guest:secret-2@127.0.0.1:${port}/refuse`),
      ],
    );
    expect([refused.exitCode, refused.stderr]).toEqual([1, expect.stringContaining('HTTP 401')]);
    expect(refused.stderr).not.toMatch(/secret-[12]/);
  } finally {
    child.kill();
    asked[Symbol.dispose]();
  }
});

/** A process of its own, because callAgent waits without letting this one answer. */
const managementApi = `
const asked = [];
const server = Bun.serve({
  hostname: '127.0.0.1',
  port: 0,
  fetch: async (request) => {
    const { pathname } = new URL(request.url);
    if (pathname === '/asked') return Response.json(asked);
    if (pathname.startsWith('/refuse')) return new Response('not you', { status: 401 });
    const who = atob(request.headers.get('authorization').slice(6));
    asked.push([request.method, pathname, who, await request.json()]);
    return new Response('', { status: 201 });
  },
});
console.log(server.port);
`;
