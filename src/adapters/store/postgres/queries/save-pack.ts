import type postgres from 'postgres';
import { type OutboxRow, readOutbox } from '#adapters/store/outbox-row.ts';
import { packRows } from '#adapters/store/pack-rows.ts';
import type { Caller } from '#adapters/store/postgres/connect.ts';
import { sha256Of } from '#crypto/sha256.ts';
import type { PackContents } from '#domain/client-store.ts';
import type { Messages } from '#domain/messages.ts';
import { storableJson } from '#formats/storable.ts';
import { saveSchedules } from './schedules.ts';

/** Saves the packs whose fingerprint is another than when they were saved. One statement finds out which. */
export async function savePacks(caller: Caller, packs: readonly PackContents[]): Promise<Messages> {
  const rows = await caller.sql<{ ref: string; fingerprint: string }[]>`
    SELECT ref, fingerprint FROM pack WHERE fingerprint IS NOT NULL`;
  const known = new Map(rows.map((row) => [row.ref, row.fingerprint]));
  const last = new Map(packs.map((one) => [one.pack.ref, one]));
  const messages: Messages['messages'][number][] = [];
  for (const one of last.values())
    if (known.get(one.pack.ref) !== fingerprintOf(one)) messages.push(...(await savePack(caller, one)).messages);
  return { messages };
}

/** The fingerprint of all that is saved of a pack. */
function fingerprintOf(contents: PackContents): string {
  const { pack, checksum } = contents;
  return sha256Of(JSON.stringify([pack, checksum, packRows(contents)]));
}

/** Saves a pack, its runtimes and its actions in one transaction, with a message if the pack has changed. */
export async function savePack({ sql }: Caller, contents: PackContents): Promise<Messages> {
  const { pack, checksum } = contents;
  const { own, others, actions, schedules, runtimeNames } = packRows(contents);
  return await sql.begin(async (transaction) => {
    const [before] = await transaction<
      { checksum: string | null }[]
    >`SELECT checksum FROM pack WHERE ref = ${pack.ref} FOR UPDATE`;
    const [saved] = await transaction<{ id: string }[]>`
      INSERT INTO pack (ref, label, version, storage_path, checksum, fingerprint)
      VALUES (${pack.ref}, ${pack.label}, ${pack.version}, ${pack.directory}, ${checksum ?? null},
        ${fingerprintOf(contents)})
      ON CONFLICT (ref) DO UPDATE SET label = EXCLUDED.label, version = EXCLUDED.version,
        storage_path = EXCLUDED.storage_path, fingerprint = EXCLUDED.fingerprint,
        checksum = COALESCE(EXCLUDED.checksum, pack.checksum), updated = now()
      RETURNING id`;
    const id = saved?.id ?? '';
    await saveRuntimeRows(transaction, id, { own, others });
    await saveActions(transaction, id, actions);
    await saveSchedules(transaction, id, schedules);
    if (checksum === undefined || before?.checksum === checksum) return { messages: [] };
    /* What failed for the pack as it was may be tried again at once. */
    await transaction`
      UPDATE pack_environment SET retry_after = NULL WHERE pack_ref = ${pack.ref} AND status = 'failed'`;
    const payload = { pack_id: Number(id), pack_ref: pack.ref, version: pack.version, runtime_names: runtimeNames };
    const message = storableJson({ message_type: 'PackRegistered', payload });
    const rows = await transaction<OutboxRow[]>`
      INSERT INTO outbox (exchange, routing_key, message)
      VALUES ('attune.events', 'pack.registered', ${message}::text::jsonb)
      RETURNING id, message_id, exchange, routing_key, message`;
    return { messages: rows.map(readOutbox) };
  });
}

type Rows = ReturnType<typeof packRows>;

async function saveRuntimeRows(
  sql: postgres.TransactionSql,
  pack: string,
  { own, others }: Pick<Rows, 'own' | 'others'>,
): Promise<void> {
  await sql`
    INSERT INTO runtime (ref, name, auto_detected)
    SELECT ref, name, true FROM json_to_recordset(${storableJson(others)}::text::json) AS r(ref TEXT, name TEXT)
    ON CONFLICT (ref) DO NOTHING`;
  await sql`
    INSERT INTO runtime (ref, name, aliases, pack, pack_ref, execution_config)
    SELECT ref, name, ARRAY(SELECT json_array_elements_text(aliases)), ${pack}::bigint, pack_ref, execution_config
    FROM json_to_recordset(${storableJson(own)}::text::json)
      AS r(ref TEXT, name TEXT, aliases JSON, pack_ref TEXT, execution_config JSONB)
    ON CONFLICT (ref) DO UPDATE SET name = EXCLUDED.name, aliases = EXCLUDED.aliases, pack = EXCLUDED.pack,
      pack_ref = EXCLUDED.pack_ref, execution_config = EXCLUDED.execution_config,
      installation = runtime.installation - 'managed_by', updated = now()`;
  await sql`
    WITH described AS (
      SELECT r.id, r.ref, v->>'version' AS version, v->'execution_config' AS config
      FROM json_to_recordset(${storableJson(own)}::text::json) AS g(ref TEXT, versions JSONB)
      JOIN runtime r ON r.ref = g.ref, jsonb_array_elements(g.versions) v
    ), gone AS (
      DELETE FROM runtime_version v USING runtime r
      WHERE v.runtime = r.id AND r.pack = ${pack}::bigint
        AND (v.runtime, v.version) NOT IN (SELECT id, version FROM described)
    )
    INSERT INTO runtime_version (runtime, runtime_ref, version, execution_config)
    SELECT id, ref, version, config FROM described
    ON CONFLICT (runtime, version) DO UPDATE SET execution_config = EXCLUDED.execution_config, updated = now()`;
}

async function saveActions(sql: postgres.TransactionSql, pack: string, actions: Rows['actions']): Promise<void> {
  const rows = storableJson(actions);
  await sql`
    WITH gone AS (
      DELETE FROM action WHERE pack = ${pack} AND NOT is_adhoc
        AND ref NOT IN (SELECT ref FROM json_to_recordset(${rows}::text::json) AS kept(ref TEXT))
      RETURNING ref
    )
    DELETE FROM key USING gone WHERE key.owner_type = 'action' AND key.owner_action_ref = gone.ref`;
  await sql`
    WITH given AS (
      SELECT * FROM json_populate_recordset(NULL::action, ${rows}::text::json)
    )
    INSERT INTO action (ref, pack, pack_ref, label, description, entrypoint, runtime, runtime_version_constraint,
      param_schema, out_schema, parameter_delivery, parameter_format, output_format, timeout_seconds, max_retries,
      priority, required_worker_runtimes, worker_selector, worker_tolerations, worker_affinity, api_scopes, env_vars)
    SELECT g.ref, ${pack}::bigint, g.pack_ref, g.label, g.description, g.entrypoint, r.id, g.runtime_version_constraint,
      g.param_schema, g.out_schema, g.parameter_delivery, g.parameter_format, g.output_format, g.timeout_seconds,
      g.max_retries, g.priority, g.required_worker_runtimes, g.worker_selector, g.worker_tolerations, g.worker_affinity,
      g.api_scopes, g.env_vars
    FROM given g
    JOIN json_to_recordset(${rows}::text::json) AS n(ref TEXT, runtime_ref TEXT) ON n.ref = g.ref
    LEFT JOIN runtime r ON r.ref = n.runtime_ref
    ON CONFLICT (ref) DO UPDATE SET
      pack = EXCLUDED.pack, pack_ref = EXCLUDED.pack_ref, label = EXCLUDED.label, description = EXCLUDED.description,
      entrypoint = EXCLUDED.entrypoint, runtime = EXCLUDED.runtime,
      runtime_version_constraint = EXCLUDED.runtime_version_constraint, param_schema = EXCLUDED.param_schema,
      out_schema = EXCLUDED.out_schema, parameter_delivery = EXCLUDED.parameter_delivery,
      parameter_format = EXCLUDED.parameter_format, output_format = EXCLUDED.output_format,
      timeout_seconds = EXCLUDED.timeout_seconds, max_retries = EXCLUDED.max_retries,
      priority = EXCLUDED.priority,
      required_worker_runtimes = EXCLUDED.required_worker_runtimes, worker_selector = EXCLUDED.worker_selector,
      worker_tolerations = EXCLUDED.worker_tolerations, worker_affinity = EXCLUDED.worker_affinity,
      api_scopes = EXCLUDED.api_scopes, env_vars = EXCLUDED.env_vars, updated = now()`;
}
