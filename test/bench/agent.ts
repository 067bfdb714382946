/**
 * What a worker's own processes take of the processor for one empty script, and how many system calls it makes, 16 at a
 * time: `bun test/bench/agent.ts AGENT [EXECUTIONS] [ROUNDS]`.
 */
import { readFileSync } from 'node:fs';
import { ACTIVE } from '#adapters/store/status-lists.ts';
import { callAgent } from '#test/support/agent.ts';
import { startCluster } from '#test/support/cluster.ts';
import { countSystemCalls } from '#test/support/system-calls.ts';
import { until } from '#test/support/until.ts';
import { statOf, statsBelow } from './processes.ts';

const each = Number(process.argv[3] ?? 2500);
const rounds = Number(process.argv[4] ?? 3);

await using cluster = await startCluster({ heartbeat: 3, actions: { true: { script: 'exit 0\n' } } });
cluster.startServer();
await cluster.answers();
const worker = cluster.startWorker('bench', { ATTUNE__WORKER__MAX_CONCURRENT_TASKS: '16' });
await until('it is ready', () => callAgent(['health', '--name', 'bench'], { env: cluster.env }).exitCode === 0);
console.log(`agent: ${rounds} rounds of ${each} empty scripts, 16 at once; RSS when idle ${rssMb()} MB`);
await run(each); /* warm */
for (let round = 0; round < rounds; round++) {
  const before = partsOf(worker.pid);
  await run(each);
  const after = partsOf(worker.pid);
  const per = Object.entries(after).map(([name, ms]) => `${name} ${((ms - (before[name] ?? 0)) / each).toFixed(3)}`);
  console.log(`  ms of the processor: ${per.join(', ')}; RSS ${rssMb()} MB`);
}
console.log(`  system calls: ${((await countSystemCalls(worker.pid, () => run(500))) / 500).toFixed(1)}`);

/** Asks for so many at once, and waits for all. */
async function run(count: number): Promise<void> {
  await cluster.sql`
    INSERT INTO execution (action, action_ref, config)
    SELECT id, ref, '{}' FROM action, generate_series(1, ${count}::int) WHERE ref = 'life.true'`;
  await until('all are done', async () => (await unfinished()) === 0, 300_000);
}

/** Asked seldom: counting is work for the machine that is measured. */
async function unfinished(): Promise<number> {
  await Bun.sleep(100);
  const [row] = await cluster.sql<
    { n: number }[]
  >`SELECT count(*)::int AS n FROM execution WHERE status IN ${cluster.sql.unsafe(ACTIVE)}`;
  return row?.n ?? 0;
}

/** Processor time so far, by whose it is: that of the agent's processes that live, and of those that have ended. */
function partsOf(agent: number): Record<string, number> {
  const [own, below] = [statOf(agent), statsBelow(agent)];
  return {
    agent: own.own,
    'fork server and keepers': below.reduce((sum, one) => sum + one.own, 0),
    'what has ended below': [own, ...below].reduce((sum, one) => sum + one.ended, 0),
  };
}

function rssMb(): number {
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${worker.pid}/status`, 'utf8'))?.[1] ?? 0) / 1024);
}
