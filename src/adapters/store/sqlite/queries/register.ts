import { admit } from '#adapters/store/sqlite/admit.ts';
import type { Caller, Sqlite } from '#adapters/store/sqlite/open.ts';
import { saveDetected } from '#adapters/store/sqlite/save-detected.ts';
import type { AgentStore } from '#domain/agent-store.ts';
import { workerId } from '#domain/ids.ts';
import type { RegistrationOutcome } from '#domain/worker.ts';

interface Holder {
  readonly instance: string | null;
  readonly last_heartbeat: number | null;
  readonly lease_expires_at: number | null;
  readonly host: string | null;
  readonly pid: number | null;
  readonly process: string | null;
  readonly owner: string | null;
}

/** The owner of the worker that is in the process of the server. */
export const THIS_PROCESS = 'login:local';

/** Registers a worker; refused while the lease lasts of another process that holds the name. */
export function register(
  sqlite: Caller,
  ...[registration, leaseMs, gone]: Parameters<AgentStore['register']>
): RegistrationOutcome {
  const { database, now, owner } = sqlite;
  const { name, instance, workerType, host, pid, process, capabilities } = registration;
  const holder = database
    .query<Holder, [string]>(
      'SELECT instance, last_heartbeat, lease_expires_at, host, pid, process, owner FROM worker WHERE name = ?',
    )
    .get(name);
  const isHeld =
    holder?.instance &&
    holder.instance !== instance &&
    holder.instance !== gone &&
    (holder.lease_expires_at ?? 0) >= now();
  if (holder?.owner && owner !== undefined && holder.owner !== owner && (isHeld || !isFree(sqlite, holder)))
    return { kind: 'not-yours', owner: holder.owner };
  if (isHeld)
    return {
      kind: 'name-taken',
      host: holder.host ?? 'unknown',
      pid: holder.pid ?? 0,
      instance: holder.instance ?? '',
      process: holder.process ?? '',
      heartbeat: String(holder.last_heartbeat),
    };
  admit(sqlite, registration);
  const row = database
    .query<
      { id: number; cordoned: number },
      [string, string, string, string, string, number, string, number, string, number]
    >(`
      INSERT INTO worker (name, worker_type, host, status, capabilities, instance, pid, process, last_heartbeat, owner,
        lease_expires_at)
      VALUES (?1, ?2, ?3, 'active', ?4, ?5, ?6, ?7, ?8, ?9, ?10)
      ON CONFLICT (name) DO UPDATE SET worker_type = excluded.worker_type, host = excluded.host, status = 'active',
        draining = 0, avoided_until = NULL, paused = NULL,
        capabilities = excluded.capabilities, instance = excluded.instance,
        pid = excluded.pid,
        process = excluded.process, last_heartbeat = excluded.last_heartbeat, owner = excluded.owner,
        lease_expires_at = excluded.lease_expires_at
      RETURNING id, cordoned`)
    .get(
      name,
      workerType,
      host,
      JSON.stringify(capabilities),
      instance,
      pid,
      process,
      now(),
      ...[owner ?? THIS_PROCESS, now() + leaseMs],
    );
  if (!row) throw new Error(`worker ${name} could not be written`);
  database
    .query('UPDATE execution_claim SET lease_expires_at = 0 WHERE worker = ? AND instance <> ?')
    .run(row.id, instance);
  saveDetected(sqlite, row.id, registration);
  return { kind: 'registered', worker: workerId(row.id), isCordoned: row.cordoned === 1, database: 'own' };
}

/** The owner of the name is gone. A reserved name whose worker has not registered yet still has its owner. */
function isFree({ database, now }: Sqlite, { owner, last_heartbeat: lastHeartbeat }: Holder): boolean {
  if (owner === null || lastHeartbeat === null) return false;
  /* A database in one file has no logins but that of the process that has it open. */
  if (!owner.startsWith('token:')) return owner !== THIS_PROCESS;
  return !database
    .query('SELECT 1 FROM api_token WHERE id = ? AND revoked_at IS NULL AND COALESCE(expires_at > ?, true)')
    .get(owner.slice('token:'.length), now());
}
