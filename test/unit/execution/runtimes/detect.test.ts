import { expect, test } from 'bun:test';
import { chmodSync, copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { families } from '#domain/families.ts';
import { detect } from '#execution/runtimes/detect.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';
import { zebra } from './zebra.ts';

test('finds an interpreter on PATH, with its version from either stream', async () => {
  using directory = temporaryDirectory();
  directory.program('bin/zebra', 'echo "Zebra v3.4.5 (built today)" >&2');
  directory.program('bin/zebra3', 'echo "Zebra v3.6.0"');
  const { interpreters } = await detect({ PATH: `${directory.path}/bin` }, { families: [zebra()] });
  expect(interpreters).toMatchObject([
    { family: 'zebra', path: `${directory.path}/bin/zebra3`, version: '3.6.0', problem: undefined },
    { family: 'zebra', path: `${directory.path}/bin/zebra`, version: '3.4.5', problem: undefined },
  ]);
});

test('a working installation becomes the default before a broken one', async () => {
  using directory = temporaryDirectory();
  directory.program('a/zebra3', 'exit 1');
  directory.program('b/zebra', 'echo 2.0');
  const { interpreters } = await detect({ PATH: `${directory.path}/a:${directory.path}/b` }, { families: [zebra()] });
  expect(interpreters.map((one) => one.problem === undefined)).toEqual([true, false]);
});

test('sh that tells no version is still a working shell', async () => {
  using directory = temporaryDirectory();
  const real = ['/bin/dash', '/bin/busybox'].find((path) => Bun.file(path).size > 0) ?? '';
  copyFileSync(real, directory.file('bin/sh', ''));
  chmodSync(join(directory.path, 'bin/sh'), 0o755);
  const { interpreters } = await detect(
    { PATH: `${directory.path}/bin` },
    { families: families.filter((family) => family.name === 'shell') },
  );
  const own = interpreters.find((one) => one.path === `${directory.path}/bin/sh`);
  expect(own).toMatchObject({ family: 'shell', problem: undefined });
});

test('an interpreter is asked with a clean environment', async () => {
  using directory = temporaryDirectory();
  directory.program('bin/zebra', `env > ${directory.path}/env; echo 1.0`);
  await detect(
    { PATH: `${directory.path}/bin:/usr/bin:/bin`, ATTUNE__DATABASE__URL: 'secret', HOME: '/root', LANG: 'C' },
    { families: [zebra()] },
  );
  const names = (await Bun.file(join(directory.path, 'env')).text())
    .trim()
    .split('\n')
    .map((line) => line.split('=')[0]);
  expect(names.filter((name) => !['PWD', 'SHLVL', '_', 'OLDPWD'].includes(name ?? '')).toSorted()).toEqual([
    'HOME',
    'LANG',
    'PATH',
  ]);
});
