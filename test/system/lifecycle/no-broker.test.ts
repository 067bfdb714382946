/** The static file without a broker: the database alone brings work to workers. */
import { afterAll, beforeAll, expect } from 'bun:test';
import { join } from 'node:path';
import { agentFile, callAgent } from '#test/support/agent.ts';
import { type Cluster, startCluster } from '#test/support/cluster.ts';
import { serversTest as test } from '#test/support/servers-test.ts';
import { type Filter, startProxy, type TcpProxy } from '#test/support/tcp-proxy.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';
import { until } from '#test/support/until.ts';

const place = temporaryDirectory();
const hang = { isOn: false };
const actions = {
  echo: { yaml: 'parameter_format: dotenv\n', script: 'eval "$(cat)"; echo "$n"' },
  long: { yaml: 'parameter_format: dotenv\n', script: 'eval "$(cat)"; echo begun >"$file"; sleep 600' },
};
let cluster: Cluster;
let broker: TcpProxy;

/** Lets through what belongs to the connection itself, such as its heartbeats, and nothing of its channels. */
const withoutChannels = (): Filter => {
  let rest = Buffer.alloc(0);
  return (bytes) => {
    rest = Buffer.concat([rest, bytes]);
    const passing: Uint8Array[] = [];
    while (rest.length >= 7 && rest.length >= 8 + rest.readUInt32BE(3)) {
      const frame = rest.subarray(0, 8 + rest.readUInt32BE(3));
      rest = rest.subarray(frame.length);
      if (!hang.isOn || frame.readUInt16BE(1) === 0) passing.push(frame);
    }
    return Buffer.concat(passing);
  };
};

beforeAll(async () => {
  cluster = await startCluster({
    actions,
    through: async (url) => {
      const target = new URL(url);
      if (target.protocol !== 'amqp:') return url;
      broker = await startProxy(Number(target.port), withoutChannels);
      target.port = String(broker.port);
      return target.href;
    },
  });
}, 300_000);

afterAll(async () => {
  place[Symbol.dispose]();
  await cluster[Symbol.asyncDispose]();
  await broker[Symbol.asyncDispose]();
}, 120_000);

/** What can be wrong with a broker, from the start of its clients on. */
const faults: Readonly<Record<string, { begin(): void; end(): void }>> = {
  'refuses every connection': { begin: () => broker.refuse(), end: () => broker.accept() },
  'accepts connections and says nothing': { begin: () => broker.mute(), end: () => broker.unmute() },
  'beats and never answers on a channel': {
    begin: () => {
      hang.isOn = true;
    },
    end: () => {
      hang.isOn = false;
      broker.cut();
    },
  },
};

const messagesLeft = async (): Promise<number> => (await cluster.sql`SELECT 1 FROM outbox`).length;

for (const [what, fault] of Object.entries(faults))
  test(`while the broker ${what}, everything runs that was requested, cancels count, and health says why it is slow`, async () => {
    fault.begin();
    await using server = cluster.startServer();
    await cluster.answers();
    const name = `alone-${Object.keys(faults).indexOf(what)}`;
    await using worker = cluster.startWorker(name);
    const executions = await Promise.all(Array.from({ length: 20 }, (_, n) => cluster.submit('echo', { n })));
    for (const id of executions) await cluster.reaches(id, 'completed');
    const said = callAgent(['health', '--name', name], { env: cluster.env });
    expect([said.exitCode, said.stdout]).toEqual([1, expect.stringContaining('broker 127.0.0.1')]);
    expect(callAgent(['health', '--alive', '--name', name], { env: cluster.env }).exitCode).toBe(0);
    const file = join(place.path, name);
    const long = await cluster.submit('long', { file });
    await until('it runs', () => Bun.file(file).exists());
    await cluster.api(`executions/${long}/cancel`, { method: 'POST', body: '{}' });
    await cluster.reaches(long, 'cancelled');
    expect(await messagesLeft()).toBeGreaterThan(0);
    fault.end();
    await until(
      'health is good again',
      () => callAgent(['health', '--name', name], { env: cluster.env }).exitCode === 0,
    );
    await until('every message is out', async () => (await messagesLeft()) === 0);
    expect(worker.said()).not.toContain('unexpected');
    expect(server.said()).not.toContain('unexpected');
  });

test('a broker that falls silent on the channels of a worker at work costs it nothing but time', async () => {
  await using _server = cluster.startServer();
  await cluster.answers();
  await using _worker = cluster.startWorker('deaf');
  await until('it is ready', () => callAgent(['health', '--name', 'deaf'], { env: cluster.env }).exitCode === 0);
  hang.isOn = true;
  const executions = await Promise.all(Array.from({ length: 20 }, (_, n) => cluster.submit('echo', { n })));
  for (const id of executions) await cluster.reaches(id, 'completed');
  hang.isOn = false;
  broker.cut();
  await until('every message is out', async () => (await messagesLeft()) === 0);
});

test('a worker without a database finds its work while the broker of its server is away', async () => {
  broker.refuse();
  await using _server = cluster.startServer();
  await cluster.answers();
  const byApi = { ATTUNE_API_URL: cluster.url, ATTUNE_API_TOKEN: cluster.token };
  const withoutServers = ['env', '-u', 'ATTUNE__DATABASE__URL', '-u', 'ATTUNE__MESSAGE_QUEUE__URL', agentFile];
  await using _worker = cluster.startWorker('remote', byApi, (args) => [...withoutServers, ...args]);
  const executions = await Promise.all(Array.from({ length: 20 }, (_, n) => cluster.submit('echo', { n })));
  for (const id of executions) await cluster.reaches(id, 'completed');
  broker.accept();
  await until('every message is out', async () => (await messagesLeft()) === 0);
});
