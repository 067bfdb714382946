import type { ActionView } from '#domain/client-store.ts';
import { type ActionColumns, readActionView } from '#store/action-row.ts';
import type { Sqlite } from '#store/sqlite/open.ts';

export function findAction({ database }: Sqlite, actionRef: string): ActionView | undefined {
  const row = database
    .query<ActionColumns & { param_schema: string | null }, [string]>(
      'SELECT ref, label, description, pack_ref, param_schema FROM action WHERE ref = ?',
    )
    .get(actionRef);
  return row
    ? readActionView({ ...row, param_schema: row.param_schema === null ? null : JSON.parse(row.param_schema) })
    : undefined;
}
