import { expect, test } from 'bun:test';
import { join } from 'node:path';
import { biomeWalls, walls } from '#ci/walls.ts';
import { projectRoot } from '#test/support/project.ts';
import { lint as lintBy } from './lint.ts';

const rooms = Object.keys(walls).filter((room) => room !== 'main.ts');
const rules = [
  'style/noRestrictedImports',
  'style/noRestrictedGlobals',
  'style/noCommonJs',
  'style/useNodejsImportProtocol',
  'suspicious/noImportCycles',
  'correctness/noUndeclaredDependencies',
];
/** The findings in `files`, each once, sorted. */
const lint = (files: Readonly<Record<string, string>>): readonly string[] => [...new Set(lintBy(files, rules))].sort();
const importing = (path: string): string => `import { x } from '${path}';\nexport const y = x;\n`;
/** `files` by their names in each of the rooms. */
const inRooms = (
  files: Readonly<Record<string, string>>,
  where: readonly string[] = rooms,
): Readonly<Record<string, string>> =>
  Object.fromEntries(
    where.flatMap((room) => Object.entries(files).map(([name, text]) => [`src/${room}/${name}.ts`, text])),
  );
/** One finding of `rule` in each of the files. */
const each = (files: Readonly<Record<string, string>>, rule: string): readonly string[] =>
  Object.keys(files)
    .map((path) => `${path} ${rule}`)
    .sort();

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
  expect(found).toEqual(
    rooms.flatMap((room) => ['a', 'b', 'c'].map((name) => `src/${room}/${name}.ts noRestrictedImports`)).sort(),
  );
});

test('a path that climbs out of its folder fails in every room, however it is written', () => {
  const files = inRooms({
    a: importing('./../worker/worker.ts'),
    b: importing('./x/../../worker/worker.ts'),
    c: importing('..'),
    d: importing('./..'),
    e: importing('#domain/../worker/worker.ts'),
    f: "export { x } from './../worker/worker.ts';\n",
    g: "export const y = import('./../worker/worker.ts');\n",
  });
  expect(lint(files)).toEqual(each(files, 'noRestrictedImports'));
});

test('a dev dependency, a module of Node.js without node:, and require() fail in every room', () => {
  const dev = inRooms({ a: "import Ajv from 'ajv';\nexport const y = Ajv;\n", b: importing('prettier') });
  const bare = inRooms({ c: "import fs from 'fs';\nexport const y = fs;\n" });
  const required = inRooms({ d: "export const y = require('#worker/worker.ts');\n" });
  expect(lint({ ...dev, ...bare, ...required })).toEqual(
    [
      ...each(dev, 'noUndeclaredDependencies'),
      ...each(bare, 'useNodejsImportProtocol'),
      ...each(required, 'noCommonJs'),
    ].sort(),
  );
  expect(
    lint({
      'src/static-linker/a.ts': "import { Spec } from '@cyclonedx/cyclonedx-library';\nexport const y = Spec;\n",
      'test/unit/a.ts': "import Ajv from 'ajv';\nexport const y = Ajv;\n",
    }),
  ).toEqual([]);
});

test('package.json and main.ts may be imported where the table says so alone', () => {
  const manifest = "import x from '#package.json' with { type: 'json' };\nexport const y = x;\n";
  const others = rooms.filter((room) => room !== 'cli');
  const files = { ...inRooms({ p: manifest }, others), ...inRooms({ m: importing('#main.ts') }) };
  expect(lint({ ...files, 'src/cli/p.ts': manifest })).toEqual(each(files, 'noRestrictedImports'));
});

test('every file of src/ but main.ts lies in a room, and outside the rooms nothing may be imported or used', async () => {
  const files = await Array.fromAsync(new Bun.Glob('src/**/*.{ts,tsx}').scan({ cwd: projectRoot }));
  expect(files.length).toBeGreaterThan(300);
  expect(files.filter((path) => !rooms.some((room) => path.startsWith(`src/${room}/`)))).toEqual(['src/main.ts']);

  const outside = ['src/a.ts', 'src/execution/a.ts', 'src/control-plane/a.ts', 'src/new-room/a.ts'];
  const imports = Object.fromEntries(outside.map((path) => [path, importing('#domain/x.ts')]));
  const uses = Object.fromEntries(
    outside.map((path) => [path.replace('a.ts', 'b.ts'), 'export const y = process.pid;\n']),
  );
  expect(lint({ ...imports, ...uses })).toEqual(
    [...each(imports, 'noRestrictedImports'), ...each(uses, 'noRestrictedGlobals')].sort(),
  );
  expect(lint({ 'src/main.ts': importing('#cli/main.ts') })).toEqual([]);
  expect(lint({ 'src/main.ts': importing('#worker/worker.ts') })).toEqual(['src/main.ts noRestrictedImports']);
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
  expect(lint(Object.assign({}, ...files))).toEqual(denied.sort());
});

test('a denied global may not be reached by the global object or by node:process', () => {
  const lacking = (name: string): readonly string[] =>
    rooms.filter((room) => !(walls[room]?.[2] ?? '').split(' ').includes(name));
  const reaching = {
    a: 'export const y = globalThis.Bun;\n',
    b: 'export const y = global.process;\n',
    c: 'export const { Bun: y } = self;\n',
  };
  const byObject = inRooms(reaching, [...new Set([...lacking('Bun'), ...lacking('process')])]);
  expect(lint(inRooms(reaching))).toEqual(each(byObject, 'noRestrictedGlobals'));
  const byModule = { d: "import { pid } from 'node:process';\nexport const y = pid;\n" };
  expect(lint(inRooms(byModule))).toEqual(each(inRooms(byModule, lacking('process')), 'noRestrictedImports'));
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
  expect(found).toEqual(['a', 'b', 'c', 'd'].map((name) => `src/domain/${name}.ts noImportCycles`));
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
