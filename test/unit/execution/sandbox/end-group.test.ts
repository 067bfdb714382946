import { expect, test } from 'bun:test';
import { accessSync, constants, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { endGroup } from '#execution/sandbox/end-group.ts';
import { call } from '#test/support/call.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';
import { until } from '#test/support/until.ts';

/** The tree of version 2, also where it stands beside that of version 1. */
const tree = ['/sys/fs/cgroup', '/sys/fs/cgroup/unified'].find((place) => {
  try {
    accessSync(join(place, 'cgroup.procs'), constants.W_OK);
    return existsSync(join(place, 'cgroup.controllers'));
  } catch {
    return false;
  }
});

const skipped = tree === undefined ? ' (skipped: needs root, and a cgroup of version 2 where it may write)' : '';

test.skipIf(tree === undefined)(
  `daemons that fork faster than anybody could list them end with their group${skipped}`,
  async () => {
    using directory = temporaryDirectory();
    const program = join(directory.path, 'fork-chain');
    const source = join(import.meta.dir, '../../../support/fork-chain.c');
    expect(call(['gcc', '-O2', '-o', program, source]).stderr).toBe('');
    const group = join(tree ?? '', `attune-test-${process.pid}`);
    mkdirSync(group);
    expect(call(['sh', '-c', `echo $$ >${group}/cgroup.procs && exec ${program}`]).exitCode).toBe(0);
    await until('nothing is left in it', () => endGroup(group));
    expect(existsSync(group)).toBe(false);
  },
  120_000,
);
