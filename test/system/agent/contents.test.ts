/** The bill of materials, compared with the bytes of the file and with what the bundler put into it. */
import { describe, expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { otherVersions, versionedKeys } from '#static-linker/linked-components.ts';
import { agentFile } from '#test/support/agent.ts';
import { projectRoot } from '#test/support/project.ts';

interface Component {
  readonly name: string;
  readonly version?: string;
  readonly type: string;
}

const { components } = JSON.parse(readFileSync(`${agentFile}.cdx.json`, 'utf8')) as {
  readonly components: readonly Component[];
};
const bytes = readFileSync(agentFile).toString('latin1');
/* jq is WebAssembly in base64: `AGFzbQ` is how that begins. */
const wasm = Buffer.from(/AGFzbQ[\w+/]{100000,}/.exec(bytes)?.[0] ?? '', 'base64').toString('latin1');

/** Where a library says its version in other words than the bill, or says that it is there and no version. */
const marks: Readonly<Record<string, (version: string) => string>> = {
  ICU: (version) => `icudt${version.split('.')[0]}l/`,
  musl: (version) => `\0${version}\0`,
  'libjpeg-turbo': (version) => `libjpeg-turbo version ${version} `,
  'libstdc++': () => 'basic_string: construction from null is not valid',
  libgcc: () => 'std::bad_alloc',
  brotli: () => 'BROTLI_DECODER_ERROR_FORMAT_DICTIONARY',
  libspng: () => 'libspng error: ',
  libwebp: () => 'NULL VP8Io parameter in VP8Decode()',
  lsquic: () => 'LSQUIC_LOG_SECRETS',
  'ls-qpack': () => 'could not initialize QPACK encoder handler',
  simdutf: () => 'SIMDUTF_FORCE_IMPLEMENTATION',
  Highway: () => 'highwayStringsForTesting',
  HdrHistogram_c: () => 'cppCreateHistogram(lowest, highest, figures)',
  acorn: (version) => `="${version}";C.acorn={Parser:C,version:`,
  'zlib-ng': () => '.zlib-ng\0',
};

/** Whether the file has the version in other places than in the bill itself, which it has too. */
function saysVersion(version: string): boolean {
  const bill = /(?:version\\*":\\*"|@)$/;
  for (let at = bytes.indexOf(version); at >= 0; at = bytes.indexOf(version, at + 1))
    if (!bill.test(bytes.slice(Math.max(0, at - 40), at))) return true;
  return false;
}

describe('each library that the bill names is in the file', () => {
  for (const { name, version = '' } of components.filter(({ type }) => type === 'platform'))
    test(`${name} ${version}`, () => {
      const mark = marks[name];
      if (name === 'jq' || name === 'Oniguruma') expect(wasm.includes(version || 'oniguruma')).toBe(true);
      else if (mark) expect(bytes.includes(mark(version)), mark(version)).toBe(true);
      else expect(saysVersion(version), version).toBe(true);
    });
});

test('each library that Bun names is in the bill, or said to be none', () => {
  expect(Object.keys(process.versions).toSorted()).toEqual([...versionedKeys, ...otherVersions].toSorted());
});

test('each package of which the bundler put a module into the file, or into its pages, is in the bill', async () => {
  const pages = ['main.tsx', 'docs.ts', 'preview.ts'].map((name) => join(projectRoot, 'src/control-plane/web', name));
  const { outputs } = await Bun.build({ entrypoints: pages, sourcemap: 'external', target: 'browser' });
  const maps = outputs.filter(({ kind }) => kind === 'sourcemap');
  expect(maps).toHaveLength(pages.length);
  const texts = [readFileSync(`${agentFile}.map`, 'utf8'), ...(await Promise.all(maps.map((map) => map.text())))];
  const sources = texts.flatMap((text) => (JSON.parse(text) as { readonly sources: readonly string[] }).sources);
  const found = new Set(sources.map((source) => packageOf(source)).filter((name) => name !== undefined));
  expect(found.size).toBeGreaterThan(60);
  const named = new Set(components.map(({ name, version }) => `${name}@${version}`));
  expect([...found].filter((one) => !named.has(one))).toEqual([]);
});

test('no start of the file loads the HTTP client that the push gateway of the metrics library would ask for', () => {
  expect(bytes.includes('collectDefaultMetrics')).toBe(true);
  expect(bytes.includes('Missing jobName parameter')).toBe(false);
});

/** Name and version of the package that a module is of. */
function packageOf(source: string): string | undefined {
  const directory = /^.*?(node_modules\/(?:.*\/node_modules\/)?(?:@[^/]+\/)?[^/]+)\//.exec(source)?.[1];
  if (directory === undefined) return;
  const { name, version } = JSON.parse(readFileSync(join(projectRoot, directory, 'package.json'), 'utf8')) as Component;
  return `${name}@${version}`;
}
