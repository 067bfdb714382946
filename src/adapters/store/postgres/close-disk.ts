import type { Sql } from './connect.ts';

/** Bytes of files that one query of a worker's login may use for what does not fit into its memory. */
export const TEMP_FILE_LIMIT = '256MB';

/** Functions of PostgreSQL by which any login writes as much as it likes: large objects, and messages in the WAL. */
const WRITING = ['lo_creat', 'lo_create', 'lo_from_bytea', 'lo_put', 'lowrite', 'pg_logical_emit_message'] as const;

interface Way {
  readonly statement: string;
  /** Whether the statement closes other databases of this server, in which a login may write as well. */
  readonly isElsewhere: boolean;
}

/**
 * Takes from everybody the ways by which any login could fill the disk: large objects, temporary tables, for logins of
 * workers large queries, and the other databases of this server, where all of that is open. Returns the statements that
 * are left for a superuser: those about what somebody else uses too, and those for which this login has no rights.
 */
export async function closeDisk(sql: Sql): Promise<readonly string[]> {
  const open = await openWays(sql);
  if (open.length === 0) return [];
  const shared = await findOthers(sql);
  for (const { statement, isElsewhere } of open) {
    if (isElsewhere ? shared.server : shared.database) continue;
    await sql.unsafe(statement).catch(() => {}); /* what has failed is open still */
  }
  const left = await openWays(sql);
  /* What concerns other databases is no trouble where no login is a worker's alone. */
  return left.filter((way) => shared.hasWorkers || !way.isElsewhere).map((way) => way.statement);
}

async function openWays(sql: Sql): Promise<readonly Way[]> {
  const rows = await sql<{ statement: string | null; isElsewhere: boolean }[]>`
    SELECT
      'REVOKE EXECUTE ON FUNCTION ' || string_agg(p.oid::regprocedure::text, ', ' ORDER BY p.proname, p.oid)
        || ' FROM PUBLIC' AS statement,
      FALSE AS "isElsewhere"
    FROM pg_proc AS p
    WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.proname = ANY (string_to_array(${WRITING.join(',')}, ','))
      AND has_function_privilege('public', p.oid, 'EXECUTE')
    UNION ALL
    SELECT format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database()), FALSE
    WHERE has_database_privilege('public', current_database(), 'TEMPORARY')
    UNION ALL
    SELECT format('ALTER ROLE %I SET temp_file_limit = %L', worker.rolname, ${TEMP_FILE_LIMIT}::text), FALSE
    FROM pg_auth_members AS m
    JOIN pg_roles AS granted ON granted.oid = m.roleid
    JOIN pg_roles AS worker ON worker.oid = m.member
    WHERE granted.rolname = 'attune_worker' AND worker.rolcanlogin AND NOT (worker.rolsuper OR worker.rolcreaterole)
      AND NOT EXISTS (
        SELECT FROM pg_db_role_setting AS s, unnest(s.setconfig) AS setting
        WHERE s.setrole = worker.oid AND setting LIKE 'temp_file_limit=%')
    UNION ALL
    SELECT
      'REVOKE CONNECT ON DATABASE ' || string_agg(quote_ident(d.datname), ', ' ORDER BY d.datname) || ' FROM PUBLIC',
      TRUE
    FROM pg_database AS d
    WHERE d.datallowconn AND d.datname != current_database() AND has_database_privilege('public', d.oid, 'CONNECT')`;
  return rows.flatMap(({ statement, isElsewhere }) => (statement === null ? [] : [{ statement, isElsewhere }]));
}

interface Others {
  /**
   * Tables that are not Attune's are in this database. Large objects alone say nothing: a worker's login may have made
   * them.
   */
  readonly database: boolean;
  /** The server has databases besides this one and those that every server has, or logins that are not Attune's. */
  readonly server: boolean;
  /** Logins of workers are there. */
  readonly hasWorkers: boolean;
}

async function findOthers(sql: Sql): Promise<Others> {
  const [row] = await sql<Others[]>`
    SELECT
      EXISTS (
        SELECT FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname NOT IN ('attune', 'information_schema')
          AND n.nspname NOT LIKE 'pg\_%'
          AND NOT EXISTS (SELECT FROM pg_depend AS d WHERE d.objid = c.oid AND d.deptype = 'e')) AS "database",
      EXISTS (
        SELECT FROM pg_database AS d WHERE d.datname NOT IN (current_database(), 'postgres', 'template0', 'template1'))
      OR EXISTS (
        SELECT FROM pg_roles AS r
        WHERE r.rolcanlogin AND NOT r.rolsuper AND r.rolname != current_user AND NOT EXISTS (
          SELECT FROM pg_auth_members AS m
          WHERE m.member = r.oid AND m.roleid IN (
            to_regrole('attune_worker'), to_regrole('attune_server'), to_regrole('attune_readonly')))) AS "server",
      EXISTS (
        SELECT FROM pg_auth_members AS m JOIN pg_roles AS r ON r.oid = m.member
        WHERE m.roleid = to_regrole('attune_worker') AND r.rolcanlogin AND NOT r.rolsuper) AS "hasWorkers"`;
  return row ?? { database: true, server: true, hasWorkers: true };
}
