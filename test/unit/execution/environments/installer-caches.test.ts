import { expect, test } from 'bun:test';
import { mkdirSync, readdirSync, readlinkSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { families } from '#domain/families.ts';
import { createBuildCaches } from '#execution/environments/build-cache.ts';
import { linkSettings } from '#execution/environments/installer-caches.ts';
import { installerEnvironment } from '#execution/environments/installer-environment.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';

test('no variable of the container leads the cache of an installer elsewhere, and the mirrors of all stay', () => {
  const rust = families.find(({ name }) => name === 'rust');
  if (!rust) throw new Error('there is no family rust');
  const caches = { NPM_CONFIG_CACHE: '/c', PIP_CACHE_DIR: '/c', CARGO_HOME: '/c', GRADLE_USER_HOME: '/c' };
  const kept = { NPM_CONFIG_REGISTRY: 'https://n', PIP_INDEX_URL: 'https://p', MAVEN_ARGS: '-q', HOME: '/nowhere' };
  const variables = installerEnvironment(
    { ...caches, ...kept, BUNDLE_USER_HOME: '/b', MAVEN_OPTS: '-Xmx1g', XDG_CACHE_HOME: '/c' },
    { family: rust, interpreter: { path: '/bin/rustc', realPath: '/bin/rustc' } },
    { cache: '/pack', temporary: '/tmp', isOtherUser: false },
  );
  expect(Object.entries(variables).filter(([, value]) => value?.startsWith('/c'))).toEqual([]);
  expect(variables).toMatchObject({
    ...{ NPM_CONFIG_REGISTRY: 'https://n', PIP_INDEX_URL: 'https://p', MAVEN_ARGS: '-q', BUNDLE_USER_HOME: '/b' },
    ...{ BUNDLE_USER_CACHE: '/pack/bundle', MAVEN_OPTS: '-Xmx1g -Dmaven.repo.local=/pack/maven' },
  });
});

test('the settings of Cargo and Gradle are linked into the cache, and nothing that was left there leads elsewhere', () => {
  using directory = temporaryDirectory();
  for (const name of ['home/.cargo/config.toml', 'home/.cargo/registry/evil', 'other/gradle.properties'])
    directory.file(name, '');
  const [home, other, cache] = ['home', 'other', 'cache'].map((name) => join(directory.path, name)) as [
    string,
    string,
    string,
  ];
  mkdirSync(cache);
  symlinkSync(other, join(cache, 'cargo'));
  for (let round = 0; round < 2; round++) linkSettings({ GRADLE_USER_HOME: other }, cache, home);
  expect(readdirSync(join(cache, 'cargo'))).toEqual(['config.toml']);
  expect(readlinkSync(join(cache, 'cargo/config.toml'))).toBe(join(home, '.cargo/config.toml'));
  expect(readlinkSync(join(cache, 'gradle/gradle.properties'))).toBe(join(other, 'gradle.properties'));
  expect(readdirSync(other)).toEqual(['gradle.properties']);
  linkSettings({}, cache, undefined);
  expect(readdirSync(join(cache, 'cargo'))).toEqual([]);
});

test('while the agent gives a cache to another user, nobody else comes to it', async () => {
  using root = temporaryDirectory();
  const directory = join(root.path, 'new');
  mkdirSync(directory, { mode: 0o755 });
  const user = { uid: 65534, gid: 65534 };
  await createBuildCaches().open({ root: root.path, env: {}, packRef: 'demo', directory, user });
  expect([directory, join(root.path, '.cache')].map((one) => statSync(one).mode & 0o777)).toEqual([0o700, 0o700]);
});

test('no variable of the container keeps an installer from saying what it does', () => {
  const python = families.find(({ name }) => name === 'python');
  if (!python) throw new Error('there is no family python');
  const quiet = {
    PIP_LOG: '/l',
    PIP_QUIET: '3',
    UV_QUIET: '1',
    npm_config_loglevel: 'silent',
    NPM_CONFIG_SILENT: 'true',
  };
  const others = { PNPM_CONFIG_REPORTER: 'silent', YARN_SILENT: '1', CARGO_TERM_QUIET: 'true', pip_log: '/l' };
  const variables = installerEnvironment(
    { ...quiet, ...others, PIP_INDEX_URL: 'https://p', CARGO_TERM_COLOR: 'never' },
    { family: python, interpreter: { path: '/bin/python3', realPath: '/bin/python3' } },
    { cache: '/pack', temporary: '/tmp', isOtherUser: false },
  );
  expect(Object.keys(variables).filter((name) => name in quiet || name in others)).toEqual([]);
  expect(variables).toMatchObject({ PIP_INDEX_URL: 'https://p', CARGO_TERM_COLOR: 'never' });
});
