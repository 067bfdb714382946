/** Real servers that speak TLS: whom the agent believes, and what it says of those that it does not. */

import { afterAll, beforeAll, expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import postgres from 'postgres';
import { callAgent } from '#test/support/agent.ts';
import { call } from '#test/support/call.ts';
import { freePort } from '#test/support/free-port.ts';
import { type RabbitServer, startRabbit } from '#test/support/rabbitmq.ts';
import { serversTest, sharedPostgres } from '#test/support/servers-test.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';
import { until } from '#test/support/until.ts';

const directory = temporaryDirectory();
afterAll(() => directory[Symbol.dispose]());

function openssl(...args: readonly string[]): void {
  const { exitCode, stderr } = call(['openssl', ...args], { cwd: directory.path });
  if (exitCode !== 0) throw new Error(stderr);
}

function authority(name: string): void {
  openssl(
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-days',
    '2',
    '-subj',
    `/CN=${name}`,
    '-keyout',
    `${name}.key`,
    '-out',
    `${name}.pem`,
  );
}

/** Signed by `ca`, for a server or a client. `days` may be over. */
function certificate(name: string, altName: string, { ca = 'ca', start = '', end = '' } = {}): void {
  openssl(
    'req',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-subj',
    `/CN=${name}`,
    '-keyout',
    `${name}.key`,
    '-out',
    `${name}.csr`,
  );
  directory.file(`${name}.ext`, `subjectAltName=${altName}\n`);
  directory.file(
    `${ca}.cnf`,
    `[ca]\ndefault_ca=c\n[c]\nnew_certs_dir=.\ndatabase=${ca}.db\nserial=${ca}.serial\ndefault_md=sha256\ndefault_days=2\nunique_subject=no\npolicy=p\n[p]\ncommonName=supplied\n`,
  );
  directory.file(`${ca}.db`, '');
  directory.file(
    `${ca}.serial`,
    `${Math.floor(Math.random() * 1e6 + 4096)
      .toString(16)
      .padStart(6, '0')}\n`,
  );
  const times = start === '' ? [] : ['-startdate', start, '-enddate', end];
  openssl(
    'ca',
    '-batch',
    '-config',
    `${ca}.cnf`,
    '-cert',
    `${ca}.pem`,
    '-keyfile',
    `${ca}.key`,
    '-in',
    `${name}.csr`,
    '-out',
    `${name}.pem`,
    '-notext',
    '-extfile',
    `${name}.ext`,
    ...times,
  );
}

authority('ca');
authority('other');
certificate('server', 'IP:127.0.0.1,DNS:localhost');
certificate('elsewhere', 'DNS:elsewhere.example');
certificate('expired', 'IP:127.0.0.1,DNS:localhost', { start: '20200101000000Z', end: '20200102000000Z' });
certificate('attune', 'DNS:client');
certificate('guest', 'DNS:client');

const pem = (name: string): string => readFileSync(join(directory.path, name), 'utf8');
const path = (name: string): string => join(directory.path, name);

/** What doctor says of one server. */
function doctor(
  check: 'database' | 'broker',
  env: Readonly<Record<string, string>>,
): { readonly state: string; readonly what: string } {
  const { stdout, stderr } = callAgent(['doctor', '--only', check, '--format', 'json'], {
    env: { PATH: '/usr/bin:/bin', ...env },
  });
  if (stdout === '') throw new Error(stderr);
  return (JSON.parse(stdout) as { findings: [{ state: string; what: string }] }).findings[0];
}

const postgresServer = sharedPostgres();
let database = '';

/** PostgreSQL reads its certificate anew, and whether it wants one of clients. */
async function serve(name: string, wantsClients = false): Promise<void> {
  const sql = postgres(database, { max: 1, onnotice: () => {} });
  const put = async (text: string, file: string): Promise<void> => {
    await sql.unsafe(
      `COPY (SELECT '${Buffer.from(text).toString('base64')}') TO PROGRAM 'base64 -d > ${file}; chmod 600 ${file}'`,
    );
  };
  await put(pem(`${name}.pem`), 'server.crt');
  await put(pem(`${name}.key`), 'server.key');
  await put(pem('ca.pem'), 'root.crt');
  const option = wantsClients ? 'clientcert=verify-full' : '';
  await put(`local all all trust\nhost all all 127.0.0.1/32 trust\nhost all all ::1/128 trust\n`, 'pg_hba.conf');
  if (wantsClients) await put(`hostssl all all all trust ${option}\nhost all all all trust\n`, 'pg_hba.conf');
  for (const [setting, value] of [
    ['ssl', 'on'],
    ['ssl_ca_file', 'root.crt'],
  ])
    await sql.unsafe(`ALTER SYSTEM SET ${setting} = '${value}'`);
  const before = await loadedAt(sql);
  await sql`SELECT pg_reload_conf()`;
  await sql.end();
  const hasReloaded = async (): Promise<boolean> => {
    const fresh = postgres(database, { max: 1, onnotice: () => {} });
    return (await loadedAt(fresh).finally(() => fresh.end())) !== before;
  };
  await until('new connections find the new configuration', hasReloaded);
}

/** When the server has read its configuration, as this connection knows it. */
async function loadedAt(sql: postgres.Sql): Promise<string> {
  const [row] = await sql<{ at: string }[]>`SELECT pg_conf_load_time()::text AS at`;
  return row?.at ?? '';
}

beforeAll(async () => {
  database = await postgresServer().createDatabase();
  const { exitCode, stderr } = callAgent(['migrate'], {
    env: { PATH: '/usr/bin:/bin', ATTUNE__DATABASE__URL: database },
  });
  if (exitCode !== 0) throw new Error(stderr);
}, 120_000);

const withMode = (parameters: Readonly<Record<string, string>>, host = '127.0.0.1'): Record<string, string> => {
  const url = new URL(database);
  url.hostname = host;
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return { ATTUNE__DATABASE__URL: url.href };
};
const full = { sslmode: 'verify-full', sslrootcert: path('ca.pem') };

serversTest('database: the certificate is believed when its authority is, as sslmode asks', async () => {
  await serve('server');
  expect(doctor('database', withMode(full))).toMatchObject({ state: 'ok' });
  expect(doctor('database', withMode(full, 'localhost'))).toMatchObject({ state: 'ok' });
  expect(doctor('database', { ...withMode({}), ATTUNE__DATABASE__CA_CERTIFICATE: path('ca.pem') })).toMatchObject({
    state: 'ok',
  });
  for (const parameters of [{ sslmode: 'require' }, { sslmode: 'prefer' }, { sslmode: 'disable' }])
    expect(doctor('database', withMode(parameters))).toMatchObject({ state: 'ok' });
  for (const parameters of [
    { ...full, sslrootcert: path('other.pem') },
    { sslmode: 'verify-full' },
    { ...full, sslmode: 'verify-ca', sslrootcert: path('other.pem') },
  ])
    expect(doctor('database', withMode(parameters))).toMatchObject({
      state: 'failure',
      what: expect.stringContaining('signed by nobody that is trusted here'),
    });
  expect(doctor('database', withMode({ sslmode: 'sometimes' })).what).toContain('expected disable, allow');
});

serversTest('database: a wrong name and an expired certificate', async () => {
  await serve('elsewhere');
  expect(doctor('database', withMode(full))).toMatchObject({
    state: 'failure',
    what: expect.stringContaining('for another name'),
  });
  expect(doctor('database', withMode(full, 'localhost'))).toMatchObject({
    state: 'failure',
    what: expect.stringContaining('for another name'),
  });
  expect(doctor('database', withMode({ ...full, sslmode: 'verify-ca' }))).toMatchObject({ state: 'ok' });
  await serve('expired');
  expect(doctor('database', withMode(full))).toMatchObject({
    state: 'failure',
    what: expect.stringContaining('has expired'),
  });
});

serversTest('database: a certificate of the client', async () => {
  await serve('server', true);
  expect(doctor('database', withMode(full)).state).toBe('failure');
  const client = {
    ATTUNE__DATABASE__CA_CERTIFICATE: path('ca.pem'),
    ATTUNE__DATABASE__CLIENT_CERTIFICATE: path('attune.pem'),
    ATTUNE__DATABASE__CLIENT_KEY: path('attune.key'),
  };
  expect(doctor('database', { ...withMode({}), ...client })).toMatchObject({ state: 'ok' });
  expect(
    doctor('database', {
      ...withMode({}),
      ...client,
      ATTUNE__DATABASE__CLIENT_CERTIFICATE: path('guest.pem'),
      ATTUNE__DATABASE__CLIENT_KEY: path('guest.key'),
    }).state,
  ).toBe('failure');
});

test('a file that is not there is an error of the configuration', () => {
  const { exitCode, stderr } = callAgent(['doctor'], { env: { ATTUNE__DATABASE__CA_CERTIFICATE: '/nowhere/ca.pem' } });
  expect(exitCode).toBe(78);
  expect(stderr).toContain('database.ca_certificate: there is no such file');
});

const ports = { server: freePort(), elsewhere: freePort(), expired: freePort() };
const names = ['server', 'elsewhere', 'expired'] as const;
let brokers: readonly RabbitServer[] = [];

/** One listener takes one certificate: a broker each. That with the expired one wants certificates of clients besides. */
beforeAll(async () => {
  const start = (name: (typeof names)[number]): Promise<RabbitServer> =>
    startRabbit({
      files: { 'ca.pem': pem('ca.pem'), 'tls.pem': pem(`${name}.pem`), 'tls.key': pem(`${name}.key`) },
      config: (at) =>
        [
          `listeners.ssl.1 = 127.0.0.1:${ports[name]}`,
          `ssl_options.cacertfile = ${at}/ca.pem`,
          `ssl_options.certfile = ${at}/tls.pem`,
          `ssl_options.keyfile = ${at}/tls.key`,
          'ssl_options.verify = verify_peer',
          `ssl_options.fail_if_no_peer_cert = ${name === 'expired'}`,
        ].join('\n'),
    });
  brokers = await Promise.all(names.map(start));
}, 300_000);
afterAll(async () => void (await Promise.all(brokers.map((one) => one[Symbol.asyncDispose]()))), 60_000);

const broker = (
  name: 'server' | 'elsewhere' | 'expired',
  host = '127.0.0.1',
  ca = 'ca.pem',
): Record<string, string> => ({
  ATTUNE__MESSAGE_QUEUE__URL: `amqps://guest:guest@${host}:${ports[name]}/`,
  ATTUNE__MESSAGE_QUEUE__CA_CERTIFICATE: path(ca),
});

serversTest('broker: the certificate, its authority and its name are looked at, as the URL asks', async () => {
  expect(doctor('broker', broker('server'))).toMatchObject({ state: 'ok' });
  expect(doctor('broker', broker('server', 'localhost'))).toMatchObject({ state: 'ok' });
  expect(doctor('broker', broker('server', '127.0.0.1', 'other.pem'))).toMatchObject({
    state: 'failure',
    what: expect.stringContaining('signed by nobody that is trusted here'),
  });
  expect(doctor('broker', broker('elsewhere'))).toMatchObject({
    state: 'failure',
    what: expect.stringContaining('for another name'),
  });
  const insecure = {
    ATTUNE__MESSAGE_QUEUE__URL: `${broker('elsewhere')['ATTUNE__MESSAGE_QUEUE__URL']}?verify=verify_none`,
  };
  expect(doctor('broker', insecure)).toMatchObject({ state: 'ok' });
  const named = {
    ATTUNE__MESSAGE_QUEUE__URL: `${broker('elsewhere')['ATTUNE__MESSAGE_QUEUE__URL']}?server_name_indication=elsewhere.example&cacertfile=${path('ca.pem')}`,
  };
  expect(doctor('broker', named)).toMatchObject({ state: 'ok' });
});

serversTest('broker: an expired certificate, and one of the client that is wanted', async () => {
  const client = {
    ATTUNE__MESSAGE_QUEUE__CLIENT_CERTIFICATE: path('guest.pem'),
    ATTUNE__MESSAGE_QUEUE__CLIENT_KEY: path('guest.key'),
  };
  expect(doctor('broker', { ...broker('expired'), ...client })).toMatchObject({
    state: 'failure',
    what: expect.stringContaining('has expired'),
  });
  const any = { ATTUNE__MESSAGE_QUEUE__URL: `${broker('expired')['ATTUNE__MESSAGE_QUEUE__URL']}?verify=verify_none` };
  expect(doctor('broker', any).state).toBe('failure');
  expect(doctor('broker', { ...any, ...client })).toMatchObject({ state: 'ok' });
});
