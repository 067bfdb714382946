import { expect, test } from 'bun:test';
import { rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { archiveDirectory, checksumOf, createPackChecksums } from '#packs/archive.ts';
import { loadPackAt } from '#packs/load-action.ts';
import { listPackFiles } from '#packs/pack-files.ts';
import { stampOfFiles } from '#packs/pack-stamp.ts';
import { call } from '#test/support/call.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';

/** What tar finds in an archive: kind, name and text of each entry. */
async function entriesOf(directory: string): Promise<readonly string[]> {
  using made = temporaryDirectory();
  const file = join(made.path, 'pack.tar.gz');
  await Bun.write(file, new Response(await Array.fromAsync(archiveDirectory(directory)).then(Buffer.concat)));
  return call(['tar', '-tvzf', file])
    .stdout.trim()
    .split('\n')
    .map((line) => line.replace(/^(.).* (\S+)$/, '$1 $2'));
}

test('a pack that Kubernetes mounts from a ConfigMap: its files, and none of the links', async () => {
  using volume = temporaryDirectory();
  volume.file('..2026_01_01/pack.yaml', 'ref: demo\n');
  volume.file('..2026_01_01/actions/a.yaml', 'entry_point: a.sh\n');
  volume.file('..2026_01_01/actions/a.sh', 'echo a\n');
  symlinkSync('..2026_01_01', join(volume.path, '..data'));
  symlinkSync('..data/pack.yaml', join(volume.path, 'pack.yaml'));
  symlinkSync('..data/actions', join(volume.path, 'actions'));
  expect(await entriesOf(volume.path)).toEqual(['- actions/a.sh', '- actions/a.yaml', '- pack.yaml']);
});

test('links to files of the pack are files; what leads out, nowhere or in circles is left out', async () => {
  using outside = temporaryDirectory();
  using pack = temporaryDirectory();
  pack.file('pack.yaml', 'ref: demo\n');
  pack.file('lib/code.sh', 'echo a\n');
  symlinkSync('lib/code.sh', join(pack.path, 'link.sh'));
  symlinkSync(outside.file('secret', 'x'), join(pack.path, 'out.sh'));
  symlinkSync('../../../etc/passwd', join(pack.path, 'lib/up'));
  symlinkSync('nowhere', join(pack.path, 'dangling'));
  symlinkSync('..', join(pack.path, 'lib/circle'));
  symlinkSync('self', join(pack.path, 'self'));
  symlinkSync(outside.path, join(pack.path, '..data'));
  symlinkSync('..data/.', join(pack.path, 'mounted'));
  expect(await entriesOf(pack.path)).toEqual(['- lib/code.sh', '- link.sh', '- pack.yaml']);
});

test('what belongs to tools and to a developer alone is left out; .attuneignore adds to it and takes from it', async () => {
  using pack = temporaryDirectory();
  const files = [
    '.git/HEAD',
    '.env',
    '.env.local',
    '.envrc',
    'lib/.env-prod',
    'lib/node_modules/a/index.js',
    'lib/__pycache__/a.pyc',
    'notes.txt',
  ];
  for (const name of ['pack.yaml', 'actions/a.sh', ...files]) pack.file(name, '');
  expect(await entriesOf(pack.path)).toEqual(['- actions/a.sh', '- notes.txt', '- pack.yaml']);
  expect((await listPackFiles(pack.path)).left).toEqual([
    '.env',
    '.env.local',
    '.envrc',
    '.git/',
    'lib/.env-prod',
    'lib/__pycache__/',
    'lib/node_modules/',
  ]);
  pack.file('.attuneignore', '# of no use elsewhere\n*.txt\n!node_modules\n!.env-prod\n');
  expect(await entriesOf(pack.path)).toEqual([
    '- .attuneignore',
    '- actions/a.sh',
    '- lib/.env-prod',
    '- lib/node_modules/a/index.js',
    '- pack.yaml',
  ]);
});

test('what Git ignores is left out, whichever file of the pack says so; only .attuneignore brings it back', async () => {
  using pack = temporaryDirectory();
  const files = ['.env', 'dist/a.js', 'keys/a.key', 'keys/b.key', 'lib/c.key', 'lib/local.yaml', 'lib/x/local.yaml'];
  for (const name of ['pack.yaml', ...files]) pack.file(name, '');
  pack.file('.gitignore', '*.key\ndist/\n!.env\n');
  pack.file('lib/.gitignore', '/local.yaml\n!c.key\n');
  const left = ['.env', 'dist/', 'keys/a.key', 'keys/b.key', 'lib/local.yaml'];
  expect((await listPackFiles(pack.path)).left).toEqual(left);
  pack.file('.attuneignore', '*.txt\n');
  expect((await listPackFiles(pack.path)).left).toEqual(left);
  pack.file('.attuneignore', '!dist/\n!/keys/b.key\n/lib/c.key\n');
  expect((await listPackFiles(pack.path)).left).toEqual(['.env', 'keys/a.key', 'lib/c.key', 'lib/local.yaml']);
  pack.file('lib/.gitignore', `${'a'.repeat(300)}\n`);
  expect((await listPackFiles(pack.path)).left).toEqual([
    '.env',
    'keys/a.key',
    'lib/.gitignore',
    'lib/c.key',
    'lib/local.yaml',
    'lib/x/',
  ]);
});

test('what Git ignores by files above a pack is left out where it is asked for, up to the top of the repository', async () => {
  using directory = temporaryDirectory();
  directory.file('.gitignore', 'pack.yaml\n');
  directory.file('repository/.git/info/exclude', 'notes\n');
  directory.file('repository/.gitignore', '*.key\n/packs/mail/local.yaml\n/local.json\n');
  directory.file('repository/packs/.gitignore', '/mail/data/\n!b.key\n');
  const files = ['pack.yaml', 'a.key', 'b.key', 'local.json', 'local.yaml', 'lib/local.yaml', 'data/a', 'lib/notes'];
  for (const name of files) directory.file(`repository/packs/mail/${name}`, '');
  const mail = join(directory.path, 'repository/packs/mail');
  const left = async (): Promise<readonly string[]> => (await listPackFiles(mail, { isIgnoredAbove: true })).left;
  expect(await left()).toEqual(['a.key', 'data/', 'lib/notes', 'local.yaml']);
  expect((await listPackFiles(mail)).left).toEqual([]);
  directory.file('repository/packs/mail/.attuneignore', '!data/\n');
  expect(await left()).toEqual(['a.key', 'lib/notes', 'local.yaml']);
  directory.file('repository/.gitignore', '*.key\npacks/\n');
  expect(await left()).toEqual([]);
});

test('who has looked at the files of a pack already gives their stamp along: they are not listed again for the checksum', async () => {
  using pack = temporaryDirectory();
  pack.file('pack.yaml', 'ref: demo\nversion: 1.0.0\n');
  pack.file('lib/b.txt', 'b\n');
  pack.file('lib/a.txt', 'a\n');
  const loaded = loadPackAt(pack.path);
  const stamp = loaded.ok ? loaded.value.stamp : undefined;
  expect(stamp).toBe(await stampOfFiles(pack.path));
  const checksum = createPackChecksums();
  const before = await checksum(pack.path, stamp);
  expect(before).toBe(await checksumOf(pack.path));
  rmSync(pack.path, { recursive: true });
  expect(await checksum(pack.path, stamp)).toBe(before);
  pack.file('pack.yaml', 'ref: demo\nversion: 1.0.1\n');
  expect(await stampOfFiles(pack.path)).not.toBe(stamp);
});
