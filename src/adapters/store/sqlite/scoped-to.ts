import { ledgerKey } from '#adapters/store/environment-row.ts';
import type { SyncQueries } from '#adapters/store/queries.ts';
import type { AgentStore, ScopedStore, Upload } from '#domain/agent-store.ts';
import type { StreamName } from '#domain/execution.ts';
import type { ExecutionId, WorkerId } from '#domain/ids.ts';
import type { LogChunk } from '#domain/log.ts';
import type { WorkerSession } from '#domain/worker.ts';
import type { Caller, ScopedCaller } from './open.ts';

/** The instance that no process has: a session with it finds nothing of its own. */
const NOBODY = '';

/** Limits the queries of workers to the workers of the caller, as the functions of PostgreSQL do. */
export function scopedTo(queries: SyncQueries<Caller, AgentStore>): SyncQueries<ScopedCaller, ScopedStore> {
  return {
    register: queries.register,
    heartbeat: (caller, session, ...rest) => queries.heartbeat(caller, mine(caller, session), ...rest),
    claim: (caller, session, ...rest) => queries.claim(caller, mine(caller, session), ...rest),
    appendLogs: (caller, chunks) => {
      const attempts = Map.groupBy(chunks, ({ execution, attempt }) => `${execution}/${attempt}`);
      const kept = [...attempts.values()].filter(([one]) => one && had(caller, one.execution, one.attempt));
      for (const chunksOfOne of kept) queries.appendLogs(caller, behindTheLast(caller, chunksOfOne));
    },
    settle: (caller, settlements) =>
      queries.settle(
        caller,
        settlements.map((one) => mine(caller, one)),
      ),
    beginDrain: (caller, session) => queries.beginDrain(caller, mine(caller, session)),
    pause: (caller, session, why) => queries.pause(caller, mine(caller, session), why),
    deregister: (caller, session) => queries.deregister(caller, mine(caller, session)),
    beginEnvironment: (caller, session, ...[environment, leaseMs]) => {
      const owned = { ...environment, key: ledgerKey(caller.owner, environment.key) };
      return holds(caller, session) ? queries.beginEnvironment(caller, session, owned, leaseMs) : { kind: 'taken' };
    },
    renewEnvironment: (caller, session, ...[key, leaseMs]) =>
      holds(caller, session) && queries.renewEnvironment(caller, session, ledgerKey(caller.owner, key), leaseMs),
    endEnvironment: (caller, session, ...[key, end]) => {
      if (holds(caller, session)) queries.endEnvironment(caller, session, ledgerKey(caller.owner, key), end);
    },
    forgetEnvironments: (caller, keys) =>
      queries.forgetEnvironments(
        caller,
        keys.map((key) => ledgerKey(caller.owner, key)),
      ),
    owns,
    mayUpload,
  };
}

function mine<T extends WorkerSession>(caller: ScopedCaller, session: T): T {
  return owns(caller, session.worker) ? session : { ...session, instance: NOBODY };
}

/** Tells whether the session is that of the process which holds the worker's name now. */
function holds({ database, owner }: ScopedCaller, { worker, instance }: WorkerSession): boolean {
  const row = database
    .query('SELECT 1 FROM worker WHERE id = ?1 AND instance = ?2 AND COALESCE(owner, ?3) = ?3')
    .get(worker, instance, owner);
  return row !== null;
}

function owns({ database, owner }: ScopedCaller, worker: WorkerId): boolean {
  return database.query('SELECT 1 FROM worker WHERE id = ? AND COALESCE(owner, ?2) = ?2').get(worker, owner) !== null;
}

function had({ database, owner }: ScopedCaller, execution: ExecutionId, attempt: number): boolean {
  const row = database
    .query(`
      SELECT 1 FROM execution_attempt t JOIN worker w ON w.id = t.worker
      WHERE t.execution = ?1 AND t.attempt = ?2 AND COALESCE(w.owner, ?3) = ?3`)
    .get(execution, attempt, owner);
  return row !== null;
}

/**
 * The chunks of an attempt that are not there yet, at the time of this server, each where the one before it ends: none
 * of this is the word of a worker.
 */
function behindTheLast({ database, now }: ScopedCaller, chunks: readonly LogChunk[]): readonly LogChunk[] {
  const [first] = chunks;
  if (!first) return [];
  const { execution, attempt } = first;
  const last = database
    .query<{ readonly seq: number | null }, [string, number]>(
      'SELECT max(seq) AS seq FROM execution_log WHERE execution = ? AND attempt = ?',
    )
    .get(execution, attempt);
  const endOf = (stream: StreamName): number => {
    const end = database
      .query<{ readonly bytes: number }, [string, number, string]>(`
        SELECT "offset" + length(data) AS bytes FROM execution_log
        WHERE execution = ? AND attempt = ? AND stream = ? ORDER BY "offset" DESC, seq DESC LIMIT 1`)
      .get(execution, attempt, stream);
    return end?.bytes ?? 0;
  };
  const ends: Record<StreamName, number> = { stdout: endOf('stdout'), stderr: endOf('stderr') };
  const fresh = new Map(chunks.filter((one) => one.seq > (last?.seq ?? -1)).map((one) => [one.seq, one]));
  return [...fresh.values()]
    .toSorted((one, other) => one.seq - other.seq)
    .map((one) => {
      const offset = ends[one.stream];
      ends[one.stream] += one.data.length;
      return { ...one, offset, at: now() };
    });
}

function mayUpload({ database, owner, now }: ScopedCaller, { execution, attempt, instance = '' }: Upload): boolean {
  const row = database
    .query(`
      SELECT 1 FROM execution_claim c JOIN worker w ON w.id = c.worker
      WHERE c.execution = ?1 AND c.attempt = ?2 AND c.lease_expires_at > ?5
        AND (COALESCE(w.owner, ?3) = ?3 OR w.owner LIKE 'login:%' AND c.instance = ?4)`)
    .get(execution, attempt, owner, instance, now());
  return row !== null;
}
