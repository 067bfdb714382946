/** What the file is made of. That the same source makes the same bytes anywhere is seen in build.test.ts. */
import { expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Spec, Validation } from '@cyclonedx/cyclonedx-library';
import { agentFile, callAgent } from '#test/support/agent.ts';
import { projectRoot } from '#test/support/project.ts';

interface Bill {
  readonly metadata: { readonly component: { readonly name: string; readonly licenses: readonly object[] } };
  readonly components: readonly {
    readonly name: string;
    readonly version?: string;
    readonly licenses?: readonly object[];
    readonly externalReferences?: readonly { readonly url: string; readonly type: string; readonly comment: string }[];
    readonly pedigree?: {
      readonly patches: readonly { readonly diff: { readonly text: { readonly content: string } } }[];
    };
  }[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn?: readonly string[] }[];
}

test('the bill of materials is CycloneDX, names all that is in it, and every licence', async () => {
  const { stdout } = callAgent(['licenses', '--format', 'json']);
  expect(readFileSync(`${agentFile}.cdx.json`, 'utf8')).toBe(stdout);
  const bill = JSON.parse(stdout) as Bill;
  expect(bill.metadata.component).toMatchObject({
    name: 'attune-agent',
    licenses: [{ license: { id: 'Apache-2.0' } }],
  });
  const names = bill.components.map(({ name }) => name);
  const { dependencies, devDependencies } = (await Bun.file(join(projectRoot, 'package.json')).json()) as Record<
    'dependencies' | 'devDependencies',
    Record<string, string>
  >;
  for (const name of [...Object.keys(dependencies), 'bun', 'musl', 'libstdc++']) expect(names).toContain(name);
  for (const name of ['typescript', '@biomejs/biome']) expect(Object.keys(devDependencies)).toContain(name);
  expect(names).not.toContain('typescript');
  for (const one of bill.components) expect(one.licenses, one.name).toHaveLength(1);
  const [whole] = bill.dependencies;
  expect(whole?.dependsOn).toHaveLength(Object.keys(dependencies).length + 33); /* and what is linked */
  expect(bill.dependencies.find(({ ref }) => ref.startsWith('pkg:npm/tar-stream@'))?.dependsOn).not.toBeEmpty();
  const versions = new Map(bill.components.map(({ name, version }) => [name, version]));
  expect(versions.get('musl')).toMatch(/^1\.2\.\d+$/);
  expect(versions.get('libstdc++')).toMatch(/^\d+\.\d+\.\d+$/);
  expect(versions.get('libgcc')).toBe(versions.get('libstdc++'));
  const { webkit, sqlite, icu, zstd } = process.versions as Record<string, string | undefined>;
  expect(['JavaScriptCore', 'SQLite', 'ICU', 'zstd'].map((name) => versions.get(name))).toEqual([
    webkit,
    sqlite,
    icu,
    zstd,
  ]);
  /* Neither Bun nor jq-wasm tells versions of these: the source of this very Bun says what it takes of them. */
  const silent = ['brotli', 'libspng', 'libwebp', 'lsquic', 'ls-qpack', 'simdutf', 'Highway', 'HdrHistogram_c'];
  const unknown = bill.components.filter((one) => one.version === undefined).map(({ name }) => name);
  expect(unknown).toEqual([...silent, 'Oniguruma']);
  const commits = { bun: Bun.revision, WebKit: webkit };
  for (const name of silent) {
    const [pin] = bill.components.find((one) => one.name === name)?.externalReferences ?? [];
    const [, repository, commit] =
      /^https:\/\/github\.com\/oven-sh\/(bun|WebKit)\/\w+\/(\w{40})\//.exec(pin?.url ?? '') ?? [];
    expect(commit, name).toBe(commits[repository as keyof typeof commits]);
    expect(pin, name).toMatchObject({ type: 'build-meta', comment: expect.stringContaining('NOASSERTION') });
  }
  const patched = bill.components.find(({ name }) => name === 'postgres');
  const diff = patched?.pedigree?.patches[0]?.diff.text.content ?? '';
  const patch = readFileSync(join(projectRoot, `patches/postgres@${patched?.version}.patch`), 'utf8');
  expect(Buffer.from(diff, 'base64').toString()).toBe(patch);
  const problem = await new Validation.JsonStrictValidator(Spec.Version.v1dot6).validate(stdout);
  expect(problem).toBeNull();
});

test('licenses: a line for each, and their texts', () => {
  const { components } = JSON.parse(callAgent(['licenses', '--format', 'json']).stdout) as Bill;
  const lines = callAgent(['licenses', '--format', 'wide']).stdout.trim().split('\n');
  for (const { name } of components) {
    const isOf = (text: string): boolean => text.startsWith(`${name} `);
    expect(lines.filter(isOf), name).toHaveLength(components.filter((one) => one.name === name).length);
  }
  const { stdout } = callAgent(['licenses', '--texts']);
  expect(stdout).toMatch(/^postgres +3\.\d+\.\d+ +Unlicense$/m);
  expect(stdout).toContain('---- zod');
  expect(stdout).toContain('Permission is hereby granted');
});
