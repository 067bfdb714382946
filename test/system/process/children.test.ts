/** Processes as the static file starts them: with a keeper, and without. */
import { expect, test } from 'bun:test';
import { call } from '#test/support/call.ts';
import { withoutExecutableMemory } from '#test/support/deny.ts';
import { staticProgram } from '#test/support/static-program.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';

const ways = [
  { name: 'by a fork server', wrap: (command: readonly string[]) => command, left: ['0,1,2 '] },
  { name: 'without native functions', wrap: withoutExecutableMemory, left: [] },
];

const unharmed = ['completed went on\n', 'completed next\n', 'completed last\n'];
const afterwards = { killed: unharmed, stopped: unharmed, reniced: unharmed, limited: unharmed, idled: unharmed };

for (const { name, wrap, left } of ways)
  test(`hundreds at once ${name}: every end, line and byte is exact, and nothing stays open or unburied`, () => {
    using directory = temporaryDirectory();
    const program = staticProgram('test/system/process/children-inside.ts', directory.path);
    const { stdout, stderr } = call(wrap([program]));
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual({
      many: [],
      signals: [],
      echoed: true,
      unread: ['completed done\n', 'completed done\n', 'completed done\n'],
      reasons: [
        '/HERE/missing does not exist',
        '/HERE/plain is not executable (chmod +x)',
        '/HERE/lost needs /nowhere/sh (its first line), which is not there',
        '/HERE is a directory',
        'the working directory /no/such/place does not exist',
        'its environment and arguments are larger than the kernel accepts (E2BIG)',
      ],
      large: 'completed 200000\n',
      forkServer: afterwards,
      keepers: afterwards,
      always: '40 of 40',
      left,
      zombies: 0,
    });
  }, 300_000);
