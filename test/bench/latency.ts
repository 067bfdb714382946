/**
 * From the request to the result by the API, one execution at a time, against a bare process of the same script: by one
 * request that waits (`?wait=`), and by a stream of the log that is followed to its end:
 * `bun test/bench/latency.ts AGENT [EXECUTIONS]`.
 */
import { join } from 'node:path';
import { callAgent } from '#test/support/agent.ts';
import { startCluster } from '#test/support/cluster.ts';
import { until } from '#test/support/until.ts';

const each = Number(process.argv[3] ?? 200);
const actions = { nothing: { script: 'exit 0\n' }, line: { script: 'echo one line of output\n' } };

await using cluster = await startCluster({ heartbeat: 3, actions });
cluster.startServer({ ATTUNE__SERVER__REQUESTS_PER_SECOND: '0' });
await cluster.answers();
cluster.startWorker('latency', { ATTUNE__WORKER__MAX_CONCURRENT_TASKS: '4' });
await until('it is ready', () => callAgent(['health', '--name', 'latency'], { env: cluster.env }).exitCode === 0);

console.log(`latency of ${each} executions, one at a time: p50 / p90 / p99, milliseconds`);
for (const action of Object.keys(actions)) {
  const script = join(cluster.packs.path, 'life/actions', `${action}.sh`);
  await race(action, {
    'bare process': () => bare(script),
    'waited for': () => wait(action),
    followed: () => follow(action),
  });
}
await tellSteps();

/** In turns, so that the moods of the machine meet all of them. */
async function race(action: string, ways: Readonly<Record<string, () => Promise<void>>>): Promise<void> {
  const times = new Map(Object.keys(ways).map((name): [string, number[]] => [name, []]));
  for (let n = -10; n < each; n++)
    for (const [name, way] of Object.entries(ways)) {
      const since = performance.now();
      await way();
      if (n >= 0) times.get(name)?.push(performance.now() - since);
    }
  for (const [name, all] of times) line(`${action}, ${name}`, all);
}

async function bare(script: string): Promise<void> {
  const child = Bun.spawn(['/bin/bash', script], { stdin: 'ignore', stdout: 'pipe', stderr: 'pipe' });
  await Promise.all([child.stdout.bytes(), child.stderr.bytes(), child.exited]);
}

async function wait(action: string): Promise<void> {
  const body = JSON.stringify({ action_ref: `life.${action}` });
  const { status } = (await (await cluster.api('executions?wait=45', { method: 'POST', body })).json()) as {
    status: string;
  };
  if (status !== 'completed') throw new Error(`it is ${status}`);
}

async function follow(action: string): Promise<void> {
  const answer = await cluster.api(`executions/${await cluster.submit(action)}/logs/stream`);
  if (!(await answer.text()).includes('"completed"')) throw new Error('it did not complete');
}

/** What the database has noted of the same executions. */
async function tellSteps(): Promise<void> {
  const steps = await cluster.sql<{ step: string; all: number[] }[]>`
    SELECT step, array_agg(ms)::float8[] AS all
    FROM execution e CROSS JOIN LATERAL (VALUES
      ('requested to scheduled', extract(epoch FROM e.dispatched_at - e.created) * 1000),
      ('scheduled to claimed', extract(epoch FROM e.started_at - e.dispatched_at) * 1000),
      ('claimed to ended', extract(epoch FROM e.updated - e.started_at) * 1000),
      ('of it, the program', (e.result ->> 'duration_ms')::float8)) AS steps (step, ms)
    GROUP BY step ORDER BY step`;
  for (const { step, all } of steps) line(step, all);
}

function line(name: string, all: readonly number[]): void {
  const sorted = all.toSorted((a, b) => a - b);
  const at = (share: number): string =>
    (sorted[Math.floor(sorted.length * share)] ?? Number.NaN).toFixed(1).padStart(7);
  console.log(`  ${name.padEnd(32)} ${at(0.5)} ${at(0.9)} ${at(0.99)}`);
}
