import { expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import manifest from '#package.json' with { type: 'json' };
import { projectRoot } from '#test/support/project.ts';

test('one version of Bun is pinned everywhere, and runs these tests', () => {
  const pin = manifest.packageManager.replace('bun@', '');
  expect(manifest.devDependencies['@types/bun']).toBe(pin);
  expect(readFileSync(`${projectRoot}/docker/Dockerfile.agent`, 'utf8')).toContain(`ARG BUN_IMAGE=oven/bun:${pin}\n`);
  expect(readFileSync(`${projectRoot}/test/system/docker/dockerfile.test.ts`, 'utf8')).toContain(`oven/bun:${pin}`);
  expect(Bun.version).toBe(pin);
});

test('every dependency is pinned exactly', () => {
  const { dependencies, devDependencies, optionalDependencies } = manifest;
  for (const version of Object.values({ ...dependencies, ...devDependencies, ...optionalDependencies }))
    expect(version).toMatch(/^\d+\.\d+\.\d+$/);
});
