import { HIDE_AT_ONCE, hideRows, MOST_HIDDEN_CHARACTERS, type OpenRow } from '#adapters/store/hidden-parameters.ts';
import type { Caller, Connected } from '#adapters/store/postgres/connect.ts';
import { stepOn } from '#adapters/store/postgres/hiding-state.ts';
import type { AdminStore, HideParameters } from '#domain/admin-store.ts';
import { storableJson } from '#formats/storable.ts';
import { stepThroughSchedules } from './hide-schedules.ts';

export async function hideParameters(caller: Caller, hide: HideParameters): ReturnType<AdminStore['hideParameters']> {
  const schedules = await stepThroughSchedules(caller, hide);
  const executions = await stepThroughExecutions(caller, hide);
  return {
    hidden: executions.hidden,
    schedules: schedules.hidden,
    isDone: executions.isDone && schedules.isDone,
  };
}

async function stepThroughExecutions(caller: Caller, hide: HideParameters): ReturnType<typeof stepOn> {
  return await stepOn(caller, 'hidden_parameters', async ({ sql }, after, cipher) => {
    const { rows, last } = await readOpen({ sql }, after);
    const { hidden, left } = hideRows(rows, hide, cipher);
    if (hidden.length > 0)
      await sql`
        UPDATE execution AS e SET config = h.config, encrypted_config = COALESCE(e.encrypted_config, h.encrypted)
        FROM json_to_recordset(${storableJson(hidden)}::text::json) AS h(id BIGINT, config JSONB, encrypted JSONB)
        WHERE e.id = h.id`;
    return { hidden: hidden.length, last, left };
  });
}

/**
 * Reads the next executions whose parameters may be secret, and the last that was looked at; undefined: no more.
 * Ids of executions that others are requesting now are not passed over.
 */
async function readOpen(
  { sql }: Connected,
  after: number,
): Promise<{ readonly rows: readonly OpenRow[]; readonly last: number | undefined }> {
  const [page] = await sql<{ last: string | null }[]>`
    SELECT max(id) AS last
    FROM (SELECT id, created FROM execution WHERE id > ${after} ORDER BY id LIMIT ${HIDE_AT_ONCE}) AS e
    WHERE created < now() - interval '10 seconds'`;
  if (page?.last == null) return { rows: [], last: undefined };
  const rows = await sql<(OpenRow & { readonly is_last: boolean })[]>`
    WITH open AS (
      SELECT e.id, e.config, a.id IS NULL AS is_gone, e.encrypted_config IS NOT NULL AS is_encrypted,
        e.status IN ('completed', 'failed', 'cancelled', 'timeout', 'abandoned') AS has_ended, a.param_schema AS schema,
        octet_length(e.config::text) + COALESCE(octet_length(a.param_schema::text), 0) AS size
      FROM execution AS e LEFT JOIN action AS a ON a.id = e.action
      WHERE e.id > ${after} AND e.id <= ${page.last} AND jsonb_typeof(e.config) = 'object' AND e.config != '{}'
        AND CASE WHEN a.id IS NULL THEN e.inline_runtime IS NULL ELSE a.param_schema::text LIKE '%"secret"%' END
    ), sized AS (
      SELECT *, sum(size) OVER (ORDER BY id) - size AS before, lead(id) OVER (ORDER BY id) IS NULL AS is_last FROM open
    )
    SELECT id, config, is_gone, is_encrypted, has_ended, schema, is_last FROM sized
    WHERE before <= ${MOST_HIDDEN_CHARACTERS} ORDER BY id`;
  const cut = rows.at(-1);
  return { rows, last: Number(cut === undefined || cut.is_last ? page.last : cut.id) };
}
