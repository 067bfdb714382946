import { codeOf } from '#domain/errors.ts';
import type { Sql } from './connect.ts';

/** PgBouncer refuses a startup parameter that it does not know with this code. */
const UNSUPPORTED_PARAMETER = '08P01';

/**
 * Tells whether a pooler is between this process and the database: a pooler refuses the parameters of a session, or
 * lets another process of the server answer than the one that was announced when the connection was opened.
 */
export async function isBehindPooler(sql: Sql): Promise<boolean> {
  try {
    const answer = await sql.unsafe<{ pid: number }[]>('SELECT pg_backend_pid() AS pid');
    return answer.state?.pid !== answer[0]?.pid;
  } catch (error) {
    if (codeOf(error) === UNSUPPORTED_PARAMETER) return true;
    throw error;
  }
}
