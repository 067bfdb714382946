import type { ActionView } from '#domain/client-store.ts';
import { type ActionColumns, readActionView } from '#store/action-row.ts';
import type { Sql } from '#store/postgres/connect.ts';

export async function findAction(sql: Sql, actionRef: string): Promise<ActionView | undefined> {
  const [row] = await sql<ActionColumns[]>`
    SELECT ref, label, description, pack_ref, param_schema FROM action WHERE ref = ${actionRef}`;
  return row && readActionView(row);
}
