/**
 * The longest step of a whole Attune in one process, on SQLite, and of a server and a worker, on PostgreSQL, while they answer
 * about much data: long tables, large rows, packs of many files, many readers, artifacts. Its exit code is 1 where a line is
 * above the bound. It needs perf, and root. `bun test/bench/data-pauses.ts [AGENT] [ONLY] [ROWS]`.
 */
import { join, resolve } from 'node:path';
import { agentFile } from '#test/support/agent.ts';
import { startCluster } from '#test/support/cluster.ts';
import { standalone } from '#test/support/standalone.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';
import { until } from '#test/support/until.ts';
import { fillPostgres, fillSqlite } from './much-data.ts';
import { beginPauses } from './pauses.ts';
import { openRawStream } from './raw-streams.ts';

const agent = resolve(process.argv[2] ?? agentFile);
const only = new RegExp(process.argv[3] ?? '');
const ROWS = Number(process.argv[4] ?? 500_000);
const MEBIBYTE = 1024 * 1024;
const ACTIONS = 1000;
const OCTETS = { 'content-type': 'application/octet-stream' };

using directory = temporaryDirectory();
directory.file('packs/none/pack.yaml', 'ref: none\nversion: 1.0.0\n');
directory.file('packs/none/actions/none.yaml', 'entry_point: none.sh\nrunner_type: shell\n');
directory.file('packs/none/actions/none.sh', 'true\n');
directory.file('packs/none/actions/leave.yaml', 'entry_point: leave.sh\nrunner_type: shell\n');
directory.file(
  'packs/none/actions/leave.sh',
  'cd "$ATTUNE_ARTIFACTS_DIR"; truncate -s 1G hole; i=0; while [ $i -lt 300 ]; do echo $i > f$i; i=$((i + 1)); done\n',
);
directory.file('packs/wide/pack.yaml', 'ref: wide\nversion: 1.0.0\n');
for (let at = 0; at < ACTIONS; at++)
  directory.file(`packs/wide/actions/a${at}.yaml`, 'entry_point: a.sh\nrunner_type: shell\n');
directory.file('packs/wide/actions/a.sh', 'true\n');
const env = {
  ATTUNE_PACKS_DIR: join(directory.path, 'packs'),
  ATTUNE__RETENTION__EXECUTION_DAYS: '30',
  ATTUNE__RETENTION__RESULT_DAYS: '30',
  ATTUNE__RETENTION__EXECUTION_COUNT: String(ROWS - 1000),
  ATTUNE__RETENTION__RESULT_COUNT: String(ROWS - 1000),
  ATTUNE__RETENTION__AUDIT_COUNT: String(ROWS - 1000),
  ATTUNE__RETENTION__ARTIFACT_COUNT: String(ROWS - 1000),
  ATTUNE__RETENTION__INTERVAL: '10',
  ATTUNE__ARTIFACTS__MAX_BYTES: String(2 ** 31),
  ATTUNE__ARTIFACTS__MAX_FILES: '1000',
};
const data = join(directory.path, 'data');
await using whole = await standalone(data, env, { wrap: (args) => [agent, ...args] });
await using cluster = await startCluster({ actions: {} });
const apart = { ...env, ATTUNE__ARTIFACTS__DIRECTORY: join(directory.path, 'artifacts') };
const server = cluster.startServer(apart, agent);
await cluster.answers();
const worker = cluster.startWorker('bench', { ...apart, ATTUNE_WORKER_RUNTIMES: 'shell' }, agent);
await until('the worker is there', async () => worker.said().includes('registered'));

/** What answers requests below /api/v1. */
interface Attune {
  readonly url: string;
  readonly token: string | undefined;
  api(path: string, init?: RequestInit): Promise<Response>;
}
type Attack = (attune: Attune) => Promise<string>;
const places = [
  { attune: whole, pids: [whole.child.pid] },
  { attune: cluster, pids: [server.pid, worker.pid] },
];

const attacks: Readonly<Record<string, Attack>> = {
  'results of a megabyte, 500 of them in a list': get('executions?fields=result&limit=500&status=completed'),
  'an execution with a result of a megabyte': get(`executions/${ROWS}`),
  'ten of them at once': async (attune) =>
    (await Promise.all(Array.from({ length: 10 }, () => get(`executions/${ROWS}`)(attune))))[0] ?? '',
  'executions of a status that one in 5,000 has, and a text': get('executions?status=failed&q=usual'),
  'executions of a sparse status': get('executions?status=failed'),
  'executions of two sparse statuses, a pack': get('executions?status=failed,cancelled&pack_ref=usual'),
  'artifacts of an execution with one': get('artifacts?execution=5'),
  'artifacts, 500 of an execution': get(`artifacts?execution=${ROWS}&limit=500`),
  'artifacts, the newest 500': get('artifacts?limit=500'),
  'executions of several statuses': get('executions?status=failed,timeout,abandoned,completed'),
  'executions of a status and an action': get('executions?status=failed&action_ref=usual.action'),
  'executions of a worker and a status': get('executions?status=failed&worker=1'),
  'executions of a parent and a status': get('executions?status=failed&parent=5'),
  'the audit log of nobody': get('audit?actor=nobody'),
  'the audit log': get('audit?limit=1000'),
  keys: get('keys?limit=1000'),
  workers: get('workers?limit=1000'),
  placement: get('actions/none.none/placement'),
  activity: get('activity'),
  metrics: get('../../metrics'),
  'the document of the API': get('openapi.json'),
  'retention by age and count': async () => {
    await Bun.sleep(20_000);
    return 'waited';
  },
  'a hundred readers of a log of 8 MB': readLog(ROWS, 100),
  'a thousand readers of a log of 80 KB': readLog(ROWS - 1, 1000),
  'actions, 1,000 of them': get('actions?limit=1000'),
  'executions, 500 of them': get('executions?limit=500'),
  'a log of 8 MB, whole, ten times': async (attune) =>
    (await Promise.all(Array.from({ length: 10 }, () => get(`executions/${ROWS}/logs/stdout`)(attune))))[0] ?? '',
  'a thousand streams of messages': async (attune) => {
    const streams = Array.from({ length: 1000 }, (_, at) =>
      openRawStream(`${attune.url}/api/v1/worker/messages/worker.${at + 1}.executions`, attune.token),
    );
    await Promise.all(streams.map(({ begun }) => begun));
    const ends = await Promise.all(Array.from({ length: 20 }, () => run(attune, 'none.none')));
    for (const stream of streams) stream.end();
    return [...new Set(ends)].join();
  },
  'artifacts of an execution: a sparse gigabyte, 300 small ones': async (attune) => await run(attune, 'none.leave'),
  'artifacts, downloaded: a gigabyte, and 300 at once': async ({ api }) => {
    const { artifacts } = (await (await api('artifacts?limit=400')).json()) as {
      readonly artifacts: readonly { readonly id: string; readonly bytes: number; readonly name: string }[];
    };
    const kept = artifacts.filter(({ name }) => /^(hole|f\d+)$/.test(name));
    const sizes = kept.map(async ({ id }) => {
      let bytes = 0;
      for await (const chunk of (await api(`artifacts/${id}/content`)).body ?? []) bytes += chunk.length;
      return bytes;
    });
    return `${kept.length} files, ${(await Promise.all(sizes)).reduce((sum, one) => sum + one, 0)} bytes`;
  },
  'artifacts, uploaded: 512 MB, and 300 of 1 KB at once': async ({ api }) => {
    const put = async (name: string, body: Uint8Array<ArrayBuffer>): Promise<number> =>
      (await api(`worker/artifacts?path=${ROWS}/1/${name}`, { method: 'PUT', body, headers: OCTETS })).status;
    const small = Array.from({ length: 300 }, (_, at) => put(`s${at}`, new Uint8Array(1024)));
    const all = await Promise.all([put('large', new Uint8Array(512 * MEBIBYTE)), ...small]);
    return [...new Set(all)].join();
  },
  'a pack of 10,000 files, installed': async ({ api }) => {
    writeMany('many', 'many');
    const archive = join(directory.path, 'many.tgz');
    await Bun.spawn(['tar', 'czf', archive, '-C', join(directory.path, 'many'), '.']).exited;
    const body = await Bun.file(archive).arrayBuffer();
    const answer = await api('packs', { method: 'POST', body, headers: { 'content-type': 'application/gzip' } });
    return `${answer.status} ${(await answer.text()).slice(0, 100)}`;
  },
  'a pack of 10,000 files, served': async ({ api }) => {
    writeMany('packs/served', 'served');
    await until('it is served', async () => (await api('packs/served')).ok, 120_000);
    return 'served';
  },
};

const table = await beginPauses(
  ['standalone', 'server', 'worker'],
  places.map(({ pids }) => pids),
);
fillSqlite(join(data, 'attune.db'), ROWS);
await fillPostgres(cluster.sql, ROWS);
for (const [name, work] of Object.entries(attacks)) {
  if (!only.test(name)) continue;
  await table.measure(
    name,
    places.map(({ attune, pids }) => ({ pids, work: () => work(attune).catch(String) })),
  );
}
table.end();

function get(path: string): Attack {
  return async ({ api }) => {
    const answer = await api(path);
    return `${answer.status}, ${(await answer.text()).length} characters`;
  };
}

function readLog(execution: number, readers: number): Attack {
  return async ({ url, token }) => {
    const path = `${url}/api/v1/executions/${execution}/logs/stream`;
    const answers = Array.from({ length: readers }, () => openRawStream(path, token).answer);
    const counts = Map.groupBy(await Promise.all(answers), (answer) => answer);
    return [...counts].map(([answer, all]) => `${all.length} × ${answer}`).join(', ');
  };
}

async function run({ api }: Pick<Attune, 'api'>, action: string): Promise<string> {
  const body = JSON.stringify({ action_ref: action, parameters: {} });
  const answer = await api('executions', { method: 'POST', body });
  if (answer.status !== 201) return `${answer.status} ${(await answer.text()).slice(0, 200)}`;
  const { id } = (await answer.json()) as { readonly id: string };
  let status = '';
  await until(`the end of ${action}`, async () => {
    status = ((await (await api(`executions/${id}?wait=20`)).json()) as { readonly status: string }).status;
    return ['completed', 'failed', 'timeout', 'abandoned'].includes(status);
  });
  return status;
}

function writeMany(place: string, ref: string): void {
  for (let at = 0; at < 10_000; at++) directory.file(`${place}/lib/${at % 100}/f${at}.txt`, `${at}\n`);
  directory.file(`${place}/pack.yaml`, `ref: ${ref}\nversion: 1.0.0\n`);
}
