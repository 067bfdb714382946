import { type ActionColumns, readActionView } from '#adapters/store/action-row.ts';
import { parsed } from '#adapters/store/json.ts';
import type { Sqlite } from '#adapters/store/sqlite/open.ts';
import { within } from '#adapters/store/sqlite/within.ts';
import type { ActionView } from '#domain/client-store.ts';
import type { Page } from '#domain/page.ts';

export function listActions(
  sqlite: Sqlite,
  packRef: string | undefined,
  { after = '', limit = -1, confinedTo }: Page = {},
): readonly ActionView[] {
  const [condition, values] =
    packRef === undefined ? ['a.ref > ?', [after]] : ['a.ref > ? AND a.pack_ref = ?', [after, packRef]];
  const [seen, ofConfinement] = within(confinedTo, 'a.ref');
  return actionsOf(sqlite, `${condition} AND ${seen}`, [...values, ...ofConfinement], limit);
}

/** The actions for which a condition holds, all of them where `limit` is negative. */
export function actionsOf(
  { database }: Sqlite,
  ...[condition, values, limit = -1]: readonly [condition: string, values: readonly (string | number)[], limit?: number]
): readonly ActionView[] {
  const rows = database
    .query<ActionColumns & { param_schema: string | null; env_vars: string | null }, (string | number)[]>(`
      SELECT a.ref, a.label, a.description, a.pack_ref, r.name AS runtime, a.runtime_version_constraint,
        a.param_schema, a.env_vars
      FROM action a LEFT JOIN runtime r ON r.id = a.runtime WHERE ${condition} ORDER BY a.ref LIMIT ?`)
    .all(...values, limit);
  return rows.map((row) =>
    readActionView({ ...row, param_schema: parsed(row.param_schema), env_vars: parsed(row.env_vars) }),
  );
}
