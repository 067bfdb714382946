import { closeDisk } from '#adapters/store/postgres/close-disk.ts';
import type { Sql } from '#adapters/store/postgres/connect.ts';
import { type FoundDatabase, findKind } from '#adapters/store/postgres/find-kind.ts';
import { functions } from '#adapters/store/postgres/functions.ts';
import { joinedIndexes, makeIndexes, readIndexState } from '#adapters/store/postgres/joined/indexes.ts';
import { joinedSchema } from '#adapters/store/postgres/joined/schema.ts';
import { grantRoles, type Migrated, migrate, type Schema } from '#adapters/store/postgres/migrate.ts';
import { migrations } from '#adapters/store/postgres/migrations.ts';
import { type MigrationPlan, planMigration } from '#adapters/store/postgres/plan-migration.ts';
import { reasonNotToMigrate } from '#adapters/store/postgres/refuse-migration.ts';
import { VERSION } from '#cli/version.ts';
import { failure, type Result, success } from '#domain/result.ts';

/** What a database is, and what a migration would add to it. */
export interface PlannedMigration extends MigrationPlan {
  readonly found: FoundDatabase;
  readonly schema: Schema;
  /** The indexes on tables of Attune's Rust control plane that are missing. */
  readonly indexes: readonly string[];
  /** The roles that are missing on this server. */
  readonly roles: readonly string[];
}

/** Finds out whose database it is and what it lacks. The error says why it cannot be migrated. */
export async function planFor(sql: Sql): Promise<Result<PlannedMigration, string>> {
  const found = await findKind(sql);
  const reason = await reasonNotToMigrate(sql, found);
  if (reason !== undefined) return failure(reason);
  const isJoined = found.kind === 'joined';
  const own: Schema = { name: 'attune', migrations, functions, version: VERSION };
  const schema = isJoined ? await joinedSchema(sql, found, VERSION) : own;
  const indexes: string[] = [];
  for (const { name } of isJoined ? joinedIndexes : [])
    if ((await readIndexState(sql, schema.name, name)) !== 'valid') indexes.push(name);
  const roles = await missingRoles(sql, isJoined ? ['attune_worker'] : OWN_ROLES);
  return success({ found, schema, indexes, roles, ...(await planMigration(sql, schema)) });
}

export interface CarriedOut extends Migrated {
  readonly indexes: readonly string[];
  /** What could not be done about the roles, and why. */
  readonly problems: readonly string[];
  /** The statements by which a superuser closes the ways to fill the disk that are open to any login. */
  readonly openWays: readonly string[];
}

/** Carries out a migration. Safe when several run at once. */
export async function carryOut(sql: Sql, { found, schema }: PlannedMigration): Promise<CarriedOut> {
  const migrated = await migrate(sql, schema);
  const indexes = found.kind === 'joined' ? await makeIndexes(sql, schema.name) : [];
  const problems = await grantRoles(sql, schema.name);
  return { ...migrated, indexes, problems, openWays: found.kind === 'own' ? await closeDisk(sql) : [] };
}

/** Says in a line whose database it is. */
function describeKind({ kind, schema }: Pick<FoundDatabase, 'kind' | 'schema'>): string {
  return kind === 'joined'
    ? `joined database: that of Attune's Rust control plane, in the schema ${schema}`
    : `own database: made by attune-agent, in the schema ${schema}`;
}

/** Describes in lines what a migration would do. */
export function describePlan(planned: PlannedMigration): string {
  const { schema, migrations: missing, tables, indexes, functions: changed, roles } = planned;
  const lines = [
    ...missing.map(({ number, name }) => `would apply ${number} ${name}`),
    ...(tables.length > 0 ? [`would make the tables ${tables.join(', ')}`] : []),
    ...(changed.length > 0 ? [`would apply ${changed.length} SQL functions: ${changed.join(', ')}`] : []),
    ...indexes.map((name) => `would make the index ${name} on ${onOf(name)}`),
    ...roles.map((name) => `would make the role ${name}`),
  ];
  const isNothing = lines.length === 0;
  return textOf(describeKind(planned.found), ...(isNothing ? [upToDate(schema)] : [...lines, 'nothing was changed']));
}

/** Describes in lines whose database it is, and, where that is not its own, what the migration is about to add to it. */
export function announceMigration({ found, tables, indexes, functions: changed, roles }: PlannedMigration): string {
  const kinds: readonly (readonly [string, readonly string[]])[] = [
    ['tables', tables],
    ['SQL functions', changed],
    ['indexes', indexes],
    ['roles', roles],
  ];
  const adds = kinds.flatMap(([kind, names]) => (names.length === 0 ? [] : [`adds ${kind}: ${names.join(', ')}`]));
  return textOf(describeKind(found), ...(found.kind === 'joined' ? adds : []));
}

/** Describes in lines what a migration has done. */
export function describeMigration({ schema }: PlannedMigration, done: CarriedOut): string {
  const { migrations: applied, functions: changed, indexes } = done;
  const lines = applied.map((one) => `applied ${one.number} ${one.name} in ${Math.round(one.durationMs)} ms`);
  if (changed.kind === 'newer')
    lines.push(`attune-agent ${changed.version} has applied newer SQL functions: they stay as they are`);
  else {
    if (changed.applied.length > 0) lines.push(`applied ${changed.applied.length} SQL functions`);
    if (changed.dropped.length > 0) lines.push(`dropped ${changed.dropped.length} SQL functions`);
  }
  for (const name of indexes) lines.push(`made the index ${name}`);
  return textOf(...(lines.length === 0 ? [upToDate(schema)] : lines));
}

function upToDate({ migrations: all }: Schema): string {
  return `up to date, at migration ${all.at(-1)?.number ?? 0}`;
}

function onOf(index: string): string {
  return joinedIndexes.find(({ name }) => name === index)?.on ?? '';
}

function textOf(...lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}

const OWN_ROLES = ['attune_worker', 'attune_server', 'attune_readonly'];

async function missingRoles(sql: Sql, wanted: readonly string[]): Promise<readonly string[]> {
  const rows = await sql<{ rolname: string }[]>`SELECT rolname FROM pg_roles WHERE rolname LIKE 'attune\\_%'`;
  return wanted.filter((name) => !rows.some(({ rolname }) => rolname === name));
}
