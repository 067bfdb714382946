import type { Sql } from '#adapters/store/postgres/connect.ts';

export async function forget(sql: Sql, outboxIds: readonly string[]): Promise<void> {
  await sql`SELECT agent_forget(${JSON.stringify(outboxIds)}::text::json)`;
}
