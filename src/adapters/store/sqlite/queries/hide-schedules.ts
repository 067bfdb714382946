import type { Database } from 'bun:sqlite';
import { HIDE_AT_ONCE, MOST_HIDDEN_CHARACTERS } from '#adapters/store/hidden-parameters.ts';
import { hideSchedules, type OpenSchedule } from '#adapters/store/hidden-schedules.ts';
import { parsed } from '#adapters/store/json.ts';
import { stepOn } from '#adapters/store/sqlite/hiding-state.ts';
import type { Caller } from '#adapters/store/sqlite/open.ts';
import type { HideParameters } from '#domain/admin-store.ts';

/** Makes a step through the schedules. */
export function stepThroughSchedules(caller: Caller, hide: HideParameters): ReturnType<typeof stepOn> {
  const { database, cipher } = caller;
  return stepOn(caller, 'hidden_schedules', (after) => {
    const rows = readOpen(database, after);
    const hidden = hideSchedules(rows, hide, cipher);
    /* What was there is overwritten in the file. */
    if (hidden.length > 0) database.run('PRAGMA secure_delete = ON');
    for (const { id, parameters, encrypted } of hidden)
      database
        .query('UPDATE schedule SET parameters = ?, encrypted_parameters = ? WHERE id = ?')
        .run(JSON.stringify(parameters), encrypted && JSON.stringify(encrypted), id);
    const last = rows.at(-1);
    return { hidden: hidden.length, last: last && Number(last.id), left: null };
  });
}

/** Reads the next schedules whose parameters may have become secret. */
function readOpen(database: Database, after: number): readonly OpenSchedule[] {
  const open = database
    .query<{ readonly id: number; readonly parameters: string; readonly schema: string }, [number, number]>(`
      SELECT s.id, s.parameters, a.param_schema AS schema FROM schedule AS s JOIN action AS a ON a.ref = s.action_ref
      WHERE s.id > ? AND s.encrypted_parameters IS NULL AND s.parameters != '{}' AND a.param_schema LIKE '%"secret"%'
      ORDER BY s.id LIMIT ?`)
    .iterate(after, HIDE_AT_ONCE);
  const rows: OpenSchedule[] = [];
  let size = 0;
  for (const { id, parameters, schema } of open) {
    if (size > MOST_HIDDEN_CHARACTERS) break;
    size += parameters.length + schema.length;
    rows.push({ id, parameters: parsed(parameters), schema: parsed(schema) });
  }
  return rows;
}
