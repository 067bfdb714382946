import type postgres from 'postgres';
import { sha256Of } from '#crypto/sha256.ts';
import { isNewerVersion } from '#domain/is-newer-version.ts';
import type { SqlFunction } from './functions.ts';
import { dropFunction, replaceFunction } from './replace-function.ts';

export type AppliedFunctions =
  | { readonly kind: 'applied'; readonly applied: readonly string[]; readonly dropped: readonly string[] }
  /** A newer version of attune-agent has applied its functions already; they stay as they are. */
  | { readonly kind: 'newer'; readonly version: string };

/**
 * Brings the functions of the database to the state of their files, those only that have changed or are not there any
 * more, and drops those whose file is gone. functions/README.md says how agents of several versions can share them.
 */
export async function applyFunctions(
  sql: postgres.TransactionSql,
  functions: readonly SqlFunction[],
  version: string,
): Promise<AppliedFunctions> {
  const known = await sql<{ name: string; checksum: string; version: string; isThere: boolean }[]>`
    SELECT name, checksum, version, EXISTS (
      SELECT FROM pg_proc WHERE proname = name AND pronamespace = current_schema()::regnamespace) AS "isThere"
    FROM agent_function`;
  const newer = known.find((one) => isNewerVersion(one.version, version));
  if (newer) return { kind: 'newer', version: newer.version };
  const checksums = new Map(known.flatMap(({ name, checksum, isThere }) => (isThere ? [[name, checksum]] : [])));
  const changed = changedFunctions(functions, checksums);
  const gone = known.map(({ name }) => name).filter((name) => !functions.some((one) => one.name === name));
  for (const one of changed) await replaceFunction(sql, one);
  for (const name of gone) await dropFunction(sql, name);
  if (changed.length + gone.length > 0) await record(sql, { changed, gone, version });
  return { kind: 'applied', applied: changed.map(({ name }) => name), dropped: gone };
}

/** The functions whose files differ from what was applied, given the checksums of that by name. */
export function changedFunctions(
  functions: readonly SqlFunction[],
  checksums: ReadonlyMap<string, string>,
): readonly SqlFunction[] {
  return functions.filter((one) => checksums.get(one.name) !== checksumOf(one));
}

interface Change {
  readonly changed: readonly SqlFunction[];
  readonly gone: readonly string[];
  readonly version: string;
}

/** The version is that of all functions, so that it also says when one is gone. */
async function record(sql: postgres.TransactionSql, { changed, gone, version }: Change): Promise<void> {
  const rows = changed.map((one) => ({ name: one.name, checksum: checksumOf(one) }));
  await sql`
    DELETE FROM agent_function USING json_array_elements_text(${JSON.stringify(gone)}::text::json) AS gone(name)
    WHERE agent_function.name = gone.name`;
  await sql`
    INSERT INTO agent_function (name, checksum, version)
    SELECT name, checksum, ${version} FROM json_to_recordset(${JSON.stringify(rows)}::text::json)
      AS r(name TEXT, checksum TEXT)
    ON CONFLICT (name) DO UPDATE SET checksum = EXCLUDED.checksum, applied_at = now()`;
  await sql`UPDATE agent_function SET version = ${version}`;
}

function checksumOf({ sql }: SqlFunction): string {
  return sha256Of(sql);
}
