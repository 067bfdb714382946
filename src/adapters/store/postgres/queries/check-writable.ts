import type { Caller } from '#adapters/store/postgres/connect.ts';

/**
 * Checks that the database can be written to, by forgetting none of its messages: a database that can only be read
 * refuses even that.
 */
export async function checkWritable({ sql }: Caller): Promise<void> {
  await sql`SELECT agent_forget('[]'::json)`;
}
