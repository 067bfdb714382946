import type { Database } from 'bun:sqlite';
import { HIDE_AT_ONCE, hideRows, MOST_HIDDEN_CHARACTERS, type OpenRow } from '#adapters/store/hidden-parameters.ts';
import { parsed } from '#adapters/store/json.ts';
import { stepOn } from '#adapters/store/sqlite/hiding-state.ts';
import type { Caller } from '#adapters/store/sqlite/open.ts';
import type { HiddenParameters, HideParameters } from '#domain/admin-store.ts';
import { stepThroughSchedules } from './hide-schedules.ts';

export function hideParameters(caller: Caller, hide: HideParameters): HiddenParameters {
  const schedules = stepThroughSchedules(caller, hide);
  const executions = stepThroughExecutions(caller, hide);
  return {
    hidden: executions.hidden,
    schedules: schedules.hidden,
    isDone: executions.isDone && schedules.isDone,
  };
}

function stepThroughExecutions(caller: Caller, hide: HideParameters): ReturnType<typeof stepOn> {
  const { database, cipher } = caller;
  return stepOn(caller, 'hidden_parameters', (after) => {
    const { rows, last } = readOpen(database, after);
    const { hidden, left } = hideRows(rows, hide, cipher);
    /* What was there is overwritten in the file. */
    if (hidden.length > 0) database.run('PRAGMA secure_delete = ON');
    for (const { id, config, encrypted } of hidden)
      database
        .query('UPDATE execution SET config = ?, encrypted_config = COALESCE(encrypted_config, ?) WHERE id = ?')
        .run(JSON.stringify(config), encrypted && JSON.stringify(encrypted), id);
    return { hidden: hidden.length, last, left };
  });
}

/** Reads the next executions whose parameters may be secret, and the last that was looked at; undefined: no more. */
function readOpen(
  database: Database,
  after: number,
): { readonly rows: readonly OpenRow[]; readonly last: number | undefined } {
  const page = database
    .query<{ last: number | null }, [number, number]>(
      'SELECT max(id) AS last FROM (SELECT id FROM execution WHERE id > ? ORDER BY id LIMIT ?)',
    )
    .get(after, HIDE_AT_ONCE);
  if (page?.last == null) return { rows: [], last: undefined };
  const open = database
    .query<
      OpenRow & { readonly id: number; readonly config: string; readonly schema: string | null },
      [number, number]
    >(`
      WITH secret AS MATERIALIZED (SELECT id, param_schema FROM action WHERE param_schema LIKE '%"secret"%')
      SELECT e.id, e.config, s.param_schema AS schema, s.id IS NULL AS is_gone,
        e.encrypted_config IS NOT NULL AS is_encrypted,
        e.status IN ('completed', 'failed', 'cancelled', 'timeout', 'abandoned') AS has_ended
      FROM execution AS e LEFT JOIN secret AS s ON s.id = e.action
      WHERE e.id > ? AND e.id <= ? AND e.config LIKE '{_%' AND e.config != '{}' AND (
        s.id IS NOT NULL
        OR (e.inline_runtime IS NULL AND NOT EXISTS (SELECT 1 FROM action AS a WHERE a.id = e.action)))
      ORDER BY e.id`)
    .iterate(after, page.last);
  const rows: OpenRow[] = [];
  let size = 0;
  for (const row of open) {
    if (size > MOST_HIDDEN_CHARACTERS) return { rows, last: Number(rows.at(-1)?.id) };
    size += row.config.length + (row.schema?.length ?? 0);
    rows.push({ ...row, config: parsed(row.config), schema: parsed(row.schema) });
  }
  return { rows, last: page.last };
}
