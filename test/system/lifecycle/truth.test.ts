/** What the static file says of itself while its servers are silent: their sockets are open, and nothing answers. */
import { afterAll, beforeAll, expect } from 'bun:test';
import { join } from 'node:path';
import { agentFile, callAgent } from '#test/support/agent.ts';
import { type Cluster, startAgent, startCluster } from '#test/support/cluster.ts';
import { freePort } from '#test/support/free-port.ts';
import { serversTest as test } from '#test/support/servers-test.ts';
import { withToken } from '#test/support/standalone.ts';
import { startProxy, type TcpProxy } from '#test/support/tcp-proxy.ts';
import { eventually } from '#test/support/until.ts';

const resources = new AsyncDisposableStack();
let cluster: Cluster;

beforeAll(async () => {
  cluster = resources.use(await startCluster({ heartbeat: 1, actions: { true: { script: 'true' } } }));
  cluster.startServer();
  await cluster.answers();
}, 300_000);

afterAll(async () => await resources.disposeAsync(), 120_000);

/** A process, and what it says of itself wherever it can be asked. */
interface Subject {
  readonly what: string;
  readonly word: string;
  readonly proxy: TcpProxy;
  /** The words of each place; none: it is ready. */
  said(): Promise<readonly (readonly string[])[]>;
}

interface Health {
  readonly ready: boolean;
  readonly words: readonly string[];
}

async function through(address: string): Promise<readonly [url: string, proxy: TcpProxy]> {
  const url = new URL(address);
  const proxy = resources.use(await startProxy(Number(url.port)));
  url.port = String(proxy.port);
  return [url.href, proxy];
}

function wordsOf({ ready, words }: Health): readonly string[] {
  if (ready) expect(words).toEqual([]);
  return ready || words.length > 0 ? words : ['starting'];
}

/** Asked without standing still, since the proxies are in this process. */
async function wordsOfWorker(name: string): Promise<readonly string[]> {
  const command = [agentFile, 'health', '--name', name, '--format', 'json'];
  const child = Bun.spawn(command, { env: cluster.env, stdout: 'pipe', stderr: 'ignore' });
  const text = await new Response(child.stdout).text();
  await child.exited;
  return text === '' ? ['starting'] : wordsOf(JSON.parse(text) as Health);
}

async function worker(word: 'database' | 'broker'): Promise<Subject> {
  const name = word === 'database' ? 'ATTUNE__DATABASE__URL' : 'ATTUNE__MESSAGE_QUEUE__URL';
  const [url, proxy] = await through(cluster.env[name] ?? '');
  cluster.startWorker(`truth-${word}`, { [name]: url });
  return { what: 'worker', word, proxy, said: async () => [await wordsOfWorker(`truth-${word}`)] };
}

async function workerAtServer(): Promise<Subject> {
  const [url, proxy] = await through(cluster.url);
  const made = callAgent(['token', 'create', '--name', 'truth', '--scope', 'worker'], { env: cluster.env });
  const env = {
    PATH: '/usr/bin:/bin',
    ATTUNE_API_URL: url,
    ATTUNE_API_TOKEN: made.stdout.trim(),
    ATTUNE_PACKS_DIR: cluster.packs.path,
    ATTUNE_WORKER_RUNTIMES: 'shell',
    ATTUNE__WORKER__HEARTBEAT_INTERVAL: '1',
  };
  resources.use(startAgent([agentFile, '--name', 'truth-server'], env, join(cluster.packs.path, 'truth.log')));
  return { what: 'worker', word: 'server', proxy, said: async () => [await wordsOfWorker('truth-server')] };
}

async function server(word: 'database' | 'broker'): Promise<Subject> {
  const name = word === 'database' ? 'ATTUNE__DATABASE__URL' : 'ATTUNE__MESSAGE_QUEUE__URL';
  const [url, proxy] = await through(cluster.env[name] ?? '');
  const port = freePort();
  cluster.startServer({ [name]: url, ATTUNE__SERVER__PORT: String(port) });
  const own = `http://127.0.0.1:${port}`;
  const inMetrics = async (): Promise<readonly string[]> => {
    const text = await (await fetch(`${own}/metrics`, withToken(cluster.token))).text();
    return [...text.matchAll(/^attune_trouble\{trouble="([a-z-]+)"\} 1$/gm)].map(([, one = '']) => one);
  };
  const said = async () => {
    const ready = await fetch(`${own}/readyz`);
    const { words = [] } = (await ready.json()) as Partial<Health>;
    return [wordsOf({ ready: ready.status === 200, words }), await inMetrics()];
  };
  return { what: 'server', word, proxy, said: () => said().catch(() => [['starting']]) };
}

test('a server that is silent has one word in health, /readyz and the metrics, and none when it answers again', async () => {
  const subjects = await Promise.all([
    worker('database'),
    worker('broker'),
    workerAtServer(),
    server('database'),
    server('broker'),
  ]);
  const says = async ({ what, word, said }: Subject, words: readonly string[]): Promise<void> => {
    await eventually(`the ${what} whose ${word} is concerned says: ${words}`, said, (all) =>
      all.every((one) => one.join() === words.join()),
    );
  };
  await Promise.all(subjects.map((one) => says(one, [])));
  for (const { proxy } of subjects) proxy.mute();
  await Promise.all(subjects.map((one) => says(one, [one.word])));
  for (const { proxy } of subjects) proxy.unmute();
  await Promise.all(subjects.map((one) => says(one, [])));
});
