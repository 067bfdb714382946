import { HIDE_AT_ONCE, MOST_HIDDEN_CHARACTERS } from '#adapters/store/hidden-parameters.ts';
import { hideSchedules, type OpenSchedule } from '#adapters/store/hidden-schedules.ts';
import type { Caller, Connected } from '#adapters/store/postgres/connect.ts';
import { stepOn } from '#adapters/store/postgres/hiding-state.ts';
import type { HideParameters } from '#domain/admin-store.ts';
import { storableJson } from '#formats/storable.ts';

/** Makes a step through the schedules. */
export async function stepThroughSchedules(caller: Caller, hide: HideParameters): ReturnType<typeof stepOn> {
  return await stepOn(caller, 'hidden_schedules', async ({ sql }, after, cipher) => {
    const rows = await readOpen({ sql }, after);
    const hidden = hideSchedules(rows, hide, cipher);
    if (hidden.length > 0)
      await sql`
        UPDATE schedule AS s SET parameters = h.parameters, encrypted_parameters = h.encrypted, updated = now()
        FROM json_to_recordset(${storableJson(hidden)}::text::json) AS h(id BIGINT, parameters JSONB, encrypted JSONB)
        WHERE s.id = h.id`;
    const last = rows.at(-1);
    return { hidden: hidden.length, last: last && Number(last.id), left: null };
  });
}

/** Reads the next schedules whose parameters may have become secret. */
async function readOpen({ sql }: Connected, after: number): Promise<readonly OpenSchedule[]> {
  return await sql<OpenSchedule[]>`
    WITH open AS (
      SELECT s.id, s.parameters, a.param_schema AS schema,
        octet_length(s.parameters::text) + octet_length(a.param_schema::text) AS size
      FROM schedule AS s JOIN action AS a ON a.ref = s.action_ref
      WHERE s.id > ${after} AND s.encrypted_parameters IS NULL AND s.parameters != '{}'
        AND a.param_schema::text LIKE '%"secret"%'
      ORDER BY s.id LIMIT ${HIDE_AT_ONCE}
    )
    SELECT o.id, o.parameters, o.schema
    FROM (SELECT *, sum(size) OVER (ORDER BY id) - size AS before FROM open) AS o
    WHERE o.before <= ${MOST_HIDDEN_CHARACTERS} ORDER BY o.id`;
}
