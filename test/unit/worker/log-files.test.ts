import { expect, test } from 'bun:test';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openSharedVolume } from '#adapters/artifacts/shared-volume.ts';
import { executionId } from '#domain/ids.ts';
import { loggerOf } from '#test/support/event-log.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';
import { createLogFiles } from '#worker/log-files.ts';

function open(directory: string) {
  const said: string[] = [];
  const logger = loggerOf((what) => said.push(what));
  const volume = openSharedVolume(directory);
  return { said, ...createLogFiles({ execution: executionId(3) }, { volume, logger }) };
}

test('each stream has a file from its first byte on, as it comes', async () => {
  using root = temporaryDirectory();
  const { sink, close } = open(root.path);
  const file = join(root.path, 'execution_3/stdout.log');
  expect(existsSync(file)).toBe(false);
  const bytes = Buffer.from('one ');
  const written = sink.write('stdout', bytes);
  bytes.fill(0); /* the bytes are lent during the call only */
  await written;
  expect(readFileSync(file, 'utf8')).toBe('one ');
  await sink.write('stdout', Buffer.from('two'));
  expect(await close()).toEqual(['stdout']);
  expect(readFileSync(file, 'utf8')).toBe('one two');
  expect(existsSync(join(root.path, 'execution_3/stderr.log'))).toBe(false);
});

test('a log that cannot be written is given up with one line, and the other goes on', async () => {
  using root = temporaryDirectory();
  mkdirSync(join(root.path, 'execution_3/stdout.log'), { recursive: true });
  const { sink, close, said } = open(root.path);
  for (const stream of ['stdout', 'stderr', 'stdout'] as const) await sink.write(stream, Buffer.from('x'));
  expect(await close()).toEqual(['stderr']);
  expect(said).toEqual(['log file not written']);
});
