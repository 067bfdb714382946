/** Manifests of packs are read on the loop that everything else waits for: they have bounds. */
import { expect, test } from 'bun:test';
import { mkdirSync, truncateSync } from 'node:fs';
import { readManifestJson } from '#execution/environments/manifest-json.ts';
import { projectPartOf, readProjectTable } from '#execution/environments/project-table.ts';
import { readManifest } from '#execution/environments/read-manifest.ts';
import { dependencyRecipes } from '#execution/environments/recipes/table.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';

const keys = (many: number): string => Array.from({ length: many }, (_, index) => `key${index} = 1\n`).join('');

test('of a pyproject.toml the project is parsed, however much else there is', () => {
  const project = '[project]\ndependencies = [\n  "a>=1", # "b"\n]\n';
  for (const text of [
    `${project}[tool.x]\n${keys(30_000)}`,
    `[tool.x]\n${keys(30_000)}${project}`,
    `[tool.x]\ntext = """\n[project]\n""\\"""" # '''\nother = '''\n[project]\n'''\n${project}[[tool.y]]\nz = [[1],\n[2]]\n`,
    project.replace('[project]', '[ "project" ]').replaceAll('\n', '\r\n'),
    project.replace('[project]\n', 'project.'),
    `${project}[project.urls]\n${keys(2000)}[project-x]\n${keys(2000)}`,
  ]) {
    expect(projectPartOf(text).length).toBeLessThan(200);
    expect(readProjectTable(text)).toEqual({ dependencies: ['a>=1'] });
  }
  expect(readProjectTable('[tool.poetry]\nname = "x"\n')).toBeUndefined();
});

test.each([
  ['many keys', `[project]\n${keys(1001)}`, 'its table [project] has more than 1000 keys'],
  ['many keys in one', `[project]\n${'a.'.repeat(1001)}a = 1`, 'more than 1000 keys'],
  ['many keys in a line', `project = { ${'a = 1, '.repeat(1001)} }`, 'more than 1000 keys'],
  ['many values', `[project]\na = [${'{},'.repeat(10_001)}]`, 'its table [project] has more than 10000 values'],
  ['deep lists', `[project]\na = ${'['.repeat(100_000)}`, 'nested more than 50 levels deep'],
  ['much text', '#'.repeat(512 * 1024 + 1), 'it is larger than 512 KiB'],
  ['a text without an end', '[tool.x]\na = """\n[project]\n', 'cannot be read as TOML: a text has no end'],
  ['a list without an end', '[tool.x]\na = [\n[project]\n', 'cannot be read as TOML: a bracket has no end'],
  ['a header without an end', '[project\n', "cannot be read as TOML: expected ']'"],
  ['a table twice', '[project]\na = 1\n[project]\na = 2\n', 'cannot be read as TOML'],
])('a pyproject.toml with %s is refused', (_, text, sentence) => {
  expect(() => readProjectTable(text)).toThrow(sentence);
});

test.each([
  ['much text', JSON.stringify({ a: 'x'.repeat(2 * 1024 * 1024) }), 'it is larger than 2 MiB'],
  ['deep lists', '['.repeat(1_000_000), 'deep'],
  ['many values', JSON.stringify({ a: Array.from({ length: 200_000 }, () => 1) }), 'more than'],
])('a manifest in JSON with %s is refused', (_, text, sentence) => {
  expect(() => readManifestJson(text)).toThrow(sentence);
});

test('a manifest is a file of 16 MiB at most, which is not read beyond that', () => {
  using directory = temporaryDirectory();
  const file = directory.file('package-lock.json', '{}');
  expect(readManifest(file)).toBe('{}');
  truncateSync(file, 16 * 1024 * 1024 + 1);
  expect(() => readManifest(file)).toThrow('it is larger than 16 MiB');
  mkdirSync(`${directory.path}/go.mod`);
  expect(() => readManifest(`${directory.path}/go.mod`)).toThrow('it is a directory');
});

test('pnpm and Gradle download neither themselves nor what they run with', () => {
  const place = {
    ...{ interpreter: '/i', tool: '/t', environment: '/e', pack: '/p', text: '', manifest: '', cache: '/c' },
    ...{ isOffline: false, dependencies: undefined, has: () => false },
  };
  const pnpm = dependencyRecipes['node']?.find(({ name }) => name === 'pnpm');
  expect(pnpm?.variables?.(place)).toMatchObject({
    npm_config_manage_package_manager_versions: 'false',
    pnpm_config_pm_on_fail: 'ignore',
    pnpm_config_runtime_on_fail: 'ignore',
    npm_config_store_dir: '/c/pnpm',
    pnpm_config_store_dir: '/c/pnpm',
  });
  const gradle = dependencyRecipes['java']?.find(({ name }) => name === 'gradle');
  const [command = []] = gradle?.commands(place) ?? [];
  for (const option of ['-P', '-D'])
    expect(command).toContain(`${option}org.gradle.java.installations.auto-download=false`);
});
