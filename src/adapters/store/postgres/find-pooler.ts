import { codeOf } from '#domain/errors.ts';
import type { Sql } from './connect.ts';

/** PgBouncer refuses a startup parameter that it does not know with this code. */
const UNSUPPORTED_PARAMETER = '08P01';

/**
 * Whether a pooler is between this process and the database: it refuses the parameters of a session, or the process
 * that
 * answers is another one than the one that was announced when the connection was opened.
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
