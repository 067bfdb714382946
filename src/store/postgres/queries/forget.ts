import type { Sql } from '#store/postgres/connect.ts';

export async function forget(sql: Sql, outboxIds: readonly string[]): Promise<void> {
  await sql`
    DELETE FROM outbox USING json_array_elements_text(${JSON.stringify(outboxIds)}::text::json) AS gone(id)
    WHERE outbox.id = gone.id::bigint`;
}
