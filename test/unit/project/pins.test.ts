import { expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import manifest from '#package.json' with { type: 'json' };
import { projectRoot } from '#test/support/project.ts';

test('one version of Bun is pinned everywhere, and runs these tests', () => {
  const pin = manifest.packageManager.replace('bun@', '');
  expect(manifest.devDependencies['@types/bun']).toBe(pin);
  expect(readFileSync(`${projectRoot}/docker/Dockerfile.agent`, 'utf8')).toContain(`ARG BUN_VERSION=${pin}\n`);
  const sums = readFileSync(`${projectRoot}/.ci/bun.sha256`, 'utf8').trim().split('\n');
  for (const line of sums)
    expect(line).toMatch(new RegExp(`^[0-9a-f]{64}  bun-linux-\\S+-v?${pin.replaceAll('.', '\\.')}(\\.tgz)?$`));
  expect(Bun.version).toBe(pin);
});

test('every dependency is pinned exactly', () => {
  const { dependencies, devDependencies, optionalDependencies } = manifest;
  for (const version of Object.values({ ...dependencies, ...devDependencies, ...optionalDependencies }))
    expect(version).toMatch(/^\d+\.\d+\.\d+$/);
});

test('the version of package.json is that of the chart, and the changelog describes it', () => {
  const read = (name: string): string => readFileSync(`${projectRoot}/${name}`, 'utf8');
  const chart = read('charts/attune-agent/Chart.yaml');
  expect(chart).toContain(`\nversion: ${manifest.version}\n`);
  expect(chart).toContain(`\nappVersion: "${manifest.version}"\n`);
  expect(read('CHANGELOG.md')).toMatch(new RegExp(`^## \\[${manifest.version}\\] - \\d{4}-\\d\\d-\\d\\d$`, 'm'));
});

test('the licence is named in package.json, and its text is there', () => {
  expect(manifest.license).toBe('Apache-2.0');
  expect(readFileSync(`${projectRoot}/LICENSE`, 'utf8')).toContain(
    'Apache License\n                           Version 2.0',
  );
});
