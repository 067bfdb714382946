import type { Database } from 'bun:sqlite';
import { createHash } from 'node:crypto';
import {
  HIDE_AT_ONCE,
  hideRows,
  MOST_HIDDEN_CHARACTERS,
  type OpenRow,
  readHidingState,
  writeHidingState,
} from '#adapters/store/hidden-parameters.ts';
import { parsed } from '#adapters/store/json.ts';
import type { Caller } from '#adapters/store/sqlite/open.ts';
import type { HiddenParameters, HideParameters } from '#domain/admin-store.ts';

const NAME = 'hidden_parameters';

export function hideParameters({ database, cipher }: Caller, hide: HideParameters): HiddenParameters {
  const own = database.query<{ value: string }, [string]>('SELECT value FROM agent_setting WHERE name = ?').get(NAME);
  const state = readHidingState(own?.value ?? '', `${digestOf(database)} ${cipher !== undefined}`);
  const { rows, last } = readOpen(database, state.after);
  const { hidden, left } = hideRows(rows, hide, cipher);
  /* What was there is overwritten in the file. */
  if (hidden.length > 0) database.run('PRAGMA secure_delete = ON');
  for (const { id, config, encrypted } of hidden)
    database
      .query('UPDATE execution SET config = ?, encrypted_config = COALESCE(encrypted_config, ?) WHERE id = ?')
      .run(JSON.stringify(config), encrypted && JSON.stringify(encrypted), id);
  const text = writeHidingState(state, { last, left });
  if (text !== own?.value)
    database
      .query(
        'INSERT INTO agent_setting (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
      )
      .run(NAME, text);
  return { hidden: hidden.length, isDone: last === undefined };
}

function digestOf(database: Database): string {
  const actions = database
    .query<{ ref: string; param_schema: string }, []>(
      `SELECT ref, param_schema FROM action WHERE param_schema LIKE '%"secret"%' ORDER BY ref`,
    )
    .all();
  return createHash('sha256').update(JSON.stringify(actions)).digest('hex');
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
