/** Workers that come by the API with tokens of their own, and one of them wants what belongs to the others. */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import postgres from 'postgres';
import { registrationRequest } from '#test/contract/samples.ts';
import { callAgent } from '#test/support/agent.ts';
import { type Cluster, startCluster } from '#test/support/cluster.ts';
import { withToken } from '#test/support/standalone.ts';

let cluster: Cluster;
let evilSql: postgres.Sql;

beforeAll(async () => {
  cluster = await startCluster({ heartbeat: 30, actions: { waits: { script: 'sleep 1\n' } } });
  cluster.startServer();
  await cluster.answers();
  await cluster.sql.unsafe('CREATE ROLE evil_numbers LOGIN IN ROLE attune_worker');
  const url = Object.assign(new URL(cluster.env['ATTUNE__DATABASE__URL'] ?? ''), { username: 'evil_numbers' });
  evilSql = postgres(url.href, { max: 1, onnotice: () => {}, connection: { search_path: 'attune,public' } });
}, 120_000);

afterAll(async () => {
  await evilSql?.end({ timeout: 1 });
  await cluster?.[Symbol.asyncDispose]();
}, 60_000);

const createToken = (...args: readonly string[]) => callAgent(['token', 'create', ...args], { env: cluster.env });

type Call = (name: string, body: object) => Promise<[number, Record<string, unknown>]>;

function callerWith(token: string): Call {
  return async (name, body) => {
    const init = withToken(token, { method: 'POST', body: JSON.stringify(body) });
    const response = await fetch(`${cluster.url}/api/v1/worker/${name}`, init);
    return [response.status, (await response.json()) as Record<string, unknown>];
  };
}

const workerToken = (name: string): string => createToken('--name', name, '--scope', 'worker').stdout.trim();

test('tokens have names, and no two valid ones share one', () => {
  expect(createToken('--scope', 'worker')).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('--name') });
  expect(createToken('--name', '7', '--scope', 'worker')).toMatchObject({ exitCode: 2 });
  expect(createToken('--name', 'one', '--scope', 'worker')).toMatchObject({ exitCode: 0 });
  expect(createToken('--name', 'one', '--scope', 'worker')).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining("there is a token 'one' already"),
  });
});

interface Operation {
  readonly security: readonly object[];
}

test('a token for one purpose serves for no other: every route of the document, with each narrow scope', async () => {
  const admin = withToken(createToken('--name', 'reader', '--scope', 'read').stdout.trim());
  const document = (await (await fetch(`${cluster.url}/api/v1/openapi.json`, admin)).json()) as {
    paths: Record<string, Record<string, Operation>>;
  };
  const guarded = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).flatMap(([method, { security }]) =>
      security.length > 0 && path !== '/api/v1/token' ? [{ path, method: method.toUpperCase() }] : [],
    ),
  );
  expect(guarded.length).toBeGreaterThan(50);
  const purposes = {
    inline: /^$/,
    metrics: /^\/metrics$/,
    'agent-download': /\/agent\//,
    worker: /\/worker\/|\/archive$/,
  };
  const served: string[] = [];
  for (const [scope, own] of Object.entries(purposes)) {
    const token = createToken('--name', `only-${scope}`, '--scope', scope).stdout.trim();
    for (const { path, method } of guarded.filter((one) => !own.test(one.path))) {
      const init = withToken(token, method === 'GET' ? {} : { method, body: '{}' });
      const answer = await fetch(cluster.url + path.replaceAll(/\{\w+\}/g, '1'), init);
      await answer.body?.cancel();
      if (![401, 403, 415].includes(answer.status)) served.push(`${scope}: ${method} ${path} ${answer.status}`);
    }
  }
  expect(served).toEqual([]);
}, 120_000);

test('no lease that a caller names takes a live name, its executions or its keys', async () => {
  const [good, evil] = [callerWith(workerToken('good')), callerWith(workerToken('evil'))];
  const holder = registrationRequest('shared');
  const [, { worker }] = await good('register', { registration: holder, leaseMs: 1_000_000 });
  const session = { worker, instance: holder.instance };
  for (const leaseMs of [-1e9, -1, 0, 0.001, 1e-300, 1e9, 1e300, null, '1']) {
    const registration = registrationRequest('shared');
    for (const gone of [undefined, holder.instance]) {
      const [status, answer] = await evil('register', { registration, leaseMs, gone });
      expect([status, answer['kind'] ?? 'refused']).toEqual(status === 200 ? [200, 'not-yours'] : [400, 'refused']);
    }
    const [status, answer] = await good('register', { registration, leaseMs });
    expect([status, answer['kind'] ?? 'refused']).toEqual(status === 200 ? [200, 'name-taken'] : [400, 'refused']);
    expect(await evil('heartbeat', { session, leaseMs: 1000 })).toMatchObject([200, { kind: 'replaced' }]);
  }
  expect(await good('heartbeat', { session, leaseMs: 1000 })).toMatchObject([200, { kind: 'alive' }]);
});

test('a new token of an old name owns nothing that the old one had', async () => {
  const first = createToken('--name', 'edge', '--scope', 'worker', '--format', 'json').stdout;
  const { id, token } = JSON.parse(first) as { id: number; token: string };
  const registration = registrationRequest('edge-1');
  const [, { worker }] = await callerWith(token)('register', { registration, leaseMs: 1_000_000 });
  expect(callAgent(['token', 'revoke', String(id)], { env: cluster.env }).exitCode).toBe(0);
  const second = callerWith(workerToken('edge'));
  const session = { worker, instance: registration.instance };
  expect(await second('heartbeat', { session, leaseMs: 1000 })).toMatchObject([200, { kind: 'replaced' }]);
  const again = await second('register', { registration: registrationRequest('edge-1'), leaseMs: 0 });
  expect(again).toMatchObject([200, { kind: 'not-yours' }]);
});

test('numbers that a login gives to functions are bounded', async () => {
  const who = { name: 'numbers', instance: 'i-1', workerType: 'container', host: 'h', capabilities: {}, templates: [] };
  const register = async (lease: string, instance = 'i-1'): Promise<Record<string, unknown>> =>
    (
      await evilSql.unsafe(`SELECT agent_register(NULL, $1::text::jsonb, ${lease}, '') AS answer`, [
        JSON.stringify({ ...who, instance }),
      ])
    )[0]?.['answer'];
  const longest = async (): Promise<unknown> =>
    (
      await cluster.sql`SELECT lease_expires_at - now() <= '15 minutes' AS is_bounded FROM worker WHERE name = 'numbers'`
    )[0]?.['is_bounded'];
  const { worker } = await register('60');
  for (const lease of ["'Infinity'", '1e308', "'NaN'", "'-Infinity'", '-1e308', 'NULL']) {
    expect(await register('60')).toMatchObject({ worker });
    expect(await register(lease, 'i-2')).toMatchObject({ instance: 'i-1' });
    await evilSql.unsafe(`SELECT * FROM agent_heartbeat(NULL, ${worker}, 'i-1', ${lease})`);
    expect(await longest()).toBe(true);
    await evilSql.unsafe(`SELECT * FROM agent_claim(NULL, ${worker}, 'i-1', '[]', ${lease})`);
    await evilSql.unsafe(`SELECT * FROM agent_unpublished(-5, ${lease}, ${lease})`);
    await evilSql.unsafe(`SELECT agent_renew_environment(NULL, ${worker}, 'i-1', 'k', ${lease})`);
  }
});
