import { scramVerifier } from '#crypto/scram.ts';
import { failure, type Result, success } from '#domain/result.ts';
import type { Connected, Sql } from './connect.ts';

/** The roles that `migrate` makes, and whose members are logins. */
const ROLES = ['attune_worker', 'attune_server', 'attune_readonly'] as const;

export interface WantedLogin {
  readonly name: string;
  readonly password: string;
  readonly role: (typeof ROLES)[number];
}

/**
 * Makes a login that may do what one role may and nothing else, or gives the login of that name this password and
 * this role alone. Safe when it is done again. The error is a sentence about a login that is somebody else's.
 */
export async function provideLogin(
  sql: Sql,
  { name, password, role }: WantedLogin,
): Promise<Result<'made' | 'changed', string>> {
  return await sql.begin(async (transaction) => {
    const [found] = await transaction<{ isPowerful: boolean }[]>`
      SELECT
        rolsuper OR rolcreaterole OR rolname = current_user
          OR EXISTS (SELECT FROM pg_namespace WHERE nspname = 'attune' AND nspowner = pg_roles.oid) AS "isPowerful"
      FROM pg_roles WHERE rolname = ${name}`;
    if (found?.isPowerful)
      return failure(`the login ${name} has more rights than ${role}: name another one, which is made`);
    const [wanted] = await transaction`SELECT rolname FROM pg_roles WHERE rolname = ${role}`;
    if (!wanted) return failure(`there is no role ${role}: run attune-agent migrate with a login that has CREATEROLE`);
    const verb = found ? 'ALTER' : 'CREATE';
    const [login] = await transaction<{ statement: string }[]>`
      SELECT format(
        '%s ROLE %I LOGIN PASSWORD %L', ${verb}::text, ${name}::text, ${await scramVerifier(password)}::text
      ) AS statement`;
    const grants = await grantsOf({ sql: transaction }, name, role);
    for (const statement of [login?.statement ?? '', ...grants]) await transaction.unsafe(statement);
    return success(found ? 'changed' : 'made');
  });
}

/** The statements after which a login is a member of this role and of none of the others. */
async function grantsOf({ sql }: Connected, name: string, role: string): Promise<readonly string[]> {
  const rows = await sql<{ statement: string }[]>`
    SELECT format('GRANT %I TO %I', ${role}::text, ${name}::text) AS statement
    UNION ALL
    SELECT format('REVOKE %I FROM %I', granted.rolname, holder.rolname)
    FROM pg_auth_members AS m
    JOIN pg_roles AS granted ON granted.oid = m.roleid
    JOIN pg_roles AS holder ON holder.oid = m.member
    WHERE holder.rolname = ${name} AND granted.rolname != ${role}
      AND granted.rolname = ANY (string_to_array(${ROLES.join(',')}, ','))`;
  return rows.map(({ statement }) => statement);
}
