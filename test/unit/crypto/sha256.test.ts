import { expect, test } from 'bun:test';
import { truncateSync } from 'node:fs';
import { sha256Of, sha256OfFile } from '#crypto/sha256.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';
import { turnsDuring } from '#test/support/turns.ts';

test('others get their turns while a large file is hashed', async () => {
  using directory = temporaryDirectory();
  const file = directory.file('a', 'text');
  expect(await sha256OfFile(file)).toBe(sha256Of('text'));
  truncateSync(file, 64 * 1024 * 1024);
  expect(await turnsDuring(() => sha256OfFile(file))).toBeGreaterThan(50);
});
