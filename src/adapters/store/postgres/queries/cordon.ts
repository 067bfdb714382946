import type { Sql } from '#adapters/store/postgres/connect.ts';
import type { WorkerId } from '#domain/ids.ts';

export async function cordon(
  sql: Sql,
  worker: WorkerId,
  wish: { readonly by: string; readonly reason: string } | undefined,
): Promise<boolean> {
  const rows = await sql`
    UPDATE worker SET cordoned = ${wish !== undefined}, cordon_reason = ${wish?.reason ?? null}, cordoned_by = ${wish?.by ?? null},
      cordoned_at = CASE WHEN ${wish !== undefined} THEN now() END, updated = now()
    WHERE id = ${worker} RETURNING id`;
  return rows.length > 0;
}
