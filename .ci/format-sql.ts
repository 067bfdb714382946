/**
 * Formats the SQL of the PostgreSQL store: its functions, and the migrations that are not released yet.
 * `bun .ci/format-sql.ts` writes the files; `bun .ci/format-sql.ts --check` fails when one is not formatted, or when a
 * line of the stores (query texts in TypeScript too) has more than 120 characters.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { released } from './released-migrations.ts';
import { formatSql, WIDTH } from './sql-formatter.ts';

const store = join(import.meta.dir, '../src/adapters/store');

function files(): readonly string[] {
  const all = [...new Bun.Glob('postgres/{,joined/}{functions,migrations}/*.sql').scanSync(store)].toSorted();
  return all.filter((file) => !(file in released));
}

async function formatted(file: string): Promise<string> {
  try {
    return await formatSql(readFileSync(join(store, file), 'utf8'));
  } catch (error) {
    throw new Error(`${file} cannot be formatted`, { cause: error });
  }
}

function longLines(file: string): readonly string[] {
  const lines = readFileSync(join(store, file), 'utf8').split('\n');
  return lines.flatMap((line, n) =>
    line.length > WIDTH ? [`${file}:${n + 1} has ${line.length} characters: at most ${WIDTH}`] : [],
  );
}

const isCheck = process.argv.includes('--check');
const problems: string[] = [];
for (const file of files()) {
  const text = await formatted(file);
  const isFormatted = text === readFileSync(join(store, file), 'utf8');
  if (!isFormatted && isCheck) problems.push(`${file} is not formatted: run bun .ci/format-sql.ts`);
  if (!isFormatted && !isCheck) writeFileSync(join(store, file), text);
}
for (const file of [...files(), ...new Bun.Glob('**/*.ts').scanSync(store)]) problems.push(...longLines(file));
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
