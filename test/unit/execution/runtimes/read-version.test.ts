import { expect, test } from 'bun:test';
import { families, findFamily } from '#domain/families.ts';
import { parseConstraint } from '#domain/version-constraint.ts';
import { canonicalVersion, readVersion } from '#execution/runtimes/read-version.ts';
import { banners } from './banners.ts';

test.each(banners.map((banner) => [banner[0], banner[1], banner] as const))('%s: %p', (_, __, banner) => {
  const [name, text, version, implementation] = banner;
  const probes = findFamily(name)?.probes ?? [];
  const told = probes
    .map((probe) => (probe.isVersionless ? undefined : readVersion(text, probe.version)))
    .find((one) => one !== undefined && !one.isDoubtful);
  expect([told?.version, told?.implementation]).toEqual([version, implementation]);
});

test('there are at least 120 banners, of every family', () => {
  expect(banners.length).toBeGreaterThanOrEqual(120);
  const covered = new Set(banners.map(([name]) => name));
  expect(families.map((family) => family.name).filter((name) => !covered.has(name))).toEqual([]);
});

test('every family says which lines tell its version', () => {
  for (const { name, probes } of families)
    for (const probe of probes) expect(probe.version, `${name} ${probe.args.join(' ')}`).toBeDefined();
});

test('marks of pre-releases become those of semver, and satisfy no plain constraint', () => {
  expect(
    ['3.14.0rc2', 'v1.2', '8.4.0-dev', '1.8.0_412', '21-ea', '4.14.1+flambda', '9.4.8.0', '2.0.0-rc.4'].map(
      canonicalVersion,
    ),
  ).toEqual(['3.14.0-rc.2', '1.2', '8.4.0-dev', '1.8.0', '21.0.0-ea', '4.14.1', '9.4.8', '2.0.0-rc.4']);
  const allows = (constraint: string, version: string): boolean | undefined =>
    parseConstraint(constraint)?.allows(version);
  for (const constraint of ['3.14', '>=3.9', '^3.14.0', '=3.14.0', '~3.14'])
    expect([constraint, allows(constraint, '3.14.0-rc.2')]).toEqual([constraint, false]);
  expect(allows('=3.14.0-rc.2', '3.14.0-rc.2')).toBe(true);
  expect(allows('>=3.14.0-rc.1', '3.14.0-rc.2')).toBe(true);
  expect([allows('21', '21'), allows('1.23', '1.23'), allows('>=3.9,<4', '3.12.1')]).toEqual([true, true, true]);
});
