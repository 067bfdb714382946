import { type ActionColumns, readActionView } from '#adapters/store/action-row.ts';
import type { Caller } from '#adapters/store/postgres/connect.ts';
import { within } from '#adapters/store/postgres/within.ts';
import type { ActionView } from '#domain/client-store.ts';
import type { Page } from '#domain/page.ts';

export async function listActions(
  { sql }: Caller,
  packRef: string | undefined,
  { after, limit, confinedTo }: Page = {},
): Promise<readonly ActionView[]> {
  const rows = await sql<ActionColumns[]>`
    SELECT a.ref, a.label, a.description, a.pack_ref, r.name AS runtime, a.runtime_version_constraint,
      a.param_schema, to_jsonb(a.env_vars) AS env_vars
    FROM action a LEFT JOIN runtime r ON r.id = a.runtime
    WHERE a.ref COLLATE "C" > ${after ?? ''} ${packRef === undefined ? sql`` : sql`AND a.pack_ref = ${packRef}`}
      ${within(sql, confinedTo, 'a.ref')}
    ORDER BY a.ref COLLATE "C" LIMIT ${limit ?? null}`;
  return rows.map(readActionView);
}
