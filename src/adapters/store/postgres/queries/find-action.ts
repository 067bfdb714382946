import { type ActionColumns, readActionView } from '#adapters/store/action-row.ts';
import type { Caller } from '#adapters/store/postgres/connect.ts';
import type { ActionView } from '#domain/client-store.ts';

export async function findAction({ sql }: Caller, actionRef: string): Promise<ActionView | undefined> {
  const [row] = await sql<ActionColumns[]>`
    SELECT a.ref, a.label, a.description, a.pack_ref, r.name AS runtime, a.runtime_version_constraint,
      a.param_schema, to_jsonb(a.env_vars) AS env_vars
    FROM action a LEFT JOIN runtime r ON r.id = a.runtime WHERE a.ref = ${actionRef}`;
  return row && readActionView(row);
}
