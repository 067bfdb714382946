import { expect, test } from 'bun:test';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { EXCHANGES } from '#domain/messages.ts';
import { projectRoot } from '#test/support/project.ts';

/** Made by builds and installations; what lies in them is not ours. */
const foreign = ['node_modules', 'dist', '.git', '.tools', '.cache', '.attune'];

function documentsBelow(directory: string): readonly string[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) return foreign.includes(entry.name) ? [] : documentsBelow(path);
    return entry.name.endsWith('.md') ? [relative(projectRoot, path)] : [];
  });
}

const documents = documentsBelow(projectRoot).toSorted();
const read = (path: string): string => readFileSync(join(projectRoot, path), 'utf8');

/** A document without its blocks of code, in which nothing is a link or a heading. */
function prose(path: string): string {
  return read(path).replaceAll(/^```[\s\S]*?^```$/gm, '');
}

/** The targets of all links of a document, inline and by reference. */
function linksOf(path: string): readonly string[] {
  const text = prose(path).replaceAll(/`[^`\n]*`/g, '');
  const inline = [...text.matchAll(/\]\(([^()\s]+)\)/g)];
  const references = [...text.matchAll(/^\[[^\]]+\]: (\S+)$/gm)];
  return [...inline, ...references].flatMap(([, target]) => target ?? []);
}

/** The anchors that a Markdown renderer gives to the headings of a document. */
function anchorsOf(path: string): readonly string[] {
  return [...prose(path).matchAll(/^#+ +(.+)$/gm)].map(([, heading = '']) =>
    heading
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(/\s/g, '-'),
  );
}

/** Why a link of a document leads nowhere; undefined: it leads somewhere in this repository. */
function flawOf(path: string, link: string): string | undefined {
  if (/^[a-z]+:/i.test(link)) return 'leaves the repository';
  const [file = '', anchor] = link.split('#');
  const target = file === '' ? path : relative(projectRoot, resolve(projectRoot, dirname(path), file));
  if (target.startsWith('..')) return 'leaves the repository';
  if (!existsSync(join(projectRoot, target))) return 'does not exist';
  if (anchor === undefined) return undefined;
  const isDocument = statSync(join(projectRoot, target)).isFile() && target.endsWith('.md');
  return isDocument && anchorsOf(target).includes(anchor) ? undefined : 'has no such heading';
}

test('every link of every document leads to a file and a heading of this repository', () => {
  const broken = documents.flatMap((path) =>
    linksOf(path).flatMap((link) => {
      const flaw = flawOf(path, link);
      return flaw === undefined ? [] : [`${path}: ${link} ${flaw}`];
    }),
  );
  expect(broken).toEqual([]);
  expect(documents.flatMap(linksOf).length).toBeGreaterThan(100);
});

test('the README has at most 150 lines and names every document of docs/', () => {
  expect(read('README.md').trimEnd().split('\n').length).toBeLessThanOrEqual(150);
  const links = linksOf('README.md');
  const unnamed = documents.filter((path) => path.startsWith('docs/') && !links.includes(path));
  expect(unnamed).toEqual([]);
});

test('every room has a README of at most 15 lines', () => {
  const rooms = readdirSync(join(projectRoot, 'src'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  expect(rooms.filter(({ name }) => !documents.includes(`src/${name}/README.md`))).toEqual([]);
  const readmes = documents.filter((path) => /^src\/.*README\.md$/.test(path));
  const lengths = readmes.map((path) => ({ path, lines: read(path).trimEnd().split('\n').length }));
  expect(lengths.filter(({ lines }) => lines > 15)).toEqual([]);
});

test('every target of make that a document names is in the Makefile', () => {
  const targets = [...read('Makefile').matchAll(/^([a-z-]+):/gm)].map(([, name]) => name);
  const named = documents.flatMap((path) =>
    [...read(path).matchAll(/(?:^ {4}|`|\$ |&& )make ((?:[a-z-]+(?: |`|$))+)/gm)].flatMap(([, names = '']) =>
      names
        .replaceAll('`', ' ')
        .trim()
        .split(' ')
        .map((name) => ({ path, name })),
    ),
  );
  expect(named.length).toBeGreaterThan(10);
  expect(named.filter(({ name }) => !targets.includes(name))).toEqual([]);
});

test('sizing has the figures of an execution that performance.md has now', () => {
  const performance = read('docs/performance.md');
  const sizing = read('docs/deploy/sizing.md');
  const now = (what: string): string =>
    new RegExp(`^\\| ${what} \\|(?:[^|\n]*\\|)*? ([^|\n]*) \\|$`, 'm').exec(performance)?.[1] ?? `no ${what}`;
  const named = [
    `${now('system calls of the agent')} system calls for each execution`,
    `${now('WAL').replace(/ in .*/, '')} of WAL and ${now('rows inserted').replace(/:.*/, '')} rows for each execution`,
    `${now('CPU of RabbitMQ')} of CPU for each execution`,
    `${performance.match(/resident memory, MB: (\d+) when idle/)?.[1]} MB and next to no CPU when idle`,
    `${now('resident memory, MB:[^|]*')} MB when it works`,
    `Choosing takes ${performance.match(/\/ (0\.6) \/ 4\.6 ms/)?.[1]} ms among 500 workers and 4.6 ms among 5,000`,
  ];
  expect(named.filter((text) => !sizing.includes(text))).toEqual([]);
});

test('the protocol names every table, exchange and message', () => {
  const protocol = read('docs/protocol.md');
  const migrations = join(projectRoot, 'src/adapters/store/postgres/migrations');
  const sql = readdirSync(migrations)
    .map((name) => readFileSync(join(migrations, name), 'utf8'))
    .join('\n');
  const tables = [...sql.matchAll(/^CREATE TABLE (?:IF NOT EXISTS )?(\w+) \($/gm)].map(([, name]) => name ?? '');
  const types = [...sql.matchAll(/'message_type', '(\w+)'/g)].map(([, name]) => name ?? '');
  expect(tables.length).toBeGreaterThan(15);
  const missing = [...tables, ...types, ...Object.values(EXCHANGES)].filter(
    (name) => !protocol.includes(`\`${name}\``),
  );
  expect(missing).toEqual([]);
});
