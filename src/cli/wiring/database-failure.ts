import { askWhatToRun } from '#adapters/store/postgres/ask.ts';
import { explainDatabaseError } from '#adapters/store/postgres/explain-error.ts';
import { codeOf } from '#domain/errors.ts';
import { Unavailable } from '#domain/unavailable.ts';

/**
 * The codes of PostgreSQL for errors that somebody has to mend before the first start: wrong credentials, no such
 * database, no schema. A process that has worked before waits for them to pass.
 */
const hopeless: readonly string[] = ['28P01', '28000', '3D000', '3F000', '42501', '42P01', '42703', '42883'];
/** The SQLSTATEs with which a database answers that was not migrated. */
const missing: readonly string[] = ['3F000', '42P01', '42703', '42883'];

/**
 * Tries the database once. Resolves with a sentence if the database refuses the connection, and with undefined if it
 * answers or is unreachable for now.
 */
export async function describeDatabaseFailure(
  attempt: () => Promise<unknown>,
  url: string,
): Promise<string | undefined> {
  try {
    await attempt();
    return undefined;
  } catch (error) {
    const code = codeOf(error instanceof Unavailable ? error.cause : error) ?? '';
    const whatToRun = missing.includes(code) ? await askWhatToRun(url) : undefined;
    if (whatToRun !== undefined) return whatToRun;
    if (!(error instanceof Unavailable)) return explainDatabaseError(error, url);
    return hopeless.includes(code) ? error.message : undefined;
  }
}
