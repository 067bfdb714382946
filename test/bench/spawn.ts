/** What a process with a keeper and pipes costs against a bare Bun.spawn of the same program, inside the static file. */

import { staticProgram } from '#test/support/static-program.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';

using directory = temporaryDirectory();
const file = staticProgram('test/bench/spawn-inside.ts', directory.path);
console.log('spawn: a program that does nothing; medians of 9 runs, per process');
process.exitCode = await Bun.spawn([file], { stdio: ['ignore', 'inherit', 'inherit'] }).exited;
