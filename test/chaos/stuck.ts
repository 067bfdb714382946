/** Waiting for an end that may never come: as long as something moves, and with all that is known when nothing does. */
import { statSync } from 'node:fs';
import { ACTIVE } from '#adapters/store/status-lists.ts';
import { call } from '#test/support/call.ts';
import type { Cluster } from '#test/support/cluster.ts';
import type { Processes } from './processes.ts';
import type { Truth } from './truth.ts';

interface Waiting {
  /** What has not come about, as a broken promise. */
  readonly otherwise: string;
  /** May reject while the database is away. */
  isDone(): Promise<boolean>;
  /** Differs whenever something has moved. */
  progress(): Promise<string>;
}

/** A machine that is slow moves something in this time. */
const STILL_MS = 120_000;
/** And gets through in this one. */
const MOST_MS = 900_000;
const PAUSE_MS = 100;

/** Undefined, or the promise that is broken since nothing has moved for long. */
export async function waitWhileItMoves({ otherwise, isDone, progress }: Waiting): Promise<string | undefined> {
  const end = performance.now() + MOST_MS;
  let last = '';
  for (let moved = performance.now(); ; ) {
    if (await isDone().catch(() => false)) return undefined;
    const now = await progress().catch(() => last);
    if (now !== last) moved = performance.now();
    last = now;
    if (performance.now() - moved > STILL_MS) return `${otherwise}: nothing has moved for ${STILL_MS / 1000} s`;
    if (performance.now() > end) return `${otherwise} within ${MOST_MS / 1000} s`;
    await Bun.sleep(PAUSE_MS);
  }
}

/** How far everything has come. */
export async function progressOf({ sql }: Cluster, history: string): Promise<string> {
  const [row] = await sql`SELECT (SELECT max(n) FROM chaos_change) AS n, (SELECT count(*) FROM outbox) AS messages`;
  return `${row?.['n']} ${row?.['messages']} ${statSync(history, { throwIfNoEntry: false })?.size}`;
}

/** Everything about executions that do not end, for whoever looks into it. */
export async function describeStuck(cluster: Cluster, processes: Processes, truth: Truth): Promise<string> {
  const { sql, broker } = cluster;
  const executions = await sql`
    SELECT id, action_ref, status, attempt, worker, retry_count, schedule_after - now() AS due_in,
      dispatched_at - now() AS dispatched FROM execution
    WHERE status IN ${sql.unsafe(ACTIVE)} ORDER BY id LIMIT 20`;
  const workers = await sql`SELECT id, name, status, meta, now() - last_heartbeat AS silent FROM worker ORDER BY id`;
  const claims = await sql`SELECT *, lease_expires_at - now() AS left FROM execution_claim`;
  const environments = await sql`SELECT * FROM pack_environment WHERE status <> 'ready'`;
  const outbox = await sql`SELECT message_id, routing_key, created, taken_until FROM outbox LIMIT 20`;
  const locks = await sql`
    SELECT pid, state, wait_event, now() - xact_start AS since, left(query, 200) AS query FROM pg_stat_activity
    WHERE application_name = 'attune-agent' AND state <> 'idle'`;
  const queues = (await broker.power?.listQueues().catch(String)) ?? 'not ours to ask';
  const health = await truth.ask();
  const logs = processes.all().map((one) => {
    const stack = call([
      'sh',
      '-c',
      `cat /proc/${one.pid}/wchan /proc/${one.pid}/stat; ls /proc/${one.pid}/fd | wc -l`,
    ]);
    return `${one.name}, pid ${one.pid}: ${stack.stdout}\n  ${one.said().split('\n').slice(-25).join('\n  ')}`;
  });
  const known = { executions, workers, claims, environments, outbox, locks, health };
  return [JSON.stringify(known, null, 1), queues, ...logs].join('\n');
}
