/** What a round of chaos leaves behind, read from the database, the broker, and the files of the actions. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from 'amqplib';
import { ACTIVE } from '#adapters/store/status-lists.ts';
import type { ExecutionStatus } from '#domain/execution-status.ts';
import type { Cluster } from '#test/support/cluster.ts';
import type { Line } from './attempts.ts';
import type { Observed } from './history.ts';
import { artifactOf, type Stream } from './output.ts';

const COMPLETED_QUEUE = 'chaos.completed';

/** A claim is in the row of its execution, and its lease in that of its worker. */
const ENDED_CLAIMS = `
  CREATE FUNCTION chaos_note_claim() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO chaos_claim SELECT OLD.id, OLD.attempt, COALESCE((SELECT extract(epoch FROM w.lease_expires_at)
      FROM worker w WHERE w.id = OLD.worker AND w.meta->>'instance' = OLD.instance), 0); RETURN NULL; END $$;
  CREATE TRIGGER chaos_claim_gone AFTER UPDATE ON execution FOR EACH ROW
    WHEN (OLD.instance IS NOT NULL AND (NEW.instance IS NULL OR OLD.attempt <> NEW.attempt))
    EXECUTE FUNCTION chaos_note_claim();`;
const REMOVED_CLAIMS = `
  CREATE FUNCTION chaos_note_claim() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO chaos_claim VALUES (OLD.execution, OLD.attempt, extract(epoch FROM OLD.lease_expires_at)); RETURN NULL; END $$;
  CREATE TRIGGER chaos_claim_gone AFTER DELETE ON agent_execution_claim FOR EACH ROW EXECUTE FUNCTION chaos_note_claim();
  CREATE TRIGGER chaos_claim_next AFTER UPDATE ON agent_execution_claim FOR EACH ROW WHEN (OLD.attempt <> NEW.attempt)
    EXECUTE FUNCTION chaos_note_claim();`;

/**
 * Tables that triggers fill with what would be gone at the end, and a queue that catches every completion. `prefix`: of the
 * names of the tables of claims and logs.
 */
export async function prepareObservation(
  { sql, broker }: Pick<Cluster, 'sql' | 'broker'>,
  prefix: '' | 'agent_' = '',
): Promise<void> {
  await sql.unsafe(`
    CREATE TABLE chaos_change (n BIGINT GENERATED ALWAYS AS IDENTITY, execution BIGINT, was TEXT, is_now TEXT);
    CREATE FUNCTION chaos_note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      INSERT INTO chaos_change (execution, was, is_now) VALUES (NEW.id, OLD.status, NEW.status); RETURN NULL; END $$;
    CREATE TRIGGER chaos_note AFTER UPDATE ON execution FOR EACH ROW WHEN (OLD.status <> NEW.status) EXECUTE FUNCTION chaos_note();
    CREATE TABLE chaos_claim (execution BIGINT, attempt INTEGER, lease_until FLOAT8);
    ${prefix === '' ? ENDED_CLAIMS : REMOVED_CLAIMS}
    CREATE TABLE chaos_lost_chunk (execution BIGINT);
    CREATE FUNCTION chaos_note_chunk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      INSERT INTO chaos_lost_chunk VALUES (OLD.execution); RETURN NULL; END $$;
    CREATE TRIGGER chaos_note_chunk AFTER DELETE OR UPDATE ON ${prefix}execution_log FOR EACH ROW EXECUTE FUNCTION chaos_note_chunk();`);
  const connection = await connect(broker.url);
  const channel = await connection.createChannel();
  await channel.assertExchange('attune.executions', 'topic', { durable: true });
  await channel.assertQueue(COMPLETED_QUEUE, { durable: true });
  await channel.bindQueue(COMPLETED_QUEUE, 'attune.executions', 'execution.completed');
  await connection.close();
}

/** How many executions have not ended. Rejects while the database is away. */
export async function countUnfinished({ sql }: Pick<Cluster, 'sql'>): Promise<number> {
  const [row] = await sql<
    { n: number }[]
  >`SELECT count(*)::int AS n FROM execution WHERE status IN ${sql.unsafe(ACTIVE)}`;
  return row?.n ?? 0;
}

interface Given {
  readonly history: string;
  /** Where artifacts are kept. */
  readonly artifacts: string;
  readonly confirmed: readonly number[];
  readonly deafestS: number;
}

export async function observe(
  { sql, broker }: Cluster,
  { history, artifacts, confirmed, deafestS }: Given,
): Promise<Observed> {
  const executions = await sql<
    {
      id: string;
      ref: string;
      status: ExecutionStatus;
      attempt: number;
      retries: number;
      result_attempt: number | null;
      error: string | null;
    }[]
  >`
    SELECT id, action_ref AS ref, status, attempt, retry_count AS retries,
      (result->'data'->>'attempt')::int AS result_attempt, result->>'error' AS error FROM execution`;
  const logs = await sql<{ execution: string; attempt: number; stream: Stream; text: string }[]>`
    SELECT execution, attempt, stream, string_agg(convert_from(data, 'UTF8'), '' ORDER BY seq) AS text
    FROM execution_log WHERE stream IN ('stdout', 'stderr') GROUP BY execution, attempt, stream`;
  const logsOf = Map.groupBy(logs, (one) => Number(one.execution));
  const changes = await sql<
    { execution: string; was: ExecutionStatus; is_now: ExecutionStatus }[]
  >`SELECT execution, was, is_now FROM chaos_change ORDER BY n`;
  const claims = await sql<{ execution: string; attempt: number; lease: number }[]>`
    SELECT execution, attempt, lease_until AS lease FROM chaos_claim`;
  const versions = await sql<{ execution: string; attempt: number; checksum: string }[]>`
    SELECT execution, attempt, checksum FROM artifact_version WHERE execution IS NOT NULL`;
  const [left] = await sql<{ claims: number; outbox: number; chunks: number }[]>`
    SELECT (SELECT count(*)::int FROM execution_claim) AS claims, (SELECT count(*)::int FROM outbox) AS outbox,
      (SELECT count(*)::int FROM chaos_lost_chunk) AS chunks`;
  return {
    confirmed,
    executions: executions.map(({ id, ref, status, attempt, retries, result_attempt, error }) => ({
      ...{ id: Number(id), action: ref.split('.')[1] ?? ref, status, attempt: attempt ?? 0, retryCount: retries },
      resultAttempt: result_attempt ?? undefined,
      error: error ?? undefined,
      logs: logsOf.get(Number(id)) ?? [],
    })),
    lines: readHistory(history),
    changes: changes.map((row) => ({ execution: Number(row.execution), from: row.was, to: row.is_now })),
    messages: await readMessages(broker.url),
    endedClaims: claims.map((row) => ({
      execution: Number(row.execution),
      attempt: row.attempt,
      leaseUntil: row.lease,
    })),
    artifacts: versions.map((row) => describeArtifact(artifacts, { ...row, execution: Number(row.execution) })),
    lostChunks: left?.chunks ?? 0,
    leftClaims: left?.claims ?? 0,
    leftOutbox: left?.outbox ?? 0,
    deafestS,
  };
}

/** What the actions wrote about themselves. */
export function readHistory(path: string): readonly Line[] {
  if (!existsSync(path)) return [];
  return readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map((line) => {
      const [execution, attempt, what, at] = line.split(' ');
      if (what !== 'start' && what !== 'alive' && what !== 'end') throw new Error(`the history has the line '${line}'`);
      return { execution: Number(execution), attempt: Number(attempt), what, at: Number(at) };
    });
}

interface Version {
  readonly execution: number;
  readonly attempt: number;
  readonly checksum: string;
}

/** An artifact as it is recorded, as it is kept, and as it should be. */
export function describeArtifact(
  directory: string,
  { execution, attempt, checksum }: Version,
): Observed['artifacts'][number] {
  const file = join(directory, String(execution), String(attempt), 'kept');
  return {
    ...{ execution, attempt, recorded: checksum },
    kept: existsSync(file) ? sha256Of(readFileSync(file)) : 'nothing',
    expected: sha256Of(artifactOf(execution, attempt)),
  };
}

export function sha256Of(bytes: string | Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** All messages of completions that the queue has caught. */
export async function readMessages(url: string): Promise<NonNullable<Observed['messages']>> {
  const connection = await connect(url);
  const channel = await connection.createChannel();
  const messages: NonNullable<Observed['messages']>[number][] = [];
  for (let message = await channel.get(COMPLETED_QUEUE); message; message = await channel.get(COMPLETED_QUEUE)) {
    const { message_id: messageId, payload } = JSON.parse(message.content.toString());
    messages.push({ messageId, execution: payload.execution_id, status: payload.status });
    channel.ack(message);
  }
  await connection.close();
  return messages;
}
