import type { Caller } from '#adapters/store/postgres/connect.ts';

export async function forget({ sql }: Caller, outboxIds: readonly string[]): Promise<void> {
  await sql`SELECT agent_forget(${JSON.stringify(outboxIds)}::text::json)`;
}
