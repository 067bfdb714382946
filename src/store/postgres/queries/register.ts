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
  if (taken) {
    await saveDetected(sql, taken.id, introduction);
    return { kind: 'registered', worker: workerId(taken.id), isCordoned: taken.cordoned };
  }
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

/**
 * What this worker has found: versions of its own, replaced as a whole, and what the registry did not know. A version is
 * available while any worker has it.
 */
async function saveDetected(sql: Sql, worker: string, { capabilities, templates }: WorkerIntroduction): Promise<void> {
  const found = storableJson(capabilities.detected_interpreters);
  await sql`
    WITH found AS (
      SELECT 'core.' || name AS ref, row_number() OVER (PARTITION BY name) AS rank, f.*
      FROM json_to_recordset(${found}::text::json) AS f(name TEXT, path TEXT, version TEXT)
    ), templates AS (
      SELECT * FROM json_to_recordset(${storableJson(templates)}::text::json) AS t(name TEXT, aliases JSON, "executionConfig" JSONB)
    ), unknown AS (
      INSERT INTO runtime (ref, name, aliases, installation, execution_config, auto_detected, detection_config)
      SELECT f.ref, f.name, ARRAY(SELECT json_array_elements_text(t.aliases)), '{"managed_by": "attune-agent"}',
        jsonb_set(t."executionConfig", '{interpreter,binary}', to_jsonb(f.path)), true,
        jsonb_build_object('detected_path', f.path, 'detected_name', f.name, 'detected_version', f.version)
      FROM found f JOIN templates t ON t.name = f.name WHERE f.rank = 1
      ON CONFLICT (ref) DO UPDATE SET detection_config = EXCLUDED.detection_config, installation = EXCLUDED.installation,
        execution_config = EXCLUDED.execution_config
      WHERE runtime.auto_detected AND runtime.execution_config = '{}'
      RETURNING id, ref
    ), runtimes AS (
      SELECT id, ref FROM unknown UNION SELECT id, ref FROM runtime WHERE ref IN (SELECT ref FROM found)
    ), versions AS (
      INSERT INTO runtime_version (runtime, runtime_ref, version, version_major, version_minor, version_patch, is_default, verified_at)
      SELECT DISTINCT ON (r.id, f.version) r.id, f.ref, f.version, substring(f.version FROM '^\\d{1,9}')::integer,
        substring(f.version FROM '^\\d+\\.(\\d{1,9})')::integer, substring(f.version FROM '^\\d+\\.\\d+\\.(\\d{1,9})')::integer,
        f.rank = 1 AND NOT EXISTS (SELECT FROM runtime_version o WHERE o.runtime = r.id AND o.is_default), now()
      FROM found f JOIN runtimes r ON r.ref = f.ref WHERE f.version IS NOT NULL ORDER BY r.id, f.version, f.rank
      ON CONFLICT (runtime, version) DO UPDATE SET available = true, verified_at = now()
    ), gone AS (
      DELETE FROM worker_runtime_version w WHERE w.worker = ${worker} AND (w.path, w.runtime_ref) NOT IN (SELECT path, ref FROM found)
    )
    INSERT INTO worker_runtime_version (worker, runtime_ref, version, path)
    SELECT ${worker}::bigint, ref, COALESCE(version, ''), path FROM found
    ON CONFLICT (worker, path, runtime_ref) DO UPDATE SET version = EXCLUDED.version, verified_at = now()`;
  await sql`
    UPDATE runtime_version v SET available = has.any_worker FROM (
      SELECT v.id, EXISTS (SELECT FROM worker_runtime_version w WHERE w.runtime_ref = v.runtime_ref AND w.version = v.version) AS any_worker
      FROM runtime_version v WHERE v.execution_config = '{}'
    ) has WHERE has.id = v.id AND v.available <> has.any_worker`;
}
