import { expect, test } from 'bun:test';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { functions } from '#adapters/store/postgres/functions.ts';
import { joinedFunctionsIn } from '#adapters/store/postgres/joined/functions.ts';
import { projectRoot } from '#test/support/project.ts';

const directory = join(projectRoot, 'src/adapters/store/postgres/functions');

test('each file of functions/ makes the function of its name, and all are applied', () => {
  const files = readdirSync(directory).filter((file) => file.endsWith('.sql'));
  expect(functions.map((one) => `${one.name}.sql`).toSorted()).toEqual(files.toSorted());
  for (const { name, sql } of functions) {
    expect(sql).toBe(readFileSync(join(directory, `${name}.sql`), 'utf8'));
    expect(sql.match(/^CREATE OR REPLACE FUNCTION \w+\(/gm)).toEqual([`CREATE OR REPLACE FUNCTION ${name}(`]);
  }
});

test('no function that workers may call waits long for a lock', () => {
  for (const { name, sql } of [...functions, ...joinedFunctionsIn('attune')].filter(({ sql }) =>
    sql.includes('SECURITY DEFINER'),
  ))
    expect([name, sql.match(/^SET lock_timeout = '5s'$/m)?.length]).toEqual([name, 1]);
});
