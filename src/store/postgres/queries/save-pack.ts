import type { Action, Pack } from '#domain/action.ts';
import { actionRow } from '#store/action-row.ts';
import { storableJson } from '#store/json.ts';
import type { Sql } from '#store/postgres/connect.ts';

/** The pack, the runtimes that its actions name, and the actions. */
export async function savePack(sql: Sql, pack: Pack, actions: readonly Action[]): Promise<void> {
  const rows = storableJson(actions.map(actionRow));
  await sql`
    WITH saved AS (
      INSERT INTO pack (ref, label, version, storage_path) VALUES (${pack.ref}, ${pack.label}, ${pack.version}, ${pack.directory})
      ON CONFLICT (ref) DO UPDATE SET label = EXCLUDED.label, version = EXCLUDED.version, storage_path = EXCLUDED.storage_path, updated = now()
      RETURNING id
    ), given AS (
      SELECT * FROM json_populate_recordset(NULL::action, ${rows}::text::json)
    ), named AS (
      SELECT DISTINCT r.name FROM json_to_recordset(${rows}::text::json) AS r(name TEXT) WHERE r.name IS NOT NULL
    ), runtimes AS (
      INSERT INTO runtime (ref, name, auto_detected) SELECT 'core.' || name, name, true FROM named
      ON CONFLICT (ref) DO UPDATE SET name = runtime.name
      RETURNING id, name
    )
    INSERT INTO action (ref, pack, pack_ref, label, description, entrypoint, runtime, runtime_version_constraint, param_schema,
      parameter_delivery, parameter_format, output_format, timeout_seconds, max_retries, required_worker_runtimes,
      worker_selector, worker_tolerations, worker_affinity)
    SELECT g.ref, saved.id, g.pack_ref, g.label, g.description, g.entrypoint, runtimes.id, g.runtime_version_constraint, g.param_schema,
      g.parameter_delivery, g.parameter_format, g.output_format, g.timeout_seconds, g.max_retries, g.required_worker_runtimes,
      g.worker_selector, g.worker_tolerations, g.worker_affinity
    FROM given g CROSS JOIN saved
    JOIN json_to_recordset(${rows}::text::json) AS n(ref TEXT, name TEXT) ON n.ref = g.ref
    LEFT JOIN runtimes ON runtimes.name = n.name
    ON CONFLICT (ref) DO UPDATE SET pack = EXCLUDED.pack, pack_ref = EXCLUDED.pack_ref, label = EXCLUDED.label,
      description = EXCLUDED.description, entrypoint = EXCLUDED.entrypoint, runtime = EXCLUDED.runtime,
      runtime_version_constraint = EXCLUDED.runtime_version_constraint, param_schema = EXCLUDED.param_schema,
      parameter_delivery = EXCLUDED.parameter_delivery, parameter_format = EXCLUDED.parameter_format,
      output_format = EXCLUDED.output_format, timeout_seconds = EXCLUDED.timeout_seconds, max_retries = EXCLUDED.max_retries,
      required_worker_runtimes = EXCLUDED.required_worker_runtimes, worker_selector = EXCLUDED.worker_selector,
      worker_tolerations = EXCLUDED.worker_tolerations, worker_affinity = EXCLUDED.worker_affinity, updated = now()`;
}
