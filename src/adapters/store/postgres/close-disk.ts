import type { Sql } from './connect.ts';

/** Bytes of files that one query of a worker's login may use for what does not fit into its memory. */
export const TEMP_FILE_LIMIT = '256MB';

/** Functions of PostgreSQL by which any login writes as much as it likes: large objects, and messages in the WAL. */
const WRITING = ['lo_creat', 'lo_create', 'lo_from_bytea', 'lo_put', 'lowrite', 'pg_logical_emit_message'] as const;

/**
 * Takes from everybody the ways by which any login could fill the disk: large objects, temporary tables, and for logins
 * of workers large queries. Returns the statements that are left for a superuser: all of them where somebody else uses
 * this database too, else those for which this login has no rights.
 */
export async function closeDisk(sql: Sql): Promise<readonly string[]> {
  const open = await openWays(sql);
  if (open.length === 0 || (await isShared(sql))) return open;
  for (const statement of open) await sql.unsafe(statement).catch(() => {}); /* what has failed is open still */
  return await openWays(sql);
}

async function openWays(sql: Sql): Promise<readonly string[]> {
  const rows = await sql<{ statement: string | null }[]>`
    SELECT
      'REVOKE EXECUTE ON FUNCTION ' || string_agg(p.oid::regprocedure::text, ', ' ORDER BY p.proname, p.oid)
        || ' FROM PUBLIC' AS statement
    FROM pg_proc AS p
    WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.proname = ANY (string_to_array(${WRITING.join(',')}, ','))
      AND has_function_privilege('public', p.oid, 'EXECUTE')
    UNION ALL
    SELECT format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database())
    WHERE has_database_privilege('public', current_database(), 'TEMPORARY')
    UNION ALL
    SELECT format('ALTER ROLE %I SET temp_file_limit = %L', worker.rolname, ${TEMP_FILE_LIMIT}::text)
    FROM pg_auth_members AS m
    JOIN pg_roles AS granted ON granted.oid = m.roleid
    JOIN pg_roles AS worker ON worker.oid = m.member
    WHERE granted.rolname = 'attune_worker' AND worker.rolcanlogin AND NOT (worker.rolsuper OR worker.rolcreaterole)
      AND NOT EXISTS (
        SELECT FROM pg_db_role_setting AS s, unnest(s.setconfig) AS setting
        WHERE s.setrole = worker.oid AND setting LIKE 'temp_file_limit=%')`;
  return rows.flatMap(({ statement }) => (statement === null ? [] : [statement]));
}

/**
 * Whether tables that are not Attune's are in this database. Large objects alone say nothing: a worker's login may have
 * made them.
 */
async function isShared(sql: Sql): Promise<boolean> {
  const [row] = await sql<{ isShared: boolean }[]>`
    SELECT EXISTS (
      SELECT FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname NOT IN ('attune', 'information_schema')
        AND n.nspname NOT LIKE 'pg\_%'
        AND NOT EXISTS (SELECT FROM pg_depend AS d WHERE d.objid = c.oid AND d.deptype = 'e')) AS "isShared"`;
  return row?.isShared ?? false;
}
