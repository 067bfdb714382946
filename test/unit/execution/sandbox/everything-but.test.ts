import { expect, test } from 'bun:test';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { cgroupMounts, everythingBut } from '#execution/sandbox/everything-but.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';

test('everything but what is excluded, with as few paths as that takes, and no links to it', () => {
  using directory = temporaryDirectory();
  const at = (name: string): string => join(directory.path, name);
  for (const name of ['a/b', 'sys/fs/cgroup/x', 'sys/fs/other', 'sys/kernel']) mkdirSync(at(name), { recursive: true });
  directory.file('file', '');
  symlinkSync('sys/fs/cgroup', at('link'));
  expect(everythingBut([at('sys/fs/cgroup')], directory.path).toSorted()).toEqual(
    [at('a'), at('file'), at('sys/fs/other'), at('sys/kernel')].toSorted(),
  );
  expect(everythingBut([at('sys')], directory.path).toSorted()).toEqual([at('a'), at('file')]);
});

test('control groups are found wherever they are mounted', () => {
  using directory = temporaryDirectory();
  directory.file(
    'proc/self/mountinfo',
    `22 1 0:20 / /proc rw - proc proc rw
30 1 0:26 / /sys/fs/cgroup ro - tmpfs tmpfs rw
31 30 0:27 / /sys/fs/cgroup/memory rw shared:9 - cgroup cgroup rw,memory
32 1 0:28 / /host/cgroup rw - cgroup2 none rw
`,
  );
  expect(cgroupMounts(`${directory.path}/`)).toEqual(['/sys/fs/cgroup/memory', '/host/cgroup']);
  expect(cgroupMounts('/nowhere/')).toEqual(['/sys/fs/cgroup']);
});
