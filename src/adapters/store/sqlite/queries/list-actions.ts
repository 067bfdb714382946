import { type ActionColumns, readActionView } from '#adapters/store/action-row.ts';
import { parsed } from '#adapters/store/json.ts';
import type { Sqlite } from '#adapters/store/sqlite/open.ts';
import type { ActionView } from '#domain/client-store.ts';

export function listActions(sqlite: Sqlite, packRef: string | undefined): readonly ActionView[] {
  return packRef === undefined ? actionsOf(sqlite, 'true', []) : actionsOf(sqlite, 'a.pack_ref = ?', [packRef]);
}

export function actionsOf({ database }: Sqlite, condition: string, values: readonly string[]): readonly ActionView[] {
  const rows = database
    .query<ActionColumns & { param_schema: string | null; env_vars: string | null }, string[]>(`
      SELECT a.ref, a.label, a.description, a.pack_ref, r.name AS runtime, a.runtime_version_constraint,
        a.param_schema, a.env_vars
      FROM action a LEFT JOIN runtime r ON r.id = a.runtime WHERE ${condition} ORDER BY a.ref`)
    .all(...values);
  return rows.map((row) =>
    readActionView({ ...row, param_schema: parsed(row.param_schema), env_vars: parsed(row.env_vars) }),
  );
}
