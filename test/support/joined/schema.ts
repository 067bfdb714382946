/**
 * The database of Attune's Rust control plane, made from the facts beside this file: every table, column, default, enum,
 * constraint and trigger of it. What the facts do not tell is a stand-in with the same effect: the expressions of the two
 * generated columns and the bodies of the triggers.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type postgres from 'postgres';
import { triggerFunctions, triggerOf } from './triggers.ts';

const GENERATED: Readonly<Record<string, string>> = {
  'pack_environment.env_key': "pack_ref || ':' || runtime_ref || ':' || COALESCE(runtime_version_text, '')",
  'execution_admission_state.group_key_normalized': "COALESCE(group_key, '')",
};

/** The rows of a file of facts, each by the names of its columns. */
function facts(file: string): readonly Readonly<Record<string, string>>[] {
  const text = readFileSync(join(import.meta.dir, `${file}.tsv`), 'utf8');
  const [head = [], ...rows] = text
    .replace(/\n$/, '')
    .split('\n')
    .map((line) => line.split('\t'));
  return rows.map((row) => Object.fromEntries(head.map((name, n) => [name, row[n] ?? ''])));
}

/** Makes the schema in an empty database, as its own migrations leave it, in the PostgreSQL schema of that name. */
export async function makeJoinedSchema(sql: postgres.Sql, name = 'attune'): Promise<void> {
  await sql.begin(async (transaction) => {
    if (name !== 'public') await transaction.unsafe(`CREATE SCHEMA IF NOT EXISTS ${name}`);
    await transaction.unsafe(`SET LOCAL search_path = ${name}`);
    await transaction.unsafe(statements().join(';\n'));
  });
}

function statements(): readonly string[] {
  const columns = Map.groupBy(facts('columns'), (one) => one['table'] ?? '');
  const constraints = facts('constraints');
  const ofKind = (...kinds: readonly string[]): readonly string[] =>
    constraints
      .filter((one) => kinds.includes(one['kind'] ?? ''))
      .map((one) => `ALTER TABLE ${quoted(one['table'])} ADD ${one['columns or rule']}`);
  const sequences = [...columns.values()]
    .flat()
    .flatMap(({ default: text }) => /'(\w+_seq)'/.exec(text ?? '')?.[1] ?? []);
  return [
    'CREATE TABLE _migrations (id SERIAL, filename TEXT NOT NULL, applied_at TIMESTAMPTZ NOT NULL DEFAULT now())',
    ...facts('enums').map(({ enum: name, values }) => `CREATE TYPE ${name} AS ENUM (${labels(values)})`),
    ...sequences.map((sequence) => `CREATE SEQUENCE ${sequence}`),
    ...[...columns].map(([table, rows]) => `CREATE TABLE ${quoted(table)} (${rows.map(columnOf).join(', ')})`),
    ...[...columns.values()].flat().flatMap(ownership),
    ...ofKind('primary', 'unique'),
    ...ofKind('foreign'),
    ...triggerFunctions,
    ...facts('triggers').map(triggerOf),
  ];
}

function columnOf({
  table,
  column,
  type,
  nullable,
  default: text,
  generated,
}: Readonly<Record<string, string>>): string {
  const value =
    generated === 'yes' ? `GENERATED ALWAYS AS (${GENERATED[`${table}.${column}`]}) STORED` : text && `DEFAULT ${text}`;
  return [quoted(column), type, nullable === 'NO' ? 'NOT NULL' : '', value].join(' ');
}

function ownership({ table, column, default: text }: Readonly<Record<string, string>>): readonly string[] {
  const sequence = /'(\w+_seq)'/.exec(text ?? '')?.[1];
  return sequence === undefined ? [] : [`ALTER SEQUENCE ${sequence} OWNED BY ${quoted(table)}.${quoted(column)}`];
}

function labels(values: string | undefined): string {
  return (values ?? '')
    .split(',')
    .map((one) => `'${one}'`)
    .join(', ');
}

function quoted(name: string | undefined): string {
  return `"${name ?? ''}"`;
}
