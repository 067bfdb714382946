import type { Caller } from '#adapters/store/postgres/connect.ts';
import type { WorkerId } from '#domain/ids.ts';

export async function cordon(
  { sql }: Caller,
  worker: WorkerId,
  cordoning: { readonly by: string; readonly reason: string } | undefined,
): Promise<boolean> {
  const rows = await sql`
    UPDATE worker SET cordoned = ${cordoning !== undefined}, cordon_reason = ${cordoning?.reason ?? null},
      cordoned_by = ${cordoning?.by ?? null},
      cordoned_at = CASE WHEN ${cordoning !== undefined} THEN now() END, updated = now()
    WHERE id = ${worker} RETURNING id`;
  return rows.length > 0;
}
