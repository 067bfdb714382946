import type { Caller } from '#adapters/store/postgres/connect.ts';
import { withinPacks } from '#adapters/store/postgres/within.ts';
import type { RuntimeView } from '#domain/client-store.ts';
import type { Page } from '#domain/page.ts';
import type { RuntimeTemplate } from '#domain/runtime.ts';
import { storableJson } from '#formats/storable.ts';

/**
 * Brings the rows of runtimes up to date that the agent wrote or that say nothing; the rows of others stay as they are.
 */
export async function saveRuntimes({ sql }: Caller, templates: readonly RuntimeTemplate[]): Promise<void> {
  await sql`
    INSERT INTO runtime AS r (ref, pack_ref, name, aliases, installation, execution_config)
    SELECT 'core.' || name, 'core', name, ARRAY(SELECT json_array_elements_text(aliases)),
      '{"managed_by": "attune-agent"}', "executionConfig"
    FROM json_to_recordset(${storableJson(templates)}::text::json)
      AS t(name TEXT, aliases JSON, "executionConfig" JSONB)
    ON CONFLICT (ref) DO UPDATE SET aliases = EXCLUDED.aliases, installation = EXCLUDED.installation,
      execution_config = EXCLUDED.execution_config, updated = now()
    WHERE r.installation->>'managed_by' = 'attune-agent' AND r.execution_config <> EXCLUDED.execution_config
      AND NOT r.auto_detected OR r.execution_config = '{}'`;
}

export async function listRuntimes(
  { sql }: Caller,
  { after, limit, confinedTo }: Page = {},
): Promise<readonly RuntimeView[]> {
  /* Those of the agent are everybody's. */
  const seen = confinedTo && { ...confinedTo, packs: ['core', ...confinedTo.packs] };
  return await sql<RuntimeView[]>`
    SELECT ref, name, auto_detected AS "isAutoDetected", execution_config AS "executionConfig"
    FROM runtime WHERE ref COLLATE "C" > ${after ?? ''}
      ${withinPacks(sql, seen, { column: "COALESCE(pack_ref, 'core')", isWhole: true })}
    ORDER BY ref COLLATE "C" LIMIT ${limit ?? null}`;
}
