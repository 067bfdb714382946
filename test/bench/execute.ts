/** One execution with all its care against a bare Bun.spawn of the same program. */

import { executeShell } from '#test/support/shell.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';
import { race, report } from './measure.ts';

using directory = temporaryDirectory();
const script = directory.file('true.sh', 'exit 0\n');
const times = 50;
const repeat = (work: () => Promise<unknown>) => async (): Promise<void> => {
  for (let i = 0; i < times; i++) await work();
};
const parallel = (work: () => Promise<unknown>) => async (): Promise<void> => {
  await Promise.all(Array.from({ length: times }, work));
};
const bare = async (): Promise<unknown> =>
  await Bun.spawn(['/bin/sh', script], { stdin: 'ignore', stdout: 'pipe', stderr: 'pipe' }).exited;
const careful = async (): Promise<unknown> => await executeShell(script, {}, { PATH: '/usr/bin:/bin' });

const [ours = 0, theirs = 0, oursAtOnce = 0, theirsAtOnce = 0] = await race(7, [
  repeat(careful),
  repeat(bare),
  parallel(careful),
  parallel(bare),
]);
console.log(`execute: an empty shell script, ${times} times, medians of 7 runs; per execution`);
report('one after the other / bare Bun.spawn, ms', ours / times, theirs / times);
report(`${times} at once / bare Bun.spawn, ms`, oursAtOnce / times, theirsAtOnce / times);
