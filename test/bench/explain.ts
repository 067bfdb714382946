/**
 * `EXPLAIN (ANALYZE, BUFFERS)` of each hot statement, those inside of functions too, beside 100,000 executions that have
 * ended, as PostgreSQL's auto_explain tells them: `bun test/bench/explain.ts` writes them into docs/performance.md.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join as joinPath } from 'node:path';
import postgres from 'postgres';
import type { Caller } from '#adapters/store/postgres/connect.ts';
import { migrate } from '#adapters/store/postgres/migrate.ts';
import { appendLogs } from '#adapters/store/postgres/queries/append-logs.ts';
import { claim } from '#adapters/store/postgres/queries/claim.ts';
import { heartbeat } from '#adapters/store/postgres/queries/heartbeat.ts';
import { listExecutions } from '#adapters/store/postgres/queries/list-executions.ts';
import { request } from '#adapters/store/postgres/queries/request.ts';
import { createSchedule } from '#adapters/store/postgres/queries/schedule.ts';
import { settle } from '#adapters/store/postgres/queries/settle.ts';
import { openPostgresStore } from '#adapters/store/postgres/store.ts';
import { action, firstWorker, pack } from '#test/contract/samples.ts';
import { bounds, completed, ended, everyExecution, join, LEASE_MS, logChunk } from '#test/contract/store/fixtures.ts';
import { startPostgres } from '#test/support/postgres.ts';
import { projectRoot } from '#test/support/project.ts';
import { openSql, schema } from '#test/support/schema.ts';

const ENDED = 100_000;
const BATCH = 8;
const BEGIN = '<!-- plans -->';
const END = '<!-- end of plans -->';

await using server = await startPostgres();
const url = await server.createDatabase();
const session = await prepare();
const notices: string[] = [];
const sql = postgres(url, {
  max: 1,
  onnotice: ({ message }) => notices.push(message ?? ''),
  connection: { search_path: 'attune,public', jit: 'off' },
});
await sql.unsafe(`
  LOAD 'auto_explain'; SET auto_explain.log_level = notice; SET client_min_messages = notice;
  SET auto_explain.log_nested_statements = on; SET auto_explain.log_analyze = on; SET auto_explain.log_buffers = on;
  SET auto_explain.log_timing = off; SET auto_explain.log_triggers = off`);
const caller: Caller = { sql, owner: undefined, ciphers: undefined, shared: undefined };
const texts = await explainAll();
const path = joinPath(projectRoot, 'docs/performance.md');
const document = readFileSync(path, 'utf8');
const [head = ''] = document.split(BEGIN);
const [, rest = ''] = document.split(END);
writeFileSync(path, `${head}${BEGIN}\n\n${texts.join('\n\n')}\n\n${END}${rest}`);
await sql.end();

/** Makes a database with a worker and a long history. */
async function prepare() {
  const made = openSql(url);
  await migrate(made, schema);
  await using store = openPostgresStore(url);
  await store.savePack({ pack, runtimes: [], actions: [action('echo')] });
  const joined = await join(store);
  await made`ALTER TABLE execution DISABLE TRIGGER USER`;
  await made`
    INSERT INTO execution (action, action_ref, status, worker, attempt, started_at, result)
    SELECT a.id, a.ref, 'completed', ${joined.worker}, 1, now(), '{"succeeded": true}'
    FROM action a, generate_series(1, ${ENDED}::int) WHERE a.ref = 'demo.echo'`;
  await made`ALTER TABLE execution ENABLE TRIGGER USER`;
  await made`VACUUM ANALYZE`;
  await made.end();
  return joined;
}

async function explainAll(): Promise<readonly string[]> {
  const told: string[] = [];
  const schedule = createSchedule();
  const explain = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
    notices.length = 0;
    await sql.unsafe('SET auto_explain.log_min_duration = 0');
    const answer = await work();
    await sql.unsafe('SET auto_explain.log_min_duration = -1');
    told.push(`### ${what}\n\n\`\`\`text\n${[...new Set(notices.flatMap(planOf))].join('\n\n')}\n\`\`\``);
    return answer;
  };
  const requests = Array.from({ length: BATCH }, (_, n) => ({ actionRef: 'demo.echo', parameters: { n } }));
  await sql`SELECT agent_execution_ids()`; /* notes the history of a new database, once */
  const { executions } = await explain('Submit', () => request(caller, requests));
  await explain('Schedule', () => schedule(caller, bounds, firstWorker));
  const offers = executions.flatMap((execution) => (execution === undefined ? [] : [{ execution, attempt: 1 }]));
  const { claimed } = await explain('Claim', () => claim(caller, session, offers, LEASE_MS));
  await explain('Heartbeat', () => heartbeat(caller, session, LEASE_MS, BATCH));
  const chunks = claimed.map((one) => logChunk(one.execution, 0, 'text'));
  await explain('Append logs', () => appendLogs({ ...caller, owner: 'login:attune' }, chunks));
  await explain('List what is active', () =>
    listExecutions(caller, { ...everyExecution, statuses: ['requested', 'scheduled', 'running', 'canceling'] }),
  );
  await explain('List all', () => listExecutions(caller, everyExecution));
  await explain('Settle', () =>
    settle(
      caller,
      claimed.map((one) => ended(session, one, completed)),
    ),
  );
  return told;
}

/** What a plan has done: its nodes with their rows, without those that were never needed, and all buffers. */
function planOf(notice: string): readonly string[] {
  const [, plan = ''] = notice.split(/\n(?=\S[^\n]*\(cost=)/);
  if (!/\b(Scan|Insert|Update|ModifyTable)\b/.test(plan) || plan.startsWith('Function Scan on ')) return [];
  const nodes = plan.split('\n').filter((line) => line.includes('(actual ') || line.trim().startsWith('CTE '));
  const [buffers = ''] = plan.match(/Buffers: [^\n]*/) ?? [];
  return buffers === '' ? [] : [[...nodes.map(shortened), buffers].join('\n')];
}

function shortened(line: string): string {
  return line.replace(/\(cost=\S* rows=\d+ width=\d+\) /, '').replace(/\(actual rows=(\d+) loops=(\d+)\)/, '($1 × $2)');
}
