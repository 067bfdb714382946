/** What executions take of the static file: its system calls have a bound, under floods of output its memory too, and what is written while nobody takes it waits. */
import { afterAll, beforeAll, expect } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { agentFile, callAgent } from '#test/support/agent.ts';
import { type Cluster, startAgent, startCluster } from '#test/support/cluster.ts';
import { serversTest as test } from '#test/support/servers-test.ts';
import { standalone, withToken } from '#test/support/standalone.ts';
import { countSystemCalls, OF_THE_RUNTIME, whyNoSystemCalls } from '#test/support/system-calls.ts';
import { startProxy } from '#test/support/tcp-proxy.ts';
import { toolTest } from '#test/support/tool-test.ts';
import { isAlive, pidFrom, until } from '#test/support/until.ts';

const AT_ONCE = 16;
/* Ten times as much takes no more memory, since all beyond the limit is dropped, but minutes. */
const BYTES = 16_000_000;
/** The limit of the log of each stream, and the line that marks it. */
const LOGGED = 4_000_000;
const NOTICE = /cut here, at its limit of 4000000 bytes/;
const MOST_MIB = 200;
/** For an empty script, 16 at a time, without those of the runtime's threads among each other. */
const MOST_SYSTEM_CALLS = 40;
/** A worker at a server holds each request until it is answered: 184 to 201 MiB were seen. */
const MOST_REMOTE_MIB = 240;
/** A whole Attune has a server and a database in the same process: 198 to 206 MiB were seen, 98 of them before any work. */
const MOST_WHOLE_MIB = 240;

const line = 'x'.repeat(99);
/* More than a result holds comes before the result, on stdout or stderr, in lines, in one, or not as text at all. */
const floods = {
  lines: `yes ${line} | head -c ${BYTES}`,
  errors: `yes ${line} | head -c ${BYTES} >&2`,
  giant: `head -c ${BYTES} /dev/zero | tr '\\0' x`,
  binary: `head -c ${BYTES} /dev/urandom`,
};
const actions = {
  nothing: { script: 'exit 0\n' },
  ...Object.fromEntries(
    Object.entries(floods).map(([name, script]) => [
      name,
      { yaml: 'output_format: json\n', script: `${script}; echo; echo '{"a":1}'` },
    ]),
  ),
  endless: {
    yaml: 'parameter_format: dotenv\ntimeout_seconds: 4\n',
    script: `eval "$(cat)"; echo $$ >"$file"; trap "" TERM; exec yes ${line}`,
  },
  unread: { yaml: 'parameter_format: dotenv\n', script: `eval "$(cat)"; echo $$ >"$file"; exec yes ${line}` },
};
const resources = new AsyncDisposableStack();
let cluster: Cluster;

beforeAll(async () => {
  cluster = resources.use(await startCluster({ heartbeat: 3, actions }));
  cluster.startServer();
  await cluster.answers();
}, 300_000);

afterAll(async () => await resources.disposeAsync(), 120_000);

const slots = {
  ATTUNE__WORKER__MAX_CONCURRENT_TASKS: String(AT_ONCE),
  ATTUNE__WORKER__MAX_STDOUT_BYTES: String(LOGGED),
  ATTUNE__WORKER__MAX_STDERR_BYTES: String(LOGGED),
};
const peakMib = (pid: number): number =>
  Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;

interface Flooded {
  readonly pid: number;
  submit(action: string): Promise<number>;
  execution(id: number): Promise<Pick<Answer, 'status' | 'result'>>;
}

interface Answer {
  readonly id: number;
  readonly status: string;
  readonly result: unknown;
}

/** Lets everything print at once, and returns the ids of the executions, which have completed by then. */
async function flood({ submit, execution }: Flooded): Promise<readonly number[]> {
  const names = Array.from({ length: AT_ONCE }, (_, n) => Object.keys(floods)[n % 4] ?? '');
  const ids = await Promise.all(names.map(submit));
  for (const id of ids)
    await until(`${id} has completed`, async () => (await execution(id)).status === 'completed', 300_000);
  for (const id of ids) expect((await execution(id)).result).toMatchObject({ data: { a: 1 } });
  return ids;
}

/** Waits until a process that would write for ever has written nothing for a second. */
async function untilItStandsStill(pid: number): Promise<void> {
  let last = '';
  let since = performance.now();
  await until(`process ${pid} writes nothing any more`, () => {
    const now = readFileSync(`/proc/${pid}/io`, 'utf8');
    if (now !== last) since = performance.now();
    last = now;
    return performance.now() - since > 1000;
  });
}

function onCluster(name: string, pid: number): Flooded {
  return {
    pid,
    submit: (action) => cluster.submit(action, {}, { worker_selector: { name } }),
    execution: (id) => cluster.execution(id),
  };
}

test('a worker whose database is slow or silent holds what prints too much up, ends it in time, and loses nothing', async () => {
  const url = new URL(cluster.env['ATTUNE__DATABASE__URL'] ?? '');
  const proxy = resources.use(await startProxy(Number(url.port)));
  url.port = String(proxy.port);
  await using worker = cluster.startWorker('database', {
    ...slots,
    ATTUNE__DATABASE__URL: url.href,
    ATTUNE__WORKER__LABELS: 'name=database',
    ATTUNE__WORKER__MAX_STDOUT_BYTES: '1000000000',
    ATTUNE__WORKER__HEARTBEAT_INTERVAL: '30',
  });
  const selector = { worker_selector: { name: 'database' } };
  const start = async (action: string, file: string): Promise<readonly [id: number, pid: number]> => {
    const id = await cluster.submit(action, { file: join(cluster.packs.path, file) }, selector);
    return [id, await pidFrom(join(cluster.packs.path, file))];
  };
  const [endless, blocked] = await start('endless', 'endless.pid');
  const others = await Promise.all(Array.from({ length: 8 }, (_, n) => start('unread', `unread.${n}`)));
  proxy.mute();
  for (const [, pid] of others) await untilItStandsStill(pid);
  await until('what was blocked has ended in time', () => !isAlive(blocked));
  expect(peakMib(worker.pid)).toBeLessThan(MOST_MIB);
  proxy.unmute();
  for (const [id] of others) await cluster.api(`executions/${id}/cancel`, { method: 'POST' });
  for (const [id] of others) await cluster.reaches(id, 'cancelled');
  expect((await cluster.reaches(endless, 'timeout')).result).toMatchObject({ stdout_truncated: true });
  const gaps = await cluster.sql`
    SELECT 1 FROM (
      SELECT "offset", octet_length(data) AS bytes,
        lag("offset" + octet_length(data), 1, 0) OVER (PARTITION BY execution, attempt, stream ORDER BY seq) AS before
      FROM execution_log) AS chunk WHERE "offset" <> before`;
  expect(gaps.length).toBe(0);
  expect(peakMib(worker.pid)).toBeLessThan(MOST_MIB);
});

test('16 executions that print more than their logs may hold take a worker at a database less than 200 MiB', async () => {
  await using worker = cluster.startWorker('flooded', { ...slots, ATTUNE__WORKER__LABELS: 'name=flooded' });
  const ids = await flood(onCluster('flooded', worker.pid));
  expect(peakMib(worker.pid)).toBeLessThan(MOST_MIB);
  const sizes = await cluster.sql<{ bytes: number }[]>`
    SELECT sum(octet_length(data))::int AS bytes FROM execution_log WHERE execution = ANY(${[...ids]})
    GROUP BY execution, stream HAVING sum(octet_length(data)) > 10`;
  for (const { bytes } of sizes) expect(bytes - LOGGED).toBeWithin(0, 100);
  const [last] = await cluster.sql<{ data: Buffer }[]>`
    SELECT data FROM execution_log WHERE execution = ${ids[0] ?? 0} ORDER BY seq DESC LIMIT 1`;
  expect(last?.data.toString()).toMatch(NOTICE);
});

test('a worker at a server they take less than 240 MiB', async () => {
  const made = callAgent(['token', 'create', '--name', 'flooded', '--scope', 'worker'], { env: cluster.env });
  const env = {
    ...slots,
    PATH: '/usr/bin:/bin',
    ATTUNE_API_URL: cluster.url,
    ATTUNE_API_TOKEN: made.stdout.trim(),
    ATTUNE_PACKS_DIR: cluster.packs.path,
    ATTUNE_WORKER_RUNTIMES: 'shell',
    ATTUNE__WORKER__LABELS: 'name=remote',
  };
  await using worker = startAgent([agentFile, '--name', 'remote'], env, join(cluster.packs.path, 'remote.log'));
  await flood(onCluster('remote', worker.pid));
  expect(peakMib(worker.pid)).toBeLessThan(MOST_REMOTE_MIB);
});

test('a whole Attune in one process they take less than 240 MiB', async () => {
  const env = { ...slots, ATTUNE_PACKS_DIR: cluster.packs.path };
  await using whole = await standalone(join(cluster.packs.path, 'data'), env);
  const call = async (path: string, body?: object): Promise<Answer> => {
    const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
    return (await (await fetch(`${whole.url}/api/v1/${path}`, withToken(whole.token, init))).json()) as Answer;
  };
  await flood({
    pid: whole.child.pid,
    submit: async (action) => (await call('executions', { action_ref: `life.${action}` })).id,
    execution: (id) => call(`executions/${id}`),
  });
  expect(peakMib(whole.child.pid)).toBeLessThan(MOST_WHOLE_MIB);
});

toolTest(whyNoSystemCalls)(
  'an execution of an empty script takes a worker at most 40 system calls',
  async () => {
    const COUNT = 200;
    await using worker = cluster.startWorker('calls', { ...slots, ATTUNE__WORKER__LABELS: 'name=calls' });
    const run = async (): Promise<void> => {
      const ids = await cluster.sql<{ id: string }[]>`
        INSERT INTO execution (action, action_ref, config, worker_selector)
        SELECT id, ref, '{}', '{"name": "calls"}' FROM action, generate_series(1, ${COUNT}::int)
        WHERE ref = 'life.nothing' RETURNING id`;
      await until('all have completed', async () => {
        const [row] = await cluster.sql<{ n: number }[]>`
          SELECT count(*)::int AS n FROM execution WHERE id = ANY(${ids.map(({ id }) => id)}) AND status = 'completed'`;
        return row?.n === COUNT;
      });
    };
    /* A worker that has just started still looks for interpreters. What each execution costs is in every round. */
    const rounds: number[] = [];
    while (rounds.length < 3) rounds.push((await countSystemCalls(worker.pid, run, OF_THE_RUNTIME)) / COUNT);
    expect(Math.min(...rounds)).toBeWithin(5, MOST_SYSTEM_CALLS);
  },
  400_000,
);
