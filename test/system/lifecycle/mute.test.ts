/** The static file told to stop while its servers are silent: one deadline holds for everything. */
import { afterAll, beforeAll, expect } from 'bun:test';
import { join } from 'node:path';
import { callAgent } from '#test/support/agent.ts';
import { type AgentProcess, type Cluster, startCluster } from '#test/support/cluster.ts';
import { serversTest as test } from '#test/support/servers-test.ts';
import { startProxy, type TcpProxy } from '#test/support/tcp-proxy.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';
import { isAlive, pidFrom, until } from '#test/support/until.ts';

const SHUTDOWN_S = 12;
const place = temporaryDirectory();
const resources = new AsyncDisposableStack();
const actions = {
  long: { yaml: 'parameter_format: dotenv\n', script: 'eval "$(cat)"; echo $$ >"$file"; sleep 600' },
};
let cluster: Cluster;

beforeAll(async () => {
  cluster = resources.use(await startCluster({ actions }));
  cluster.startServer();
  await cluster.answers();
}, 300_000);

afterAll(async () => {
  place[Symbol.dispose]();
  await resources.disposeAsync();
}, 120_000);

/** The environment of a process that reaches its servers through proxies of its own. */
async function proxied(): Promise<{
  readonly env: Readonly<Record<string, string>>;
  readonly database: TcpProxy;
  readonly broker: TcpProxy;
}> {
  const through = async (name: string): Promise<readonly [string, TcpProxy]> => {
    const target = new URL(cluster.env[name] ?? '');
    const proxy = resources.use(await startProxy(Number(target.port)));
    target.port = String(proxy.port);
    return [target.href, proxy];
  };
  const [databaseUrl, database] = await through('ATTUNE__DATABASE__URL');
  const [brokerUrl, broker] = await through('ATTUNE__MESSAGE_QUEUE__URL');
  const env = {
    ATTUNE__DATABASE__URL: databaseUrl,
    ATTUNE__MESSAGE_QUEUE__URL: brokerUrl,
    ATTUNE__WORKER__SHUTDOWN_TIMEOUT: String(SHUTDOWN_S),
  };
  return { env, database, broker };
}

type Proxied = Awaited<ReturnType<typeof proxied>>;

interface Muted {
  readonly what: string;
  mute(proxies: Proxied): void;
}

const silences: readonly Muted[] = [
  { what: 'database', mute: ({ database }) => database.mute() },
  { what: 'broker', mute: ({ broker }) => broker.mute() },
  {
    what: 'both',
    mute: ({ database, broker }) => {
      database.mute();
      broker.mute();
    },
  },
];

/** Seconds from the signal to the end of the process, and its exit code. */
async function secondsToLeave(process: AgentProcess): Promise<{ readonly seconds: number; readonly code: number }> {
  const start = performance.now();
  process.signal('SIGTERM');
  const code = await process.ended;
  return { seconds: (performance.now() - start) / 1000, code };
}

async function expectInTime(what: string, process: AgentProcess, seconds = SHUTDOWN_S): Promise<void> {
  const left = await secondsToLeave(process);
  if (left.code !== 0 || left.seconds >= seconds)
    throw new Error(`${what}: ended with ${left.code} after ${left.seconds} s\n${process.said()}`);
}

const isReady = (name: string): boolean => callAgent(['health', '--name', name], { env: cluster.env }).exitCode === 0;

test('a worker without work leaves before shutdown_timeout is over, whichever of its servers is silent', async () => {
  const workers = await Promise.all(
    silences.map(async ({ what, mute }) => {
      const proxies = await proxied();
      return { what, mute: () => mute(proxies), process: cluster.startWorker(`idle-${what}`, proxies.env) };
    }),
  );
  for (const { what } of workers) await until(`idle-${what} is ready`, () => isReady(`idle-${what}`));
  await Promise.all(
    workers.map(async ({ what, mute, process }) => {
      mute();
      await expectInTime(what, process);
    }),
  );
});

test('so does one with work, which has ended by then', async () => {
  const workers = await Promise.all(
    silences.map(async ({ what, mute }) => {
      const proxies = await proxied();
      const env = { ...proxies.env, ATTUNE__WORKER__LABELS: `silence=${what}` };
      return { what, mute: () => mute(proxies), process: cluster.startWorker(`busy-${what}`, env) };
    }),
  );
  const pids = await Promise.all(
    workers.map(async ({ what }) => {
      const file = join(place.path, what);
      await cluster.submit('long', { file }, { worker_selector: { silence: what } });
      return await pidFrom(file);
    }),
  );
  await Promise.all(
    workers.map(async ({ what, mute, process }) => {
      mute();
      await expectInTime(what, process);
    }),
  );
  for (const pid of pids) await until(`process ${pid} has ended`, () => !isAlive(pid));
});

test('so do one that never reached its servers, and one that is dialling', async () => {
  const workers = await Promise.all(
    silences.map(async ({ what, mute }) => {
      const proxies = await proxied();
      mute(proxies);
      return { what, process: cluster.startWorker(`never-${what}`, proxies.env) };
    }),
  );
  for (const { what, process } of workers)
    await until(`never-${what} has begun`, () => process.said().includes('detected'));
  await Promise.all(workers.map(({ what, process }) => expectInTime(what, process)));
});

test('a second signal ends it at once, whatever is silent', async () => {
  const proxies = await proxied();
  const worker = cluster.startWorker('twice', { ...proxies.env, ATTUNE__WORKER__SHUTDOWN_TIMEOUT: '3600' });
  await until('it is ready', () => isReady('twice'));
  await cluster.submit('long', { file: join(place.path, 'twice') });
  const pid = await pidFrom(join(place.path, 'twice'));
  proxies.database.mute();
  proxies.broker.mute();
  worker.signal('SIGTERM');
  await until('it drains', () => worker.said().includes('draining'));
  worker.signal('SIGTERM');
  expect(await worker.ended).toBe(143);
  await until('what it ran has ended', () => !isAlive(pid));
});

test('a server leaves within ten seconds, whichever of its servers is silent', async () => {
  const servers = await Promise.all(
    silences.map(async ({ what, mute }) => {
      const proxies = await proxied();
      const process = cluster.startServer({ ...proxies.env, ATTUNE__SERVER__PORT: '0' });
      return { what, mute: () => mute(proxies), process };
    }),
  );
  for (const { what, process } of servers)
    await until(`the server of ${what} serves`, () => process.said().includes('serving'));
  await Promise.all(
    servers.map(async ({ what, mute, process }) => {
      mute();
      await expectInTime(`server, ${what}`, process, 10);
    }),
  );
});
