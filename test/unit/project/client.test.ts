/** The TypeScript client: its types are those of the document, and it compiles as its readers compile it. */
import { expect } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { generateSchema, schemaFile, whyNoGenerator } from '#ci/client.ts';
import { projectRoot } from '#test/support/project.ts';
import { toolTest } from '#test/support/tool-test.ts';

const test = toolTest(whyNoGenerator);

test(
  'the types of the TypeScript client are made from the document of the API: make client',
  () => expect(readFileSync(schemaFile, 'utf8') === generateSchema()).toBe(true),
  120_000,
);

test('the TypeScript client compiles', () => {
  const cwd = join(projectRoot, 'clients/typescript');
  const { stdout } = Bun.spawnSync(['node_modules/.bin/tsc', '--noEmit'], { cwd });
  expect(stdout.toString()).toBe('');
}, 120_000);
