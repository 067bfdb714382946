/**
 * Side by side in one run: the same empty shell script by a bare Bun.spawn, by attune-agent, and by peers that keep jobs
 * in a database or a broker. Jobs are submitted at once; the rate is that until the last has ended, and the time of the
 * processor is that of all processes that it uses, with the servers: `bun test/bench/peers.ts AGENT [JOBS] [AT-ONCE]`.
 */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import postgres from 'postgres';
import { ACTIVE } from '#adapters/store/status-lists.ts';
import { callAgent } from '#test/support/agent.ts';
import { startCluster } from '#test/support/cluster.ts';
import { until } from '#test/support/until.ts';
import { processorMs, statOf, statsBelow, sumOf } from './processes.ts';

const jobs = Number(process.argv[3] ?? 1000);
const atOnce = (process.argv[4] ?? '1,4,16').split(',').map(Number);
const installed = join(process.env['XDG_CACHE_HOME'] ?? tmpdir(), 'attune-agent-peers');
const made = Bun.spawnSync(['sh', join(import.meta.dir, 'peers/install.sh'), installed], { stderr: 'inherit' });
if (made.exitCode !== 0) throw new Error('the peers cannot be installed');

await using cluster = await startCluster({ heartbeat: 3, actions: { nothing: { script: 'exit 0\n' } } });
const script = join(cluster.packs.path, 'life/actions/nothing.sh');
const shell = '/bin/bash';
const database = await cluster.database.createDatabase();
const sql = postgres(database, { max: 1, onnotice: () => {} });

/** Runs so many jobs, and returns when the last one has ended. */
type Run = (count: number) => Promise<unknown>;

/** The servers that a contender does not use. */
const unused: Readonly<Record<string, readonly string[]>> = {
  'Bun.spawn': ['postgres', 'beam.smp'],
  River: ['beam.smp'],
  'graphile-worker': ['beam.smp'],
  Celery: ['postgres'],
};

interface Contender extends AsyncDisposable {
  readonly run: Run;
  /** Milliseconds of the processor of each of its parts, for one that has several. */
  readonly parts?: () => Readonly<Record<string, number>>;
}

const contenders: Readonly<Record<string, (slots: number) => Promise<Contender>>> = {
  'Bun.spawn': bare,
  'attune-agent': ours,
  River: river,
  'graphile-worker': graphile,
  Celery: celery,
};

console.log(
  `peers: an empty shell script, ${jobs} at each; executions per second, and milliseconds of the processor for each`,
);
for (const slots of atOnce)
  for (const [name, open] of Object.entries(contenders)) {
    await using contender = await open(slots);
    await contender.run(Math.min(100, jobs)); /* warm */
    const partsBefore = contender.parts?.() ?? {};
    const [before, since] = [processorMsOfAll(name), performance.now()];
    await contender.run(jobs);
    const [ms, cpu] = [performance.now() - since, processorMsOfAll(name) - before];
    const numbers = `${((jobs / ms) * 1000).toFixed(0).padStart(6)}/s ${(cpu / jobs).toFixed(2).padStart(8)} ms`;
    const parts = Object.entries(contender.parts?.() ?? {})
      .map(([part, all]) => `${part} ${((all - (partsBefore[part] ?? 0)) / jobs).toFixed(2)}`)
      .join(', ');
    console.log(`  ${`${name}, ${slots} at once`.padEnd(32)} ${numbers} ${parts && `(${parts})`}`);
  }

await sql.end();

async function bare(slots: number): Promise<AsyncDisposable & { readonly run: Run }> {
  const run: Run = async (count) => {
    let left = count;
    const lane = async (): Promise<void> => {
      while (left-- > 0) {
        const child = Bun.spawn([shell, script], { stdin: 'ignore', stdout: 'pipe', stderr: 'pipe' });
        await Promise.all([child.stdout.bytes(), child.stderr.bytes(), child.exited]);
      }
    };
    await Promise.all(Array.from({ length: slots }, lane));
  };
  return { run, [Symbol.asyncDispose]: async () => {} };
}

async function ours(slots: number): Promise<Contender> {
  const server = cluster.startServer({ ATTUNE__SERVER__REQUESTS_PER_SECOND: '0' });
  await cluster.answers();
  const name = `peer-${slots}`;
  const worker = cluster.startWorker(name, { ATTUNE__WORKER__MAX_CONCURRENT_TASKS: String(slots) });
  await until('it is ready', () => callAgent(['health', '--name', name], { env: cluster.env }).exitCode === 0);
  const run: Run = async (count) => {
    await cluster.sql`
      INSERT INTO execution (action, action_ref, config)
      SELECT id, ref, '{}' FROM action, generate_series(1, ${count}::int) WHERE ref = 'life.nothing'`;
    await untilNone(async () => {
      const [row] = await cluster.sql<{ n: number }[]>`
        SELECT count(*)::int AS n FROM execution WHERE status IN ${cluster.sql.unsafe(ACTIVE)}`;
      return row?.n;
    });
  };
  const stop = async (): Promise<void> => {
    for (const one of [worker, server]) one.signal('SIGTERM');
    await Promise.all([worker.ended, server.ended]);
  };
  return { run, parts: () => partsOf(worker.pid, server.pid), [Symbol.asyncDispose]: stop };
}

async function river(slots: number): Promise<AsyncDisposable & { readonly run: Run }> {
  const command = [join(installed, 'river/river'), database, `${slots}`, shell, script];
  const child = Bun.spawn(command, { stdin: 'pipe', stdout: 'pipe', stderr: 'inherit' });
  const { done } = await child.stdout.getReader().read();
  if (done) throw new Error('River did not start');
  const run: Run = async (count) => {
    const before = await finished();
    child.stdin.write(`${count}\n`);
    child.stdin.flush();
    await untilNone(async () => before + count - (await finished()));
  };
  const finished = async (): Promise<number> => {
    const [row] = await sql<{ n: number }[]>`
      SELECT count(*)::int AS n FROM river_job WHERE state = 'completed'`;
    return row?.n ?? 0;
  };
  return { run, [Symbol.asyncDispose]: () => endOf(child) };
}

async function graphile(slots: number): Promise<AsyncDisposable & { readonly run: Run }> {
  const command = ['node', join(installed, 'graphile/graphile.mjs'), database, `${slots}`, shell, script];
  const child = Bun.spawn(command, { cwd: join(installed, 'graphile'), stdio: ['ignore', 'pipe', 'ignore'] });
  let said = '';
  const reading = child.stdout.pipeTo(
    new WritableStream({
      write: (bytes) => {
        said += new TextDecoder().decode(bytes);
      },
    }),
  );
  await until('it looks for jobs', () => said.includes('looking for jobs'));
  void reading;
  const run: Run = async (count) => {
    await sql`SELECT count(graphile_worker.add_job('run')) FROM generate_series(1, ${count}::int)`;
    await untilNone(async () => {
      const [row] = await sql<{ n: number }[]>`SELECT count(*)::int AS n FROM graphile_worker.jobs`;
      return row?.n;
    });
  };
  return { run, [Symbol.asyncDispose]: () => endOf(child) };
}

async function celery(slots: number): Promise<AsyncDisposable & { readonly run: Run }> {
  const python = join(installed, 'celery/bin/python');
  const env = {
    BROKER: cluster.broker.url,
    SHELL_FILE: shell,
    SCRIPT: script,
    PATH: '/usr/bin:/bin',
    C_FORCE_ROOT: '1',
  };
  const options = { cwd: join(installed, 'celery'), env, stdio: ['ignore', 'ignore', 'ignore'] as const };
  const command = ['-m', 'celery', '-A', 'celery_tasks', 'worker', `--concurrency=${slots}`, '--loglevel=ERROR'];
  const child = Bun.spawn([python, ...command], { ...options, stdio: [...options.stdio] });
  const run: Run = async (count) => {
    const client = Bun.spawn([python, 'celery_tasks.py', `${count}`], { ...options, stdio: [...options.stdio] });
    if ((await client.exited) !== 0) throw new Error('Celery did not do it');
  };
  return { run, [Symbol.asyncDispose]: () => endOf(child) };
}

async function endOf(child: Bun.Subprocess): Promise<void> {
  child.kill('SIGTERM');
  await child.exited;
}

/** Asked seldom: counting is work for the server that is measured. */
async function untilNone(count: () => Promise<number | undefined>): Promise<void> {
  await until(
    'all are done',
    async () => {
      await Bun.sleep(50);
      return (await count()) === 0;
    },
    600_000,
  );
}

/** The processor's time of all that a contender uses, also of processes that have ended; this one is the one that spawns. */
function processorMsOfAll(contender: string): number {
  const used = statsBelow(process.pid).filter(({ name }) => !unused[contender]?.includes(name));
  const { own, ended } = statOf(process.pid);
  return sumOf(used) + ended + (contender === 'Bun.spawn' ? own : 0);
}

function partsOf(worker: number, server: number): Readonly<Record<string, number>> {
  const stats = statsBelow(process.pid);
  const named = (wanted: string): number => sumOf(stats.filter(({ name }) => name === wanted));
  return {
    'agent and programs': processorMs(worker),
    server: sumOf([statOf(server)]),
    PostgreSQL: named('postgres'),
    RabbitMQ: named('beam.smp'),
  };
}
