import type postgres from 'postgres';
import { codeOf } from '#domain/errors.ts';
import type { SqlFunction } from './functions.ts';

interface Overload {
  readonly oid: string;
  /** The name and the types of the parameters, as SQL. */
  readonly signature: string;
  /** A role, as SQL. */
  readonly owner: string;
  /** Roles that may call it, as SQL; null: what PostgreSQL grants by itself. */
  readonly callers: readonly string[] | null;
}

/** PostgreSQL's code for a definition that cannot replace the present one: it returns something else, for example. */
const INVALID_DEFINITION = '42P13';

/**
 * Applies the file of a function. While its signature stays the same, the function stays the same object, so that no
 * call in progress fails. Otherwise the old one is dropped, and the new one gets its owner and its grants. A function
 * without a predecessor belongs to the owner of the other functions, and nobody else may call it before agent_grant
 * has said who may.
 */
export async function replaceFunction(sql: postgres.TransactionSql, { name, sql: text }: SqlFunction): Promise<void> {
  const before = await overloadsOf(sql, name);
  try {
    await sql.savepoint((inner) => inner.unsafe(text));
  } catch (error) {
    if (codeOf(error) !== INVALID_DEFINITION) throw error;
    await dropFunction(sql, name);
    await sql.unsafe(text);
  }
  const present = await overloadsOf(sql, name);
  const made = present.find(({ oid }) => !before.some((one) => one.oid === oid));
  if (made === undefined) return;
  for (const old of present) if (old !== made) await sql.unsafe(`DROP FUNCTION ${old.signature}`);
  const [model] = before.length > 0 ? before : await overloadsOf(sql, 'agent_grant');
  await sql.unsafe(`ALTER FUNCTION ${made.signature} OWNER TO ${model?.owner ?? made.owner}`);
  await grant(sql, made.signature, before[0] === undefined ? [] : before[0].callers);
}

export async function dropFunction(sql: postgres.TransactionSql, name: string): Promise<void> {
  for (const { signature } of await overloadsOf(sql, name)) await sql.unsafe(`DROP FUNCTION ${signature}`);
}

async function grant(sql: postgres.TransactionSql, signature: string, callers: Overload['callers']): Promise<void> {
  if (callers === null) return;
  await sql.unsafe(`REVOKE EXECUTE ON FUNCTION ${signature} FROM PUBLIC`);
  for (const role of callers) await sql.unsafe(`GRANT EXECUTE ON FUNCTION ${signature} TO ${role}`);
}

async function overloadsOf(sql: postgres.TransactionSql, name: string): Promise<readonly Overload[]> {
  return await sql<Overload[]>`
    SELECT p.oid, p.oid::regprocedure::text AS signature, p.proowner::regrole::text AS owner,
      CASE WHEN p.proacl IS NOT NULL THEN (
        SELECT COALESCE(json_agg(CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END), '[]')
        FROM aclexplode(p.proacl) a WHERE a.grantee <> p.proowner) END AS callers
    FROM pg_proc p WHERE p.pronamespace = current_schema()::regnamespace AND p.proname = ${name}`;
}
