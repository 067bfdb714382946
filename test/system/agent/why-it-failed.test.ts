/** Why a script has failed is said in one line, as its interpreter says it: the message of the error, and no line of its trace. */
import { expect } from 'bun:test';
import { call } from '#test/support/call.ts';
import { agentInRoot } from '#test/support/installers-root.ts';
import type { RootName } from '#test/support/root-file-systems.ts';
import { rootTest } from '#test/support/root-test.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';

const PATH = '/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

const failures: readonly (readonly [RootName, file: string, script: string, reason: RegExp])[] = [
  ['installers', 'a.py', 'raise ValueError("first\\nsecond")\n', /^ValueError: first second$/],
  ['installers', 'a.rb', 'raise "first\\nsecond"\n', /^\S+a\.rb:1:in .*: first \(RuntimeError\) second$/],
  ['installers', 'a.R', 'f <- function(x) stop("no such table")\nf(1)\n', /^Error in f\(1\) : no such table$/],
  ['installers', 'a.php', '<?php throw new Exception("first\\nsecond");', /Uncaught Exception: first second in /],
  ['more', 'a.lua', 'error("first\\nsecond")\n', /^\S*lua\S*: .*a\.lua:1: first second$/],
  ['more', 'a.tcl', 'proc f {} { nope }\nf\n', /^invalid command name "nope"$/],
];

for (const [root, file, script, reason] of failures)
  rootTest(`${file} in ${root}`, () => {
    using directory = temporaryDirectory();
    directory.file('demo/pack.yaml', 'ref: demo\n');
    directory.file('demo/actions/fail.yaml', `entry_point: ${file}\n`);
    directory.file(`demo/actions/${file}`, script);
    const ran = call(agentInRoot(['run', 'demo.fail'], { packs: directory.path, root }), {
      env: { PATH, ATTUNE_PACKS_DIR: '/mnt' },
    });
    const [, told = ran.stderr] = /exit code \d+: (.*)\n$/.exec(ran.stderr) ?? [];
    expect(told).toMatch(reason);
  });
