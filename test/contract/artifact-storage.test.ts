import { expect, test } from 'bun:test';
import { mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { openArtifactBucket } from '#adapters/artifacts/bucket.ts';
import { openArtifactDirectory } from '#adapters/artifacts/directory.ts';
import type { ArtifactStorage } from '#domain/artifact.ts';
import { openDirectory } from '#execution/process/open-directory.ts';
import { call } from '#test/support/call.ts';
import { projectRoot } from '#test/support/project.ts';
import { startS3 } from '#test/support/s3-server.ts';
import { type TemporaryDirectory, temporaryDirectory } from '#test/support/temporary.ts';

interface World extends AsyncDisposable {
  readonly storage: ArtifactStorage;
  readonly files: TemporaryDirectory;
  /** The same storage, as text of a program. */
  readonly opened: string;
}

async function withDirectory(): Promise<World> {
  const files = temporaryDirectory();
  const root = join(files.path, 'artifacts');
  return {
    storage: openArtifactDirectory(root, openDirectory),
    files,
    opened: `(await import('#adapters/artifacts/directory.ts')).openArtifactDirectory(${JSON.stringify(root)}, (await import('#execution/process/open-directory.ts')).openDirectory)`,
    [Symbol.asyncDispose]: async () => files[Symbol.dispose](),
  };
}

async function withBucket(): Promise<World> {
  const files = temporaryDirectory();
  const { [Symbol.asyncDispose]: end, ...server } = await startS3();
  const options = { ...server, region: undefined, prefix: 'some/prefix/' };
  return {
    storage: openArtifactBucket(options),
    files,
    opened: `(await import('#adapters/artifacts/bucket.ts')).openArtifactBucket(${JSON.stringify(options)})`,
    [Symbol.asyncDispose]: async () => {
      await end();
      files[Symbol.dispose]();
    },
  };
}

for (const [name, open] of [
  ['directory', withDirectory],
  ['bucket', withBucket],
] as const) {
  const read = async (storage: ArtifactStorage, path: string, range: { from: number; to: number }): Promise<Buffer> =>
    Buffer.from(await new Response(await storage.read(path, range)).arrayBuffer());

  test(`${name}: what is put is read, whole and in ranges, whatever its name and size`, async () => {
    await using world = await open();
    const bytes = Buffer.from(Array.from({ length: 20_000_000 }, (_, n) => (n * 7) % 251));
    const file = world.files.file('big', bytes);
    for (const path of ['1/1/plain.bin', '1/2/deep/below/it', '2/1/ä ö & +%.txt']) {
      await world.storage.put(path, Bun.file(file).stream());
      expect((await read(world.storage, path, { from: 0, to: bytes.length })).equals(bytes)).toBe(true);
      expect(
        (await read(world.storage, path, { from: 12_345_678, to: 12_345_688 })).equals(
          bytes.subarray(12_345_678, 12_345_688),
        ),
      ).toBe(true);
    }
    await world.storage.remove('1/1/plain.bin');
    await world.storage.remove('1/1/plain.bin');
    await world.storage.remove('8/8/none');
    await expect(world.storage.read('1/1/plain.bin', { from: 0, to: 1 })).rejects.toThrow();
    await world.storage.put('3/1/empty', Bun.file(world.files.file('empty', '')).stream());
    expect(await read(world.storage, '3/1/empty', { from: 0, to: 0 })).toHaveLength(0);
  }, 60_000);

  test(`${name}: what is not there is refused, and so is a file that cannot be read`, async () => {
    await using world = await open();
    await expect(world.storage.read('9/9/none', { from: 0, to: 1 })).rejects.toThrow();
    const broken = new ReadableStream<Uint8Array>({ pull: () => Promise.reject(new Error('unreadable')) });
    await expect(world.storage.put('1/1/x', broken)).rejects.toThrow();
    await expect(world.storage.read('1/1/x', { from: 0, to: 1 })).rejects.toThrow();
  });

  test(`${name}: files pass through without being held in memory`, async () => {
    await using world = await open();
    const file = world.files.file('huge', '');
    const bytes = 400_000_000;
    const program = `const storage = ${world.opened};
      (await import('node:fs')).truncateSync(${JSON.stringify(file)}, ${bytes});
      const before = process.resourceUsage().maxRSS;
      await storage.put('1/1/huge', Bun.file(${JSON.stringify(file)}).stream());
      let seen = 0;
      for await (const chunk of await storage.read('1/1/huge', { from: 0, to: ${bytes} })) seen += chunk.length;
      console.log(JSON.stringify({ seen, grownMb: (process.resourceUsage().maxRSS - before) / 1000 }));`;
    const child = Bun.spawn([process.execPath, '-e', program], { stdout: 'pipe', cwd: projectRoot });
    const { seen, grownMb } = JSON.parse(await new Response(child.stdout).text());
    expect(seen).toBe(bytes);
    expect(grownMb).toBeLessThan(150);
  }, 120_000);
}

test('directory: no name leads out of it', async () => {
  await using world = await withDirectory();
  const file = world.files.file('f', 'x');
  await expect(world.storage.put('../../outside', Bun.file(file).stream())).rejects.toThrow(
    'leads out of the directory of artifacts',
  );
});

test('directory: no link in it is followed, of a file or of a directory, to read or to write', async () => {
  await using world = await withDirectory();
  const root = join(world.files.path, 'artifacts');
  const outside = world.files.file('outside/secret', 'secret');
  await world.storage.put('1/1/own', new Blob(['own']).stream());
  symlinkSync(outside, join(root, '1/1/link'));
  symlinkSync(dirname(outside), join(root, '2'));
  mkdirSync(join(root, '3'));
  symlinkSync(dirname(outside), join(root, '3/1'));
  call(['mkfifo', join(root, '1/1/pipe')]);
  for (const path of ['1/1/link', '2/secret', '3/1/secret', '1/1/pipe', '1/1'])
    await expect(world.storage.read(path, { from: 0, to: 6 })).rejects.toThrow();
  for (const path of ['2/planted', '3/1/planted'])
    await expect(world.storage.put(path, new Blob(['x']).stream())).rejects.toThrow();
  expect(readdirSync(dirname(outside))).toEqual(['secret']);
  await world.storage.put('1/1/link', new Blob(['new']).stream());
  expect(readFileSync(outside, 'utf8')).toBe('secret');
  expect(readdirSync(join(root, '1/1'))).toEqual(expect.arrayContaining(['link', 'own', 'pipe']));
  expect(readdirSync(join(root, '1/1'))).toHaveLength(3);
});
