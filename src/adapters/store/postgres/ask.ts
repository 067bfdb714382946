import { openUnnamed } from './connect.ts';
import { explainDatabaseError } from './explain-error.ts';

/**
 * Asks the database for its time, in milliseconds since 1970. Rejects with one sentence for people when the database
 * cannot be asked, or has no schema.
 */
export async function askDatabaseTime(url: string): Promise<number> {
  const sql = openUnnamed(url);
  try {
    await sql`SELECT 'attune.agent_claim'::regproc`;
    const [row] = await sql<{ now: number }[]>`SELECT extract(epoch FROM clock_timestamp())::float8 * 1000 AS now`;
    return row?.now ?? Number.NaN;
  } catch (error) {
    throw new Error(explainDatabaseError(error, url), { cause: error });
  } finally {
    await sql.end({ timeout: 1 });
  }
}
