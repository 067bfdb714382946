import { expect, test } from 'bun:test';
import { chmodSync, linkSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { detect } from '#execution/runtimes/detect.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';
import { zebra } from './zebra.ts';

test('an earlier name wins over an earlier directory, and every installation is listed', async () => {
  using directory = temporaryDirectory();
  directory.program('a/zebra', 'echo 1.0');
  directory.program('b/zebra3', 'echo 3.0');
  const { interpreters } = await detect({ PATH: `${directory.path}/a:${directory.path}/b` }, { families: [zebra()] });
  expect(interpreters.map((one) => one.version)).toEqual(['3.0', '1.0']);
});

test('versions side by side are found, newest first, behind the plain name', async () => {
  using directory = temporaryDirectory();
  for (const version of ['3.9', '3.12', '3.11']) directory.program(`bin/zebra${version}`, `echo ${version}.1`);
  symlinkSync('zebra3.11', join(directory.path, 'bin/zebra3'));
  const { interpreters } = await detect(
    { PATH: `${directory.path}/bin` },
    { families: [zebra({ versioned: /^zebra3\.\d+$/ })] },
  );
  expect(interpreters.map((one) => one.version)).toEqual(['3.11.1', '3.12.1', '3.9.1']);
});

test('symbolic and hard links to one file are one interpreter, and chains of links are resolved', async () => {
  using directory = temporaryDirectory();
  const real = directory.program('lib/zebra-3.0', 'echo 3.0');
  symlinkSync('../lib/zebra-3.0', join(directory.path, 'lib/current'));
  directory.file('bin/.keep', '');
  symlinkSync('../lib/../lib/zebra-3.0', join(directory.path, 'bin/zebra3'));
  linkSync(real, join(directory.path, 'bin/zebra'));
  const { interpreters } = await detect({ PATH: `${directory.path}/bin` }, { families: [zebra()] });
  expect(interpreters).toMatchObject([{ path: `${directory.path}/bin/zebra3`, realPath: real }]);
});

test('a hard link to the proxy of a version manager is known as one, also behind a symbolic link', async () => {
  using directory = temporaryDirectory();
  const proxy = directory.program('cargo/bin/rustup', 'echo 1.79');
  linkSync(proxy, join(directory.path, 'cargo/bin/zebra'));
  directory.file('bin/.keep', '');
  symlinkSync('../cargo/bin/zebra', join(directory.path, 'bin/zebra'));
  directory.program('toolchain/zebra', 'echo 1.79');
  for (const bin of ['cargo/bin', 'bin']) {
    const path = `${directory.path}/${bin}`;
    const alone = await detect({ PATH: path }, { families: [zebra()] });
    expect(alone.interpreters.map((one) => one.realPath)).toEqual([proxy]);
    const both = await detect({ PATH: `${path}:${directory.path}/toolchain` }, { families: [zebra()] });
    expect(both.interpreters.map((one) => one.path)).toEqual([`${directory.path}/toolchain/zebra`]);
  }
});

test('directories, files without the execute bit and broken or circular links are passed over', async () => {
  using directory = temporaryDirectory();
  directory.file('a/zebra/inside', '');
  directory.file('b/zebra', '#!/bin/sh\necho 1.0\n', 0o644);
  directory.file('c/.keep', '');
  symlinkSync('nowhere', join(directory.path, 'c/zebra'));
  symlinkSync('zebra3', join(directory.path, 'c/zebra3'));
  const path = ['a', 'b', 'c'].map((name) => `${directory.path}/${name}`).join(':');
  expect((await detect({ PATH: path }, { families: [zebra()] })).interpreters).toEqual([]);
});

test('an interpreter in a directory that may be entered but not listed is found', async () => {
  using directory = temporaryDirectory();
  directory.program('hidden/zebra', 'echo 1.0');
  chmodSync(join(directory.path, 'hidden'), 0o711);
  chmodSync(directory.path, 0o755);
  const program = `import { findCandidates } from '#execution/runtimes/find-candidates.ts';
    if (process.getuid?.() === 0) process.setuid?.(64123);
    const family = ${JSON.stringify(zebra())};
    console.log(findCandidates([family], ['${directory.path}/hidden', '/nonexistent']).map((one) => one.path).join());`;
  if (process.getuid?.() !== 0) chmodSync(join(directory.path, 'hidden'), 0o311);
  const ran = Bun.spawnSync([process.execPath, '-e', program], { cwd: import.meta.dir });
  expect(ran.stdout.toString()).toBe(`${directory.path}/hidden/zebra\n`);
  chmodSync(join(directory.path, 'hidden'), 0o755);
});

test('a shim of a version manager is taken by its plain name only', async () => {
  using directory = temporaryDirectory();
  directory.program('shims/zebra3', 'echo 3.11');
  directory.program('shims/zebra3.12', 'exit 127');
  const { interpreters } = await detect(
    { PATH: `${directory.path}/shims` },
    { families: [zebra({ versioned: /^zebra3\.\d+$/ })] },
  );
  expect(interpreters.map((one) => one.path)).toEqual([`${directory.path}/shims/zebra3`]);
});
