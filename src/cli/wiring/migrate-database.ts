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
  return success({ found, schema, indexes, ...(await planMigration(sql, schema)) });
}

export interface CarriedOut extends Migrated {
  readonly indexes: readonly string[];
  /** What could not be done about the roles, and why. */
  readonly problems: readonly string[];
}

/** Carries out a migration. Safe when several run at once. */
export async function carryOut(sql: Sql, { found, schema }: PlannedMigration): Promise<CarriedOut> {
  const migrated = await migrate(sql, schema);
  const indexes = found.kind === 'joined' ? await makeIndexes(sql, schema.name) : [];
  return { ...migrated, indexes, problems: await grantRoles(sql, schema.name) };
}

/** Says in a line whose database it is. */
function describeKind({ kind, schema }: Pick<FoundDatabase, 'kind' | 'schema'>): string {
  return kind === 'joined'
    ? `joined database: that of Attune's Rust control plane, in the schema ${schema}`
    : `own database: made by attune-agent, in the schema ${schema}`;
}

/** Describes in lines what a migration would do. */
export function describePlan({
  found,
  migrations: missing,
  tables,
  indexes,
  functions: changed,
}: PlannedMigration): string {
  const lines = [
    describeKind(found),
    ...missing.map(({ number, name }) => `would apply ${number} ${name}`),
    ...(tables.length > 0 ? [`would make the tables ${tables.join(', ')}`] : []),
    ...(changed.length > 0 ? [`would apply ${changed.length} SQL functions: ${changed.join(', ')}`] : []),
    ...indexes.map(
      (name) => `would make the index ${name} ON ${joinedIndexes.find((one) => one.name === name)?.on ?? ''}`,
    ),
    found.kind === 'joined'
      ? 'would make the role attune_worker, where it is missing; nothing that is there is changed'
      : 'would make the roles attune_worker, attune_server and attune_readonly, where they are missing',
  ];
  return lines.map((line) => `${line}\n`).join('');
}

/** Describes in lines what a migration has done. */
export function describeMigration({ found, schema, tables }: PlannedMigration, done: CarriedOut): string {
  const { migrations: applied, functions: changed, indexes } = done;
  const lines = applied.map((one) => `applied ${one.number} ${one.name} in ${Math.round(one.durationMs)} ms`);
  if (found.kind === 'joined' && applied.length > 0) lines.push(`made the tables ${tables.join(', ')}`);
  if (changed.kind === 'newer')
    lines.push(`attune-agent ${changed.version} has applied newer SQL functions: they stay as they are`);
  else {
    if (changed.applied.length > 0) lines.push(`applied ${changed.applied.length} SQL functions`);
    if (changed.dropped.length > 0) lines.push(`dropped ${changed.dropped.length} SQL functions`);
  }
  for (const name of indexes) lines.push(`made the index ${name}`);
  if (lines.length === 0) lines.push(`up to date, at migration ${schema.migrations.at(-1)?.number ?? 0}`);
  return [describeKind(found), ...lines].map((line) => `${line}\n`).join('');
}
