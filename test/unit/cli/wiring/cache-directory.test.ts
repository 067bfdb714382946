import { expect } from 'bun:test';
import { chmodSync, chownSync, lstatSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDirectory } from '#cli/wiring/cache-directory.ts';
import { rootTest } from '#test/support/root-test.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';

rootTest(
  'a cache directory that somebody else has made, may write to, or leads elsewhere by a link is not used',
  () => {
    using directory = temporaryDirectory();
    const cache = join(directory.path, 'cache');
    const usual = join(cache, 'attune-agent');
    const find = (): string => cacheDirectory({ XDG_CACHE_HOME: cache });
    expect(find()).toBe(usual);
    expect(lstatSync(usual).mode & 0o7777).toBe(0o700);
    const spoilers: readonly (() => void)[] = [
      () => chownSync(usual, 70_000, 70_000),
      () => chmodSync(usual, 0o777),
      () => chmodSync(usual, 0o770),
      () => {
        rmSync(usual, { recursive: true });
        mkdirSync(join(directory.path, 'elsewhere'));
        symlinkSync('../elsewhere', usual);
      },
      () => {
        rmSync(usual);
        writeFileSync(usual, '');
      },
    ];
    for (const spoil of spoilers) {
      spoil();
      const found = find();
      const stat = lstatSync(found);
      expect(found).not.toBe(usual);
      expect([stat.isDirectory(), stat.uid, stat.mode & 0o022]).toEqual([true, 0, 0]);
      if (lstatSync(usual).isDirectory()) {
        chownSync(usual, 0, 0);
        chmodSync(usual, 0o700);
        expect(find()).toBe(usual);
      }
    }
  },
);
