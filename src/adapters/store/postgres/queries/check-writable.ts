import type { Caller } from '#adapters/store/postgres/connect.ts';

/** Forgets no message: a database that can only be read refuses even that. */
export async function checkWritable({ sql }: Caller): Promise<void> {
  await sql`SELECT agent_forget('[]'::json)`;
}
