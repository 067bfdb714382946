/**
 * The walls between the rooms of src/: which rooms and packages a room may import, and which globals it may use.
 * `bun .ci/walls.ts` writes biome.walls.json and the table in docs/architecture.md from this table;
 * `bun .ci/walls.ts --check` fails when one of them is stale.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * One row per room, inner rooms after the outer ones, and one for main.ts, the only file outside all rooms: the rooms
 * (`types:ROOM`: its types alone; `package.json`: the file), the packages, the globals that it may use.
 */
export const walls: Readonly<Record<string, readonly [rooms: string, packages: string, globals: string]>> = {
  'main.ts': ['cli', '', 'process'],
  domain: ['', 'semver', ''],
  crypto: ['domain', '@mongodb-js/saslprep node', 'Bun'],
  formats: ['domain', 'croner node yaml', ''],
  wire: ['domain', 'zod', ''],
  config: ['domain formats', 'node yaml zod', ''],
  packs: ['crypto domain formats', 'ignore re2js node tar-stream yaml zod', 'process'],
  'execution/native': ['domain', 'ffi', ''],
  'execution/process': ['crypto domain execution/native formats', 'node', 'Bun process'],
  'execution/masking': ['domain', '', ''],
  'execution/sandbox': ['domain execution/process', 'node', 'Bun process'],
  'execution/runtimes': ['domain execution/process', 'node zod', 'process'],
  'execution/script': ['domain formats execution/process execution/sandbox', 'node yaml', 'process'],
  'execution/environments': [
    'crypto domain execution/masking execution/process execution/script formats',
    'node zod',
    'Bun process',
  ],
  adapters: ['domain', 'node', ''],
  'adapters/artifacts': ['domain', 'node', 'Bun'],
  'adapters/broker': ['domain formats', 'node zod', ''],
  'adapters/broker/amqp': ['domain adapters adapters/broker', 'amqplib zod', ''],
  'adapters/broker/local': ['domain adapters/broker', '', ''],
  'adapters/kubernetes': ['domain', 'node zod', ''],
  'adapters/remote': ['domain formats wire', 'eventsource-parser zod', 'Bun'],
  'adapters/tracing': [
    'domain',
    '@opentelemetry/api @opentelemetry/exporter-trace-otlp-proto @opentelemetry/resources @opentelemetry/sdk-trace',
    '',
  ],
  'adapters/oidc': ['domain', 'node openid-client', ''],
  'adapters/webhooks': ['domain crypto', 'ipaddr.js node', ''],
  'adapters/store': ['domain formats', 'node zod', ''],
  'adapters/store/postgres': [
    'crypto domain formats adapters adapters/store',
    '@mongodb-js/saslprep node postgres',
    '',
  ],
  'adapters/store/sqlite': ['domain adapters/store', 'bun node', ''],
  metrics: ['domain', 'prom-client', ''],
  webhook: ['config domain formats', '@peculiar/x509 node prom-client reflect-metadata zod', 'Bun'],
  worker: ['domain crypto packs execution/*', 'node', ''],
  'control-plane/scheduler': ['domain formats', '', ''],
  'control-plane/api': [
    'domain crypto formats packs wire',
    '@hono/zod-openapi hono node prom-client rapidoc rate-limiter-flexible',
    'Bun process',
  ],
  'control-plane/web': [
    'domain types:wire',
    '@tanstack/virtual-core anser dompurify eventsource-parser marked papaparse preact',
    '',
  ],
  doctor: ['domain execution/native execution/runtimes wire', 'node', 'Bun'],
  cli: ['cli/* config domain package.json', 'commander node zod', 'Bun process'],
  'cli/commands': ['*', 'commander node zod', 'Bun process'],
  'cli/wiring': ['*', 'bun jq-wasm junit-report-builder node prom-client yaml', 'Bun process'],
  'cli/api-client': ['adapters/remote cli cli/wiring config domain formats wire', 'node yaml zod', 'Bun process'],
  'static-linker': ['crypto formats', '@cyclonedx/cyclonedx-library node', 'Bun process'],
};

const root = join(import.meta.dir, '..');
const rooms = Object.keys(walls).filter((name) => name !== 'main.ts');
const globals = ['Bun', 'process'];
/** Other names of the global object, by which a denied global could be reached. */
const globalObjects = ['globalThis', 'global', 'self'];
/** Modules that come with the runtime: no wall of package.json's, so they are named here. */
const builtIn = { node: ['node:*', 'node:*/**'], bun: ['bun', 'bun:*', '!bun:ffi'], ffi: ['bun:ffi'] };

/** The text of biome.walls.json. Throws when the table does not know a dependency of package.json. */
export function biomeWalls(): string {
  const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { dependencies: object };
  const named = new Set(Object.values(walls).flatMap(([, packages]) => words(packages)));
  const unknown = Object.keys(dependencies).filter((name) => !named.has(name));
  if (unknown.length > 0) throw new Error(`.ci/walls.ts names no room that may import ${unknown.join(', ')}`);
  const packages = [...new Set([...Object.keys(dependencies), ...named])].sort();
  /* The last override that matches a file wins: the first one is for what lies in no room, and allows nothing. */
  const overrides = ['**', ...Object.keys(walls)].map((name) => JSON.stringify(override(name, packages)));
  return `{\n"overrides": [\n${overrides.join(',\n')}\n]\n}\n`;
}

function override(room: string, packages: readonly string[]): object {
  const [mayRooms = '', mayPackages = '', mayGlobals = ''] = walls[room] ?? [];
  const files = rooms.includes(room) ? `src/${room}/**` : `src/${room}`;
  const deniedGlobals = globals.filter((name) => !words(mayGlobals).includes(name));
  const patterns = [
    ...deniedRooms(room, words(mayRooms), files),
    {
      group: ['..', '../**', './**/..', './**/../**', '#*/**/../**'],
      message: 'Import another room by its #alias, and a file of the same room by ./file.ts.',
    },
    ...packages
      .filter((name) => !words(mayPackages).includes(name))
      .map((name) => ({
        group: name in builtIn ? builtIn[name as keyof typeof builtIn] : [name, `${name}/**`],
        message: `${name} belongs to: ${rooms.filter((r) => words(walls[r]?.[1] ?? '').includes(name)).join(', ')} (.ci/walls.ts).`,
      })),
    ...(deniedGlobals.includes('process')
      ? [{ group: ['node:process'], message: `${files} may not use process (.ci/walls.ts).` }]
      : []),
  ];
  const messages = [...deniedGlobals, ...(deniedGlobals.length > 0 ? globalObjects : [])].map((name) => [
    name,
    `${files} may not use the global ${name} (.ci/walls.ts).`,
  ]);
  return {
    includes: [files],
    linter: {
      rules: {
        style: {
          noRestrictedImports: { level: 'error', options: { patterns } },
          noRestrictedGlobals: { level: 'error', options: { deniedGlobals: Object.fromEntries(messages) } },
        },
      },
    },
  };
}

/** The patterns that keep `files`, the files of `room`, from all rooms but those that `may` names. */
function deniedRooms(room: string, may: readonly string[], files: string): readonly object[] {
  const reachable = rooms.filter((other) =>
    may.some((pattern) => new Bun.Glob(pattern.replace(/^\*$/, '**')).match(other)),
  );
  const inner = rooms
    .filter((other) => other.startsWith(`${room}/`) && !reachable.includes(other))
    .map((other) => `./${other.slice(room.length + 1)}/**`);
  const onlyTypes = may.flatMap((word) => (word.startsWith('types:') ? [word.slice('types:'.length)] : []));
  const allowed = [...reachable, ...onlyTypes, ...(rooms.includes(room) ? [room] : [])].map(
    (other) => `!#${other}/${rooms.some((r) => r.startsWith(`${other}/`)) ? '*' : '**'}`,
  );
  const manifest = may.includes('package.json') ? ['!#package.json'] : [];
  return [
    {
      group: ['#*', '#*/**', ...allowed, ...manifest],
      message: `${files} may import ${[...reachable].join(', ') || 'no other room'} (.ci/walls.ts).`,
    },
    /* Types are the names that begin with a capital letter. */
    ...onlyTypes.map((other) => ({
      group: [`#${other}/**`],
      importNamePattern: '[^A-Z].*',
      message: `${files} may import types alone from ${other} (.ci/walls.ts).`,
    })),
    ...(inner.length > 0 ? [{ group: inner, message: `${files} may not import its inner rooms (.ci/walls.ts).` }] : []),
  ];
}

function words(text: string): readonly string[] {
  return text.split(' ').filter((word) => word !== '');
}

/** The walls as a table of Markdown, for docs/architecture.md. */
function wallsForPeople(): string {
  const code = (text: string): string =>
    words(text)
      .map((word) => `\`${word}\``)
      .join(', ') || '–';
  const lines = Object.entries(walls).map(
    ([room, [mayRooms, mayPackages, mayGlobals]]) =>
      `| \`${room}\` | ${code(mayRooms)} | ${code(mayPackages)} | ${code(mayGlobals)} |`,
  );
  return ['| room | may import the rooms | may import the packages | may use |', '|---|---|---|---|', ...lines].join(
    '\n',
  );
}

/** `text` of docs/architecture.md with the table of today. Throws when the markers around the table are missing. */
function withWalls(text: string): string {
  const marked = /(<!-- walls -->\n)[\s\S]*(<!-- end of walls -->)/;
  if (!marked.test(text)) throw new Error('docs/architecture.md has lost the markers of its table of walls');
  return text.replace(marked, `$1\n${wallsForPeople()}\n\n$2`);
}

if (import.meta.main) {
  const made = [
    ['biome.walls.json', biomeWalls],
    ['docs/architecture.md', withWalls],
  ] as const;
  for (const [name, make] of made) {
    const file = join(root, name);
    const before = readFileSync(file, 'utf8');
    if (before === make(before)) continue;
    if (process.argv.includes('--check')) {
      console.error(`${name} is stale: run bun .ci/walls.ts`);
      process.exitCode = 1;
    } else writeFileSync(file, make(before));
  }
}
