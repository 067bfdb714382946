import { workerId } from '#domain/ids.ts';
import type { Registration, WorkerIntroduction } from '#domain/worker.ts';
import { storableJson } from '#store/json.ts';
import type { Sql } from '#store/postgres/connect.ts';

/** Takes the worker's row when nobody holds it alive; claims of its former processes expire at once. */
export async function register(
  sql: Sql,
  introduction: WorkerIntroduction,
  { leaseMs, gone = '' }: { readonly leaseMs: number; readonly gone?: string | undefined },
): Promise<Registration> {
  const { name, instance, workerType, host, pid, process, capabilities } = introduction;
  const meta = storableJson({ instance, pid, process });
  const [taken] = await sql<{ id: string; cordoned: boolean }[]>`
    WITH taken AS (
      INSERT INTO worker AS w (name, worker_type, worker_role, host, status, capabilities, meta, last_heartbeat)
      VALUES (${name}, ${workerType}, 'action', ${host}, 'active', ${storableJson(capabilities)}::text::jsonb, ${meta}::text::jsonb, now())
      ON CONFLICT (name) DO UPDATE
      SET worker_type = EXCLUDED.worker_type, worker_role = EXCLUDED.worker_role, host = EXCLUDED.host, status = 'active',
        capabilities = EXCLUDED.capabilities, meta = (w.meta - 'draining') || EXCLUDED.meta, last_heartbeat = now(), updated = now()
      WHERE w.meta->>'instance' IS NULL OR w.meta->>'instance' IN (${instance}, ${gone})
        OR w.last_heartbeat IS NULL OR w.last_heartbeat < now() - make_interval(secs => ${leaseMs / 1000})
      RETURNING id, cordoned
    ), expired AS (
      UPDATE execution_claim c SET lease_expires_at = now() - interval '1 second'
      FROM taken WHERE c.worker = taken.id AND c.instance <> ${instance}
    )
    SELECT id, cordoned FROM taken`;
  if (taken) return { kind: 'registered', worker: workerId(taken.id), isCordoned: taken.cordoned };
  const [holder] = await sql<
    { host: string | null; pid: string | null; instance: string; process: string | null; heartbeat: string }[]
  >`
    SELECT host, meta->>'pid' AS pid, meta->>'instance' AS instance, meta->>'process' AS process, last_heartbeat::text AS heartbeat FROM worker WHERE name = ${name}`;
  return {
    kind: 'name-taken',
    host: holder?.host ?? 'unknown',
    pid: Number(holder?.pid ?? 0),
    instance: holder?.instance ?? '',
    process: holder?.process ?? '',
    heartbeat: holder?.heartbeat ?? '',
  };
}
