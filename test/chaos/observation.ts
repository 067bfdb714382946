/** What a round of chaos leaves behind, read from the database, the broker, and the file that the actions write to. */
import { readFileSync } from 'node:fs';
import { connect } from 'amqplib';
import { ACTIVE } from '#adapters/store/status-lists.ts';
import type { ExecutionStatus } from '#domain/execution-status.ts';
import type { AgentProcess, Cluster } from '#test/support/cluster.ts';
import type { Observed } from './history.ts';

const COMPLETED_QUEUE = 'chaos.completed';

/** A table that a trigger fills with every change of status, and a queue that catches every completion. */
export async function prepareObservation({ sql, broker }: Cluster): Promise<void> {
  await sql.unsafe(`
    CREATE TABLE chaos_change (n BIGINT GENERATED ALWAYS AS IDENTITY, execution BIGINT, was TEXT, is_now TEXT);
    CREATE FUNCTION chaos_note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      INSERT INTO chaos_change (execution, was, is_now) VALUES (NEW.id, OLD.status, NEW.status); RETURN NULL; END $$;
    CREATE TRIGGER chaos_note AFTER UPDATE ON execution FOR EACH ROW WHEN (OLD.status <> NEW.status) EXECUTE FUNCTION chaos_note();`);
  const connection = await connect(broker.url);
  const channel = await connection.createChannel();
  await channel.assertExchange('attune.executions', 'topic', { durable: true });
  await channel.assertQueue(COMPLETED_QUEUE, { durable: true });
  await channel.bindQueue(COMPLETED_QUEUE, 'attune.executions', 'execution.completed');
  await connection.close();
}

/** How many executions have not ended. Rejects while the database is away. */
export async function countUnfinished({ sql }: Cluster): Promise<number> {
  const [row] = await sql<
    { n: number }[]
  >`SELECT count(*)::int AS n FROM execution WHERE status IN ${sql.unsafe(ACTIVE)}`;
  return row?.n ?? 0;
}

export async function observe(
  { sql, broker }: Cluster,
  { history, confirmed }: { readonly history: string; readonly confirmed: readonly number[] },
): Promise<Observed> {
  const executions = await sql<
    {
      id: string;
      status: ExecutionStatus;
      attempt: number;
      retry_count: number;
      result_attempt: number | null;
      log: string;
    }[]
  >`
    SELECT e.id, e.status, e.attempt, e.retry_count, (e.result->'data'->>'attempt')::int AS result_attempt,
      COALESCE((SELECT string_agg(convert_from(l.data, 'UTF8'), '' ORDER BY l.seq) FROM execution_log l
        WHERE l.execution = e.id AND l.attempt = e.attempt AND l.stream = 'stdout'), '') AS log
    FROM execution e`;
  const changes = await sql<
    { execution: string; was: ExecutionStatus; is_now: ExecutionStatus }[]
  >`SELECT execution, was, is_now FROM chaos_change ORDER BY n`;
  const [claims] = await sql<{ n: number }[]>`SELECT count(*)::int AS n FROM execution_claim`;
  const [outbox] = await sql<{ n: number }[]>`SELECT count(*)::int AS n FROM outbox`;
  return {
    confirmed,
    executions: executions.map((row) => ({
      id: Number(row.id),
      status: row.status,
      attempt: row.attempt ?? 0,
      retryCount: row.retry_count,
      resultAttempt: row.result_attempt ?? undefined,
      log: row.log,
    })),
    lines: readHistory(history),
    changes: changes.map((row) => ({ execution: Number(row.execution), from: row.was, to: row.is_now })),
    messages: await readMessages(broker.url),
    leftClaims: claims?.n ?? 0,
    leftOutbox: outbox?.n ?? 0,
  };
}

function readHistory(path: string): Observed['lines'] {
  return readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map((line) => {
      const [execution, attempt, what] = line.split(' ');
      if (what !== 'start' && what !== 'end') throw new Error(`the history has the line '${line}'`);
      return { execution: Number(execution), attempt: Number(attempt), what };
    });
}

async function readMessages(url: string): Promise<Observed['messages']> {
  const connection = await connect(url);
  const channel = await connection.createChannel();
  const messages: Observed['messages'][number][] = [];
  for (let message = await channel.get(COMPLETED_QUEUE); message; message = await channel.get(COMPLETED_QUEUE)) {
    const { message_id: messageId, payload } = JSON.parse(message.content.toString());
    messages.push({ messageId, execution: payload.execution_id, status: payload.status });
    channel.ack(message);
  }
  await connection.close();
  return messages;
}

/** Everything about executions that do not end, for whoever looks into it. */
export async function describeStuck(
  { sql }: Cluster,
  processes: readonly (AgentProcess | undefined)[],
): Promise<string> {
  const executions = await sql`
    SELECT id, status, attempt, worker, retry_count, schedule_after - now() AS due_in, dispatched_at - now() AS dispatched FROM execution
    WHERE status IN ${sql.unsafe(ACTIVE)} ORDER BY id LIMIT 20`;
  const workers = await sql`SELECT id, name, status, meta, now() - last_heartbeat AS silent FROM worker ORDER BY id`;
  const claims = await sql`SELECT *, lease_expires_at - now() AS left FROM execution_claim`;
  const logs = processes.map((one) => `pid ${one?.pid}: ${one?.said().split('\n').slice(-12).join('\n  ')}`);
  return [JSON.stringify({ executions, workers, claims }, null, 1), ...logs].join('\n');
}
