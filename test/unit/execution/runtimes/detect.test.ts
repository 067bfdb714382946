import { expect, test } from 'bun:test';
import { chmodSync, copyFileSync, linkSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { families } from '#domain/families.ts';
import type { RuntimeFamily } from '#domain/runtime.ts';
import { detect } from '#execution/runtimes/detect.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';
import { isAlive, pidFrom, until } from '#test/support/until.ts';

const usual = ['/usr/local/bin', '/usr/bin', '/bin', '/usr/local/sbin', '/usr/sbin', '/sbin'];

/** A family that no machine has, so that only what a test puts there is found. */
function zebra(more: Partial<RuntimeFamily> = {}): RuntimeFamily {
  const script = { extensions: ['.zebra'], command: ['{interpreter}', '{file}'] };
  return {
    name: 'zebra',
    aliases: [],
    binaries: ['zebra3', 'zebra'],
    probes: [{ args: ['--version'] }],
    script,
    smoke: '',
    ...more,
  };
}

test('finds an interpreter on PATH, with its version from either stream', async () => {
  using directory = temporaryDirectory();
  directory.program('bin/zebra', 'echo "Zebra v3.4.5 (built today)" >&2');
  const { interpreters } = await detect({ PATH: `${directory.path}/bin` }, { families: [zebra()] });
  expect(interpreters).toMatchObject([
    { family: 'zebra', path: `${directory.path}/bin/zebra`, version: '3.4.5', problem: undefined },
  ]);
});

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

test('a hanging interpreter is reported, not advertised, and its whole group is killed', async () => {
  using directory = temporaryDirectory();
  directory.program(
    'bin/zebra',
    `echo $$ >> ${directory.path}/pids; sleep 1000 & echo $! >> ${directory.path}/pids; wait`,
  );
  const { interpreters } = await detect({ PATH: `${directory.path}/bin:/usr/bin:/bin` }, { families: [zebra()] });
  expect(interpreters).toMatchObject([{ version: undefined, problem: 'did not answer within 2 s' }]);
  const pids = (await Bun.file(join(directory.path, 'pids')).text()).trim().split('\n').map(Number);
  expect(pids).toHaveLength(4); /* asked twice */
  for (const pid of pids) await until(`${pid} is gone`, () => !isAlive(pid));
}, 20_000);

test('when stopped, the probes end at once and leave nothing', async () => {
  using directory = temporaryDirectory();
  directory.program('bin/zebra', `echo $$ > ${directory.path}/pid; sleep 1000`);
  const stop = new AbortController();
  const detection = detect({ PATH: `${directory.path}/bin:/usr/bin:/bin` }, { families: [zebra()], stop: stop.signal });
  const pid = await pidFrom(`${directory.path}/pid`);
  stop.abort();
  expect((await detection).interpreters.map((one) => one.problem)).toEqual(['interrupted']);
  await until('the probe is gone', () => !isAlive(pid));
});

test('a daemon left behind with the output open does not delay the answer', async () => {
  using directory = temporaryDirectory();
  directory.program('bin/zebra', `setsid sleep 300 & echo $! > ${directory.path}/pid; echo 1.5`);
  const { interpreters } = await detect({ PATH: `${directory.path}/bin:/usr/bin:/bin` }, { families: [zebra()] });
  expect(interpreters).toMatchObject([{ version: '1.5' }]);
  const pid = Number(await Bun.file(join(directory.path, 'pid')).text());
  expect(isAlive(pid)).toBe(true);
  process.kill(pid, 'SIGKILL');
});

const broken: readonly (readonly [string, string, string | RegExp])[] = [
  ['failing', 'echo "no license" >&2; exit 3', 'failed with exit code 3: no license'],
  ['silent', 'exit 0', 'answered nothing'],
  ['versionless', 'echo hello', 'answered without a version: hello'],
  ['flooding', 'while :; do echo 0123456789012345678901234567890123456789; done', 'printed more than 64 KiB'],
  ['crashing', 'kill -SEGV $$', 'was killed by SIGSEGV'],
  ['control characters in its', 'printf "bad\\033[31m\\n"', 'answered without a version: bad[31m'],
];
for (const [what, script, problem] of broken)
  test(`${what} interpreter: reported with the reason`, async () => {
    using directory = temporaryDirectory();
    directory.program('bin/zebra', script);
    const { interpreters } = await detect({ PATH: `${directory.path}/bin` }, { families: [zebra()] });
    expect(interpreters.map((one) => one.problem)).toEqual([
      expect.stringMatching(problem instanceof RegExp ? problem : literally(problem)),
    ]);
  });

test('a program for another processor, a missing loader and a missing first line are named as such', async () => {
  using directory = temporaryDirectory();
  const elf = Buffer.from(await Bun.file(process.execPath).slice(0, 4096).bytes());
  elf.writeUInt16LE(183, 18);
  directory.file('a/zebra', elf, 0o755);
  elf.writeUInt16LE(62, 18);
  const loader = elf.indexOf('/lib64/ld-linux-x86-64.so.2');
  expect(loader).toBeGreaterThan(0);
  elf.write('/lib64/ld-missing', loader, 'latin1');
  directory.file('b/zebra', elf, 0o755);
  directory.file('c/zebra', '#!/opt/nothing/here\n', 0o755);
  directory.file('d/zebra', '\x7fELF', 0o755);
  const path = ['a', 'b', 'c', 'd'].map((name) => `${directory.path}/${name}`).join(':');
  const { interpreters } = await detect({ PATH: path }, { families: [zebra()] });
  expect(interpreters.map((one) => one.problem)).toEqual([
    expect.stringContaining('is a program for aarch64, this machine is x86_64'),
    expect.stringContaining('needs the loader /lib64/ld-missing'),
    expect.stringContaining('needs /opt/nothing/here (its first line), which is not there'),
    expect.stringContaining('is a damaged program of 4 bytes'),
  ]);
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

test('a working installation becomes the default before a broken one', async () => {
  using directory = temporaryDirectory();
  directory.program('a/zebra3', 'exit 1');
  directory.program('b/zebra', 'echo 2.0');
  const { interpreters } = await detect({ PATH: `${directory.path}/a:${directory.path}/b` }, { families: [zebra()] });
  expect(interpreters.map((one) => one.problem === undefined)).toEqual([true, false]);
});

test('homes and version managers are searched after PATH', async () => {
  using directory = temporaryDirectory();
  directory.program('home/bin/zebra', 'echo 1.0');
  for (const way of [
    '.pyenv/versions/3.1/bin',
    '.nvm/versions/node/v2/bin',
    '.asdf/installs/zebra/4.0/bin',
    '.sdkman/candidates/zebra/5/bin',
  ])
    directory.program(`user/${way}/zebra`, `echo ${way.length}.0`);
  directory.program('mise/installs/zebra/6/bin/zebra', 'echo 6.0');
  const env = {
    PATH: '/nonexistent',
    HOME: `${directory.path}/user`,
    ZEBRA_HOME: `${directory.path}/home`,
    MISE_DATA_DIR: `${directory.path}/mise`,
  };
  const { interpreters } = await detect(env, { families: [zebra({ homes: ['ZEBRA_HOME'] })] });
  expect(interpreters[0]?.path).toBe(`${directory.path}/home/bin/zebra`);
  expect(interpreters).toHaveLength(6);
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

test('without PATH the usual places are searched', async () => {
  const { interpreters } = await detect({}, { families: families.filter((family) => family.name === 'shell') });
  expect(interpreters.length).toBeGreaterThan(0);
  for (const one of interpreters) expect(usual.some((place) => one.path.startsWith(`${place}/`))).toBe(true);
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

function literally(text: string): RegExp {
  return new RegExp(text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
}
