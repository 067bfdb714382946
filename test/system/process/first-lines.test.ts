/** The first line of a script says how it is run, as it does by hand. */
import { expect, test } from 'bun:test';
import { callAgent } from '#test/support/agent.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';

const env = { PATH: '/usr/bin:/bin', HOME: '/root' };

const scripts: Readonly<Record<string, readonly [file: string, text: string, stdout: string]>> = {
  'arguments stand in place of those of the family': ['a.awk', '#!/usr/bin/awk -f\nBEGIN { print "awk" }\n', 'awk\n'],
  'variables that env sets are set': [
    'a.py',
    '#!/usr/bin/env -S WHO=x python3 -X dev\nimport os, sys\nprint(os.environ["WHO"], sys.flags.dev_mode)\n',
    'x True\n',
  ],
  'variables that env takes away are gone': [
    'b.py',
    '#!/usr/bin/env -S -u HOME python3\nimport os\nprint(os.environ.get("HOME"))\n',
    'None\n',
  ],
  'a byte order mark before it is no part of it': [
    'a.sh',
    '\ufeff#!/bin/sh\nset -e\necho "$(basename "$0")"\n',
    'a.sh\n',
  ],
  'a byte order mark before a command is no part of it': ['b.sh', '\ufeffcat\n', '{}\n'],
};

test.each(Object.entries(scripts))('%s', (_, [name, text, stdout]) => {
  using directory = temporaryDirectory();
  const ran = callAgent(['run', directory.file(name, text), '--format', 'json'], { env });
  expect({ exitCode: ran.exitCode, stdout: (JSON.parse(ran.stdout) as { stdout?: string }).stdout ?? '' }).toEqual({
    exitCode: 0,
    stdout,
  });
});

test('after a byte order mark `set -e` still ends a script at its first failure', () => {
  using directory = temporaryDirectory();
  const script = directory.file('a.sh', '\ufeffset -e\nfalse\necho never\n');
  expect(callAgent(['run', script], { env })).toMatchObject({ exitCode: 1, stdout: '' });
});
