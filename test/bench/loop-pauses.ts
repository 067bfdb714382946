/**
 * The longest step of the agent's loops while hostile data are read, checked, masked, packed and removed, in time of the
 * processor: of a whole Attune in one process, and of a server and a worker with PostgreSQL. Its exit code is 1 where a line
 * is above the bound. It needs perf, and root.
 * `bun test/bench/loop-pauses.ts [AGENT] [ONLY]`.
 */
import { join, resolve } from 'node:path';
import { agentFile } from '#test/support/agent.ts';
import { startCluster } from '#test/support/cluster.ts';
import { standalone } from '#test/support/standalone.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';
import { until } from '#test/support/until.ts';
import { type ActionAttack, actionAttacks } from './attacks.ts';
import { writePacksToInstall } from './packs-to-install.ts';
import { beginPauses } from './pauses.ts';

const agent = resolve(process.argv[2] ?? agentFile);
const only = new RegExp(process.argv[3] ?? '');
const deadlineMs = 300_000;
const env = {
  ATTUNE_WORKER_RUNTIMES: 'shell,python',
  ATTUNE__ARTIFACTS__MAX_BYTES: String(2 ** 31),
  ATTUNE__ARTIFACTS__MAX_FILES: '1000',
  ATTUNE__WORKER__MAX_CONCURRENT_TASKS: '40',
  ATTUNE__ENVIRONMENTS__OFFLINE: 'true',
};
const attacks = Object.entries(actionAttacks);
const asked = (name: string): boolean => only.test(name);

type Api = (path: string, init?: RequestInit) => Promise<Response>;
interface Place {
  readonly api: Api;
  readonly pids: readonly number[];
}

using directory = temporaryDirectory();
directory.file('packs/hostile/pack.yaml', 'ref: hostile\nversion: 1.0.0\n');
for (const [index, [, { yaml = '', code = 'pass' }]] of attacks.entries()) {
  directory.file(
    `packs/hostile/actions/a${index}.yaml`,
    `runner_type: python\nentry_point: a${index}.py\nparameter_delivery: stdin\n${yaml}\n`,
  );
  directory.file(`packs/hostile/actions/a${index}.py`, `${code}\n`);
}
const toInstall = writePacksToInstall(directory);
const packs = join(directory.path, 'packs');

await using whole = await standalone(
  join(directory.path, 'data'),
  { ...env, ATTUNE_PACKS_DIR: packs },
  {
    wrap: (args) => [agent, ...args],
  },
);
await using cluster = await startCluster({ actions: {} });
const apart = { ...env, ATTUNE_PACKS_DIR: packs, ATTUNE__SECURITY__ENCRYPTION_KEY: 'k'.repeat(43) };
const server = cluster.startServer(apart, agent);
await cluster.answers();
const worker = cluster.startWorker('bench', apart, agent);

const places: readonly Place[] = [
  { api: whole.api, pids: [whole.child.pid] },
  { api: cluster.api, pids: [server.pid, worker.pid] },
];

const table = await beginPauses(
  ['standalone', 'server', 'worker'],
  places.map(({ pids }) => pids),
);
for (const [index, [name, attack]] of attacks.entries())
  if (asked(name)) await measure(name, ({ api }) => runAll(api, `hostile.a${index}`, attack));
for (const [name, work] of Object.entries(requestAttacks()))
  if (asked(name)) await measure(name, ({ api }) => work(api));
for (const [name, action] of Object.entries(toInstall))
  if (asked(name)) await measure(name, ({ api }) => run(api, action, {}));
table.end();

async function measure(name: string, work: (place: Place) => Promise<string>): Promise<void> {
  await table.measure(
    name,
    places.map((place) => ({ pids: place.pids, work: () => work(place) })),
  );
}

async function runAll(api: Api, action: string, { parameters = {}, count = 1 }: ActionAttack): Promise<string> {
  const ends = await Promise.all(Array.from({ length: count }, () => run(api, action, parameters)));
  return [...new Set(ends)].join();
}

function requestAttacks(): Readonly<Record<string, (api: Api) => Promise<string>>> {
  const list = Array.from({ length: 19_000 }, (_, index) => `text ${index}`);
  const body = JSON.stringify({ action_ref: 'hostile.a0', parameters: { list } });
  const post = (api: Api, text: string): Promise<Response> => api('executions', { method: 'POST', body: text });
  const sizeOf = async (answer: Response): Promise<string> =>
    `${answer.status}, ${(await answer.text()).length} characters`;
  return {
    'a request of 2 MB, a text': async (api) =>
      sizeOf(
        await post(api, JSON.stringify({ action_ref: 'hostile.none', parameters: { text: 'x'.repeat(2_000_000) } })),
      ),
    'a request of 2 MB, no JSON': async (api) => sizeOf(await post(api, '{"a": '.repeat(300_000))),
    'a request of 2 MB, quotes': async (api) => sizeOf(await post(api, `["${'\\'.repeat(1_900_000)}`)),
    'a request of 99,000 unknown members': async (api) =>
      sizeOf(await post(api, `{"action_ref":"hostile.a0",${list.map((one) => `"${one}":[[],[],[]]`).join()}}`)),
    'code of 1 MB': async (api) =>
      sizeOf(await post(api, JSON.stringify({ inline: { runtime: 'python', code: `#${'x'.repeat(999_000)}\n` } }))),
    'the list of executions': async (api) => {
      for (let count = 0; count < 20; count++) await (await post(api, body)).text();
      const answers = await Promise.all(
        Array.from({ length: 10 }, () => api('executions?limit=500&fields=parameters,result')),
      );
      return sizeOf(answers[0] as Response);
    },
    'the list of actions': async (api) => sizeOf(await api('actions')),
    'the list of packs': async (api) => sizeOf(await api('packs')),
    metrics: async (api) => sizeOf(await api('../../metrics')),
  };
}

async function run(api: Api, action: string, parameters: object): Promise<string> {
  const body = JSON.stringify({ action_ref: action, parameters });
  const answer = await api('executions', { method: 'POST', body });
  if (answer.status !== 201) return `${answer.status} ${(await answer.text()).slice(0, 200)}`;
  const { id } = (await answer.json()) as { id: string };
  let status = '';
  await until(
    `the end of ${action}`,
    async () => {
      await Bun.sleep(100);
      status = ((await (await api(`executions/${id}`)).json()) as { status: string }).status;
      return ['completed', 'failed', 'timeout', 'abandoned'].includes(status);
    },
    deadlineMs,
  ).catch((error: unknown) => (status = String(error)));
  return status;
}
