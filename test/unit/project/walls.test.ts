import { expect, test } from 'bun:test';
import { join } from 'node:path';
import { biomeWalls, walls } from '#ci/walls.ts';
import { projectRoot } from '#test/support/project.ts';
import { lint as lintBy } from './lint.ts';

const rooms = Object.keys(walls);
const lint = (files: Readonly<Record<string, string>>): readonly string[] =>
  lintBy(files, ['style/noRestrictedImports', 'style/noRestrictedGlobals', 'suspicious/noImportCycles']);

test('biome.walls.json is made from the table of walls', async () => {
  expect(await Bun.file(join(projectRoot, 'biome.walls.json')).text()).toBe(biomeWalls());
});

test('an import of the command line, of an unlisted package and of a neighbour by ../ fails in every room', () => {
  // The rooms of the command line may import all others: there the static linker's packages are what is forbidden.
  const isOpen = (room: string): boolean => room.startsWith('cli/') || room === 'cli';
  const bad = (room: string): Record<string, string> => ({
    [`src/${room}/a.ts`]: `import { x } from '${isOpen(room) ? '../domain/x.ts' : '#cli/commands/run.ts'}';\nexport const y = x;\n`,
    [`src/${room}/b.ts`]: `import x from '${room === 'static-linker' ? 'zod' : '@cyclonedx/cyclonedx-library'}';\nexport const y = x;\n`,
    [`src/${room}/c.ts`]: "import { x } from '../other/x.ts';\nexport const y = x;\n",
  });
  const found = lint(Object.assign({}, ...rooms.map(bad)));
  expect([...found].sort()).toEqual(
    rooms.flatMap((room) => ['a', 'b', 'c'].map((name) => `src/${room}/${name}.ts noRestrictedImports`)).sort(),
  );
});

test('the globals Bun and process fail where the table does not name them', () => {
  const uses = (name: string): string => `export const y = ${name}.version;\n`;
  const files = rooms.map((room) => ({ [`src/${room}/b.ts`]: uses('Bun'), [`src/${room}/p.ts`]: uses('process') }));
  const denied = rooms.flatMap((room) => {
    const allowed = (walls[room]?.[2] ?? '').split(' ');
    return [
      ...(allowed.includes('Bun') ? [] : [`src/${room}/b.ts noRestrictedGlobals`]),
      ...(allowed.includes('process') ? [] : [`src/${room}/p.ts noRestrictedGlobals`]),
    ];
  });
  expect([...lint(Object.assign({}, ...files))].sort()).toEqual(denied.sort());
});

test('what the table allows passes, and an outer room may not reach into its inner ones', () => {
  expect(
    lint({
      'src/adapters/store/postgres/a.ts':
        "import postgres from 'postgres';\nimport { x } from '#adapters/store/json.ts';\nexport const y = [postgres, x];\n",
      'src/worker/a.ts':
        "import { x } from '#execution/script/x.ts';\nimport { z } from '#domain/z.ts';\nexport const y = [x, z];\n",
      'src/adapters/store/sqlite/a.ts': "import { Database } from 'bun:sqlite';\nexport const y = Database;\n",
    }),
  ).toEqual([]);
  expect(
    lint({
      'src/adapters/store/postgres/a.ts': "import { x } from '#adapters/store/sqlite/x.ts';\nexport const y = x;\n",
      'src/adapters/store/a.ts': "import { x } from './sqlite/x.ts';\nexport const y = x;\n",
      'src/worker/a.ts': "import { x } from '#adapters/store/postgres/x.ts';\nexport const y = x;\n",
      'src/control-plane/api/a.ts': "import { x } from '#control-plane/scheduler/x.ts';\nexport const y = x;\n",
    }),
  ).toHaveLength(4);
});

test('an import cycle fails, even one of types alone, through an alias, or through an import at run time', () => {
  const found = lint({
    'src/domain/a.ts': "import type { B } from '#domain/b.ts';\nexport type A = B | 1;\n",
    'src/domain/b.ts': "import type { A } from './a.ts';\nexport type B = readonly A[];\n",
    'src/domain/c.ts': "export const c = async () => await import('./d.ts');\n",
    'src/domain/d.ts': "import { c } from './c.ts';\nexport const d = c;\n",
    'src/domain/e.ts': "import type { A } from './a.ts';\nexport type E = A;\n",
  });
  expect([...found].sort()).toEqual(['a', 'b', 'c', 'd'].map((name) => `src/domain/${name}.ts noImportCycles`));
});

test('a room that may import the types of another may import nothing else of it', () => {
  expect(
    lint({
      'src/control-plane/web/a.ts': "import { execution } from '#wire/executions.ts';\nexport const y = execution;\n",
      'src/control-plane/web/b.ts': "import * as wire from '#wire/executions.ts';\nexport const y = wire;\n",
      'src/control-plane/web/c.ts':
        "import type { Execution } from '#wire/executions.ts';\nexport const y: Execution | undefined = undefined;\n",
    }),
  ).toEqual(['src/control-plane/web/a.ts noRestrictedImports', 'src/control-plane/web/b.ts noRestrictedImports']);
});
