import type { AgentStore, ScopedStore } from '#domain/agent-store.ts';
import type { WorkerSession } from '#domain/worker.ts';
import type { Sqlite } from './open.ts';

/** What no process has: whose session this is finds nothing of its own. */
const NOBODY = '';

/** As the functions of PostgreSQL do it: each method sees the workers of `owner` only. */
export function scopedTo(sqlite: Sqlite, store: AgentStore, owner: string): ScopedStore {
  const { database } = sqlite;
  const owns = (worker: string): boolean =>
    database.query('SELECT 1 FROM worker WHERE id = ? AND COALESCE(owner, ?2) = ?2').get(worker, owner) !== null;
  const had = (execution: string, attempt: number): boolean =>
    database
      .query(`
        SELECT 1 FROM execution_attempt t JOIN worker w ON w.id = t.worker
        WHERE t.execution = ?1 AND t.attempt = ?2 AND COALESCE(w.owner, ?3) = ?3`)
      .get(execution, attempt, owner) !== null;
  const mine = <T extends WorkerSession>(session: T): T =>
    owns(session.worker) ? session : { ...session, instance: NOBODY };
  return {
    register: store.register,
    heartbeat: (session, leaseMs) => store.heartbeat(mine(session), leaseMs),
    claim: (session, offers, leaseMs) => store.claim(mine(session), offers, leaseMs),
    appendLogs: (chunks) => {
      const attempts = Map.groupBy(chunks, ({ execution, attempt }) => `${execution}/${attempt}`);
      const kept = [...attempts.values()].filter(([one]) => one && had(one.execution, one.attempt));
      return store.appendLogs(kept.flat());
    },
    settle: (settlements) => store.settle(settlements.map(mine)),
    beginDrain: (session) => store.beginDrain(mine(session)),
    deregister: (session) => store.deregister(mine(session)),
    beginEnvironment: async (session, environment, leaseMs) =>
      owns(session.worker) ? await store.beginEnvironment(session, environment, leaseMs) : { kind: 'taken' },
    renewEnvironment: (session, key, leaseMs) => store.renewEnvironment(mine(session), key, leaseMs),
    endEnvironment: (session, key, end) => store.endEnvironment(mine(session), key, end),
    forgetEnvironments: store.forgetEnvironments,
    owns: async (worker) => owns(worker),
    mayUpload: async (execution, attempt) =>
      database
        .query(`
          SELECT 1 FROM execution_claim c JOIN worker w ON w.id = c.worker
          WHERE c.execution = ?1 AND c.attempt = ?2 AND (COALESCE(w.owner, ?3) = ?3 OR w.owner LIKE 'login:%')`)
        .get(execution, attempt, owner) !== null,
  };
}
