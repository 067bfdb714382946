import type { Caller } from '#adapters/store/postgres/connect.ts';
import { Unavailable } from '#domain/unavailable.ts';

/**
 * Checks that the database can be written to, by forgetting none of its messages: a database that can only be read
 * refuses even that. Then that this login may request and change executions, of which none is touched, and that all
 * functions are there that a migration has left: workers need each of them.
 */
export async function checkWritable({ sql }: Caller): Promise<void> {
  await sql`SELECT agent_forget('[]'::json)`;
  await sql`
    WITH requested AS (INSERT INTO execution (action_ref) SELECT '' WHERE false)
    UPDATE execution SET status = status WHERE false`;
  const missing = await sql<{ name: string }[]>`
    SELECT name FROM agent_function
    WHERE NOT EXISTS (SELECT FROM pg_proc WHERE proname = name AND pg_function_is_visible(oid)) ORDER BY name`;
  if (missing.length === 0) return;
  const names = missing.map(({ name }) => name).join(', ');
  throw new Unavailable(`the database has no function ${names}: run attune-agent migrate`, { word: 'database' });
}
