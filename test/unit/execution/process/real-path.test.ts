import { expect, test } from 'bun:test';
import { mkdirSync, realpathSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { realPath } from '#execution/process/real-path.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';

test('links are followed wherever they are in a path, and what is not there stays as it is', () => {
  using directory = temporaryDirectory();
  const at = (name: string): string => join(directory.path, name);
  mkdirSync(at('a/b'), { recursive: true });
  symlinkSync('a', at('relative'));
  symlinkSync(at('relative/b'), at('absolute'));
  symlinkSync('../..', at('a/b/up'));
  for (const name of ['', 'a', 'relative', 'relative/b', 'absolute', 'absolute/up/relative/b', 'a/../relative'])
    expect(realPath(at(name))).toBe(realpathSync(at(name)));
  expect(realPath('/')).toBe('/');
  expect(realPath(at('relative/none/deeper'))).toBe(at('a/none/deeper'));
  symlinkSync('circle', at('circle'));
  expect(() => realPath(at('circle'))).toThrow('too many links');
});
