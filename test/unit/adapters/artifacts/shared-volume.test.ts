import { expect, test } from 'bun:test';
import { execFileSync } from 'node:child_process';
import { existsSync, linkSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openSharedVolume } from '#adapters/artifacts/shared-volume.ts';
import { executionId } from '#domain/ids.ts';
import type { ExecutionLog } from '#domain/shared-volume.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';

const log: ExecutionLog = { execution: executionId(7), stream: 'stdout' };
const path = 'execution_7/stdout.log';

async function write(directory: string, text: string): Promise<void> {
  const file = await openSharedVolume(directory).openLog(log);
  await file.append(Buffer.from(text));
  await file.close();
}

test('a log is appended to, also by another attempt, in a directory for the group', async () => {
  using root = temporaryDirectory();
  await write(root.path, 'one\n');
  await write(root.path, 'two\n');
  expect(readFileSync(join(root.path, path), 'utf8')).toBe('one\ntwo\n');
  expect(statSync(join(root.path, 'execution_7')).mode & 0o7777).toBe(0o2775);
});

test('a log gets a second name, and the directories that it needs', async () => {
  using root = temporaryDirectory();
  const volume = openSharedVolume(root.path);
  await write(root.path, 'all of it');
  await volume.publishLog(log, 'core/echo/stdout/log/v1.txt');
  expect(readFileSync(join(root.path, 'core/echo/stdout/log/v1.txt'), 'utf8')).toBe('all of it');
  expect(await volume.sizeOf('core/echo/stdout/log/v1.txt')).toBe(9);
  /* What comes later is not in the version that was published. */
  await write(root.path, ' and more');
  expect(await volume.sizeOf('core/echo/stdout/log/v1.txt')).toBe(9);
});

test('nothing is written through what an action has planted', async () => {
  using root = temporaryDirectory();
  using elsewhere = temporaryDirectory();
  const victim = join(elsewhere.path, 'victim');
  writeFileSync(victim, 'untouched');
  const plant: readonly ((place: string) => void)[] = [
    () => symlinkSync(elsewhere.path, join(root.path, 'execution_7')),
    () => writeFileSync(join(root.path, 'execution_7'), 'a file'),
    () => inDirectory((file) => symlinkSync(victim, file)),
    () => inDirectory((file) => linkSync(victim, file)),
    () => inDirectory((file) => execFileSync('sh', ['-c', 'mkfifo "$1"', 'sh', file])),
  ];
  const inDirectory = (make: (file: string) => void): void => {
    mkdirSync(join(root.path, 'execution_7'));
    make(join(root.path, path));
  };
  for (const one of plant) {
    execFileSync('rm', ['-rf', join(root.path, 'execution_7')]);
    one(root.path);
    await write(root.path, 'log');
    expect(readFileSync(join(root.path, path), 'utf8')).toBe('log');
    expect(readFileSync(victim, 'utf8')).toBe('untouched');
    expect(existsSync(join(elsewhere.path, 'stdout.log'))).toBe(false);
  }
});

test('a published log leads nowhere else either', async () => {
  using root = temporaryDirectory();
  using elsewhere = temporaryDirectory();
  const volume = openSharedVolume(root.path);
  await write(root.path, 'log');
  symlinkSync(elsewhere.path, join(root.path, 'core'));
  await volume.publishLog(log, 'core/echo/v1.txt');
  expect(existsSync(join(elsewhere.path, 'echo'))).toBe(false);
  expect(readFileSync(join(root.path, 'core/echo/v1.txt'), 'utf8')).toBe('log');

  writeFileSync(join(elsewhere.path, 'secret'), 'secret');
  execFileSync('rm', [join(root.path, path)]);
  symlinkSync(join(elsewhere.path, 'secret'), join(root.path, path));
  await expect(volume.publishLog(log, 'core/echo/v2.txt')).rejects.toThrow('replaced');
  expect(await volume.sizeOf('core/echo/v2.txt')).toBeUndefined();
});

test('files that are empty, missing or links have no size, and paths that lead out are refused', async () => {
  using root = temporaryDirectory();
  const volume = openSharedVolume(root.path);
  writeFileSync(join(root.path, 'empty'), '');
  writeFileSync(join(root.path, 'full'), 'full');
  symlinkSync('full', join(root.path, 'link'));
  expect(await Promise.all(['empty', 'full', 'link', 'none', 'none/at/all'].map(volume.sizeOf))).toEqual([
    undefined,
    4,
    undefined,
    undefined,
    undefined,
  ]);
  expect(existsSync(join(root.path, 'empty'))).toBe(false);
  for (const out of ['../full', '/etc/passwd', 'a/../../b', ''])
    await expect(volume.sizeOf(out)).rejects.toThrow('no path');
});

test('several may make the same directories at once', async () => {
  using root = temporaryDirectory();
  const volume = openSharedVolume(root.path);
  await write(root.path, 'log');
  const paths = Array.from({ length: 50 }, (_, n) => `made/by/many/at/once/v${n}.txt`);
  await Promise.all(paths.map((one) => volume.publishLog(log, one)));
  expect(await Promise.all(paths.map(volume.sizeOf))).toEqual(paths.map(() => 3));
});
