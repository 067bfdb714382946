import { expect, test } from 'bun:test';
import { families } from '#domain/families.ts';
import { detect } from '#execution/runtimes/detect.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';
import { zebra } from './zebra.ts';

const usual = ['/usr/local/bin', '/usr/bin', '/bin', '/usr/local/sbin', '/usr/sbin', '/sbin'];

test('homes and version managers are searched after PATH', async () => {
  using directory = temporaryDirectory();
  directory.program('path/zebra', 'echo 0.1');
  directory.program('home/bin/zebra', 'echo 1.0');
  for (const way of [
    '.pyenv/versions/3.1/bin',
    '.nvm/versions/node/v2/bin',
    '.asdf/installs/zebra/4.0/bin',
    '.sdkman/candidates/zebra/5/bin',
    '.local/share/fnm/node-versions/v7/installation/bin',
    '.fnm/node-versions/v8/installation/bin',
    '.proto/tools/zebra/9.0/bin',
    '.proto/tools/zebra/10.0/install/bin',
    '.proto/tools/zebra/11.0',
    '.local/share/uv/python/cpython-12.0/bin',
    '.rvm/rubies/ruby-13.0/bin',
  ])
    directory.program(`user/${way}/zebra`, `echo ${way.length}.0`);
  directory.program('mise/installs/zebra/6/bin/zebra', 'echo 6.0');
  const env = {
    PATH: `${directory.path}/path`,
    HOME: `${directory.path}/user`,
    ZEBRA_HOME: `${directory.path}/home`,
    MISE_DATA_DIR: `${directory.path}/mise`,
  };
  const { interpreters } = await detect(env, { families: [zebra({ homes: ['ZEBRA_HOME'] })] });
  expect(interpreters.slice(0, 2).map((one) => one.path)).toEqual([
    `${directory.path}/path/zebra`,
    `${directory.path}/home/bin/zebra`,
  ]);
  expect(interpreters).toHaveLength(14);
});

test('without PATH the usual places are searched', async () => {
  const { interpreters } = await detect({}, { families: families.filter((family) => family.name === 'shell') });
  expect(interpreters.length).toBeGreaterThan(0);
  for (const one of interpreters) expect(usual.some((place) => one.path.startsWith(`${place}/`))).toBe(true);
});

test('version managers are searched where the container has its directories for data and settings', async () => {
  using directory = temporaryDirectory();
  directory.program('data/mise/installs/zebra/6.0/bin/zebra', 'echo 6.0');
  directory.program('data/fnm/node-versions/v7/installation/bin/zebra', 'echo 7.0');
  directory.program('settings/nvm/versions/node/v8/bin/zebra', 'echo 8.0');
  const at = (name: string): string => `${directory.path}/${name}`;
  const env = { PATH: at('none'), HOME: at('user'), XDG_DATA_HOME: at('data'), XDG_CONFIG_HOME: at('settings') };
  const { interpreters } = await detect(env, { families: [zebra()] });
  expect(interpreters.map((one) => one.version).toSorted()).toEqual(['6.0', '7.0', '8.0']);
});
