import { expect, test } from 'bun:test';
import {
  createReadStream,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  utimesSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { hasMarkEnded, processMark } from '#execution/process/identity.ts';
import { leftOfArchive } from '#packs/archive-links.ts';
import { openInstalledPacks } from '#packs/installed-packs.ts';
import { call } from '#test/support/call.ts';
import { projectRoot } from '#test/support/project.ts';
import { type TemporaryDirectory, temporaryDirectory } from '#test/support/temporary.ts';

/** Writes a pack with one action that prints its version, and returns its directory. */
function writePack(at: TemporaryDirectory, version: string, place = 'source/demo'): string {
  at.file(`${place}/pack.yaml`, `ref: demo\nversion: ${version}\n`);
  at.file(`${place}/actions/say.yaml`, 'entry_point: say.sh\n');
  at.file(`${place}/actions/say.sh`, `echo ${version}\n`);
  return join(at.path, place);
}

const marks = { own: processMark, hasEnded: hasMarkEnded };
const open = (at: TemporaryDirectory) =>
  openInstalledPacks(join(at.path, 'installed'), join(at.path, 'served'), { marks });

const versionOf = (at: TemporaryDirectory): string =>
  readFileSync(join(at.path, 'installed/demo/actions/say.sh'), 'utf8').slice('echo '.length, -1);

test('the version before the current one is kept, and a rollback swaps the two', async () => {
  using at = temporaryDirectory();
  const packs = open(at);
  for (const version of ['1.0.0', '2.0.0', '3.0.0']) {
    const installed = await packs.installDirectory(writePack(at, version));
    expect(installed).toMatchObject({ ok: true, value: { pack: { version } } });
    expect(versionOf(at)).toBe(version);
  }
  expect(readdirSync(join(at.path, 'installed/.versions/demo')).length).toBe(2);
  expect(await packs.rollback('demo')).toMatchObject({ ok: true, value: { pack: { version: '2.0.0' } } });
  expect(versionOf(at)).toBe('2.0.0');
  expect(await open(at).rollback('demo')).toMatchObject({ ok: true, value: { pack: { version: '3.0.0' } } });
  await packs.installDirectory(writePack(at, '4.0.0'));
  expect(await packs.rollback('demo')).toMatchObject({ ok: true, value: { pack: { version: '3.0.0' } } });
  expect(packs.load().map((one) => one.pack.version)).toEqual(['3.0.0']);
});

test('what is current already is not installed again, so that a rollback still leads to the version before', async () => {
  using at = temporaryDirectory();
  const packs = open(at);
  for (const version of ['1.0.0', '2.0.0', '2.0.0'])
    expect(await packs.installDirectory(writePack(at, version))).toMatchObject({
      ok: true,
      value: { pack: { version } },
    });
  expect(await packs.rollback('demo')).toMatchObject({ ok: true, value: { pack: { version: '1.0.0' } } });
});

test('what an installation has left that was killed goes with the next one, but nothing of one that goes on', async () => {
  using at = temporaryDirectory();
  const script = `
    import { hasMarkEnded, processMark } from '#execution/process/identity.ts';
    import { makeStaging } from '#packs/staging.ts';
    const marks = { own: processMark, hasEnded: hasMarkEnded };
    const path = await makeStaging(${JSON.stringify(join(at.path, 'installed'))}, marks);
    await Bun.write(path + '/pack.yaml', 'ref: demo');
    console.log(path);
    for await (const _ of Bun.stdin.stream());
  `;
  const stage = async () => {
    const options = { cwd: projectRoot, stdin: 'pipe', stdout: 'pipe' } as const;
    const child = Bun.spawn([process.execPath, '-e', script], options);
    const { value } = await child.stdout.getReader().read();
    return { child, path: new TextDecoder().decode(value).trim() };
  };
  const [killed, goesOn] = [await stage(), await stage()];
  killed.child.kill('SIGKILL');
  await killed.child.exited;
  expect([existsSync(killed.path), existsSync(goesOn.path)]).toEqual([true, true]);
  const ofBefore = at.file('installed/.incoming-aBcDeF/pack.yaml', '');
  at.file('installed/.incoming-gHiJkL/pack.yaml', '');
  const longAgo = Date.now() / 1000 - 7200;
  utimesSync(dirname(ofBefore), longAgo, longAgo);
  await open(at).installDirectory(writePack(at, '1.0.0'));
  expect(readdirSync(join(at.path, 'installed')).toSorted()).toEqual(
    ['.incoming-gHiJkL', '.versions', basename(goesOn.path), 'demo'].toSorted(),
  );
  goesOn.child.stdin.end();
  await goesOn.child.exited;
}, 120_000);

test('a version that never was the current one, as its installation was killed, is not gone back to', async () => {
  using at = temporaryDirectory();
  const packs = open(at);
  for (const version of ['1.0.0', '2.0.0']) await packs.installDirectory(writePack(at, version));
  const versions = join(at.path, 'installed/.versions');
  renameSync(writePack(at, '3.0.0'), join(versions, 'demo/00000003'));
  symlinkSync('00000003', join(versions, '.coming-demo'));
  expect(packs.versions('demo')).toBe(2);
  expect(await packs.rollback('demo')).toMatchObject({ ok: true, value: { pack: { version: '1.0.0' } } });
  await packs.installDirectory(writePack(at, '4.0.0'));
  expect(readdirSync(join(versions, 'demo'))).toEqual(['00000001', '00000004']);
  expect(await packs.rollback('demo')).toMatchObject({ ok: true, value: { pack: { version: '1.0.0' } } });
  expect(await packs.rollback('demo')).toMatchObject({ ok: true, value: { pack: { version: '4.0.0' } } });
});

test('a rollback without anything to go back to says so', async () => {
  using at = temporaryDirectory();
  const packs = open(at);
  expect(await packs.rollback('demo')).toMatchObject({
    ok: false,
    error: expect.stringContaining('has been installed'),
  });
  await packs.installDirectory(writePack(at, '1.0.0'));
  expect(await packs.rollback('demo')).toMatchObject({
    ok: false,
    error: expect.stringContaining('no earlier version'),
  });
});

test('a pack that is served from the directory of its author is not replaced, whatever is sent', async () => {
  using at = temporaryDirectory();
  const source = writePack(at, '1.0.0', 'served/demo');
  at.file('served/demo/.git/HEAD', 'ref: refs/heads/main\n');
  for (const directory of [source, writePack(at, '2.0.0')])
    expect(await open(at).installDirectory(directory)).toMatchObject({
      ok: false,
      error: expect.stringContaining(`served from ${source}`),
    });
  expect(existsSync(join(source, '.git/HEAD'))).toBe(true);
  expect(readFileSync(join(source, 'pack.yaml'), 'utf8')).toContain('1.0.0');
});

test('a directory that no installation made is not replaced, also where both directories are one', async () => {
  using at = temporaryDirectory();
  const source = writePack(at, '1.0.0', 'installed/demo');
  const packs = openInstalledPacks(join(at.path, 'installed'), join(at.path, 'installed'));
  const refused = { ok: false, error: expect.stringContaining('not made by an installation') };
  expect(await packs.installDirectory(source)).toMatchObject(refused);
  expect(await packs.installDirectory(writePack(at, '2.0.0'))).toMatchObject(refused);
  expect(readdirSync(join(at.path, 'installed'))).toEqual(['demo']);
});

test('nothing is installed of a pack that is broken, and the one before it stays', async () => {
  using at = temporaryDirectory();
  const packs = open(at);
  await packs.installDirectory(writePack(at, '1.0.0'));
  const broken = writePack(at, '2.0.0');
  at.file('source/demo/actions/say.yaml', 'entry_point: [\n');
  expect(await packs.installDirectory(broken)).toMatchObject({ ok: false });
  expect(versionOf(at)).toBe('1.0.0');
  mkdirSync(join(at.path, 'empty'));
  expect(await packs.installDirectory(join(at.path, 'empty'))).toMatchObject({ ok: false });
  expect(readdirSync(join(at.path, 'installed')).toSorted()).toEqual(['.versions', 'demo']);
});

test('an archive has the rule of a directory: links to its files are files, what leads elsewhere is left out', async () => {
  using at = temporaryDirectory();
  const source = writePack(at, '1.0.0');
  symlinkSync('say.sh', join(source, 'actions/link.sh'));
  symlinkSync('actions/link.sh', join(source, 'second.sh'));
  linkSync(join(source, 'actions/say.sh'), join(source, 'hard.sh'));
  symlinkSync('/etc/passwd', join(source, 'outside'));
  symlinkSync('../../../../etc/passwd', join(source, 'actions/up'));
  symlinkSync('actions', join(source, 'directory'));
  symlinkSync('self', join(source, 'self'));
  expect(call(['mkfifo', join(source, 'pipe')]).exitCode).toBe(0);
  const file = join(at.path, 'demo.tar.gz');
  expect(call(['tar', '-czf', file, '-C', join(at.path, 'source'), 'demo'])).toMatchObject({ exitCode: 0 });
  expect(await open(at).install(Bun.file(file).stream())).toMatchObject({ ok: true });
  const installed = join(at.path, 'installed/demo');
  expect(readdirSync(installed, { recursive: true }).map(String).toSorted()).toEqual([
    'actions',
    'actions/link.sh',
    'actions/say.sh',
    'actions/say.yaml',
    'hard.sh',
    'pack.yaml',
    'second.sh',
  ]);
  for (const name of ['actions/link.sh', 'second.sh', 'hard.sh']) {
    expect(lstatSync(join(installed, name)).isFile()).toBe(true);
    expect(readFileSync(join(installed, name), 'utf8')).toBe('echo 1.0.0\n');
  }
  const left = ['actions/up', 'directory', 'outside', 'pipe', 'self'].map((name) => `demo/${name}`);
  expect(await leftOfArchive(createReadStream(file))).toEqual(left);
  expect(await leftOfArchive(createReadStream(join(source, 'pack.yaml')))).toEqual([]);
});
