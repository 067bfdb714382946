import { expect, test } from 'bun:test';
import { linkSync, mkdirSync, symlinkSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { sha256Of } from '#crypto/sha256.ts';
import { executionId } from '#domain/ids.ts';
import { call } from '#test/support/call.ts';
import { rootTest } from '#test/support/root-test.ts';
import { type TemporaryDirectory, temporaryDirectory } from '#test/support/temporary.ts';
import { type KeptArtifacts, keepArtifacts } from '#worker/keep-artifacts.ts';

const claim = { execution: executionId(7), attempt: 2 };

async function keep(
  directory: string,
  {
    owner,
    files = 10,
    bytes = 1000,
    whileStored = () => {},
  }: { readonly owner?: number; readonly files?: number; readonly bytes?: number; whileStored?(): void } = {},
): Promise<KeptArtifacts & { readonly stored: ReadonlyMap<string, string> }> {
  const stored = new Map<string, string>();
  const storage = {
    put: async (path: string, content: ReadableStream<Uint8Array>) => {
      whileStored();
      stored.set(path, await new Response(content).text());
    },
  };
  const sink = { write: () => {} };
  const waiting = { places: { retry: <T>(work: () => Promise<T>) => work() }, stop: new AbortController().signal };
  const limits = { files, bytes };
  const kept = await keepArtifacts({ directory, owner }, claim, { storage, sink, limits, ...waiting });
  return { ...kept, stored };
}

function directoryWithTraps(): TemporaryDirectory {
  const directory = temporaryDirectory();
  const secret = directory.file('secret/key', 'root-only');
  directory.file('artifacts/own', 'own');
  directory.file('artifacts/deep/er/own', 'deeper');
  symlinkSync(secret, join(directory.path, 'artifacts/link'));
  symlinkSync(join(directory.path, 'secret'), join(directory.path, 'artifacts/directory'));
  symlinkSync('/proc/self', join(directory.path, 'artifacts/deep/self'));
  call(['mkfifo', join(directory.path, 'artifacts/pipe')]);
  symlinkSync(join(directory.path, 'secret'), join(directory.path, 'linked-root'));
  return directory;
}

test('regular files are kept, with the checksum of what was stored; links and pipes are left alone', async () => {
  using directory = directoryWithTraps();
  const { files, problems, stored } = await keep(join(directory.path, 'artifacts'));
  expect(problems).toEqual([]);
  expect(files).toEqual([
    { name: 'deep/er/own', bytes: 6, checksum: sha256Of('deeper'), path: '7/2/deep/er/own' },
    { name: 'own', bytes: 3, checksum: sha256Of('own'), path: '7/2/own' },
  ]);
  expect([...stored]).toEqual([
    ['7/2/deep/er/own', 'deeper'],
    ['7/2/own', 'own'],
  ]);
});

test('a directory of artifacts that has become a link is not looked into', async () => {
  using directory = directoryWithTraps();
  const { files, problems, stored } = await keep(join(directory.path, 'linked-root'));
  expect([files, stored.size]).toEqual([[], 0]);
  expect(problems).toEqual([expect.stringContaining('artifacts cannot be listed')]);
});

rootTest('a file of another user is not the execution’s to give, by whatever name', async () => {
  using directory = temporaryDirectory();
  const secret = directory.file('secret', 'root-only');
  const own = directory.file('artifacts/own', 'own');
  linkSync(secret, join(directory.path, 'artifacts/hard'));
  call(['chown', '70000', own]);
  const { files, problems } = await keep(join(directory.path, 'artifacts'), { owner: 70_000 });
  expect(files.map((one) => one.name)).toEqual(['own']);
  expect(problems).toEqual(['artifact hard was not stored: it belongs to another user']);
});

test('limits of files, of bytes and of depth are kept, and a huge file with nothing in it is not read', async () => {
  using directory = temporaryDirectory();
  for (const name of ['a', 'b', 'c']) directory.file(`artifacts/${name}`, name);
  truncateSync(directory.file('artifacts/huge', ''), 1e12);
  mkdirSync(join(directory.path, 'artifacts', 'd/'.repeat(80)), { recursive: true });
  const { files, problems } = await keep(join(directory.path, 'artifacts'), { files: 2 });
  expect(files.map((one) => one.name)).toEqual(['a', 'b']);
  expect(problems).toEqual([
    'artifact c was not stored: 2 files are kept (artifacts.max_files)',
    expect.stringContaining('64 directories in each other'),
    'artifact huge was not stored: 2 files are kept (artifacts.max_files)',
  ]);
  const { problems: byBytes } = await keep(join(directory.path, 'artifacts'));
  expect(byBytes.at(-1)).toBe('artifact huge was not stored: 1000 bytes are kept (artifacts.max_bytes)');
});

test('others have their turn between many files', async () => {
  using directory = temporaryDirectory();
  for (let index = 0; index < 20; index++) directory.file(`artifacts/${index}`, '');
  let turns = 0;
  let next = setImmediate(function count() {
    turns++;
    next = setImmediate(count);
  });
  const { files } = await keep(join(directory.path, 'artifacts'), { files: 20, whileStored: () => Bun.sleepSync(10) });
  clearImmediate(next);
  expect(files.length).toBe(20);
  expect(turns).toBeGreaterThan(10);
});
