/** The first line of a script says how it is run, as it does by hand. */
import { expect, test } from 'bun:test';
import { chmodSync } from 'node:fs';
import { getPriority } from 'node:os';
import { join } from 'node:path';
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
  'escapes, quotes and comments are those of env': [
    'c.sh',
    '#!/usr/bin/env -S A="a b" B=c#d bash\\_-u # a comment\ncase $- in *u*) echo "$A $B u";; esac\n',
    'a b c#d u\n',
  ],
  'a program that starts the interpreter behind it': [
    'd.sh',
    '#!/usr/bin/env -S nice -n 3 bash -e\nnice\n',
    `${Math.min(getPriority() + 3, 19)}\n`,
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

test.each([
  ['a.py', Buffer.from('\ufeffprint(1)\n', 'utf16le'), 'it begins as UTF-16 does: save it as UTF-8'],
  ['a.sh', Buffer.from('\ufeffecho 1\n', 'utf16le').swap16(), 'it begins as UTF-16 does: save it as UTF-8'],
  ['a.awk', Buffer.from('\ufeffBEGIN { print 1 }\n'), 'begins with a byte order mark, which awk reads as a part'],
])('what no interpreter of its family reads is said before it runs: %s', (name, bytes, error) => {
  using directory = temporaryDirectory();
  const ran = callAgent(['run', directory.file(name, bytes)], { env });
  expect(ran).toMatchObject({ stdout: '', stderr: expect.stringContaining(error) });
  expect(ran.exitCode).not.toBe(0);
});

test.each([
  ['a.sh', '#!/usr/bin/env -S bash -c', 'its first line ends with -c, and bash would take the name of the script'],
  ['a.sh', '#!/bin/sh -c', 'its first line ends with -c, and /bin/sh would take the name of the script'],
  [
    'a.py',
    '#!/usr/bin/env -S python3 -m',
    'its first line ends with -m, and python3 would take the name of the script',
  ],
  ['a.sh', '#!/usr/bin/env -S nice -n 3', 'its first line names nice, which starts programs and reads no scripts'],
  ['a.sh', '#!/usr/bin/env -S -C /tmp bash', 'its first line changes the directory'],
])('what would not run by hand either is an error that says why: %s %s', (name, line, error) => {
  using directory = temporaryDirectory();
  const ran = callAgent(['run', directory.file(name, `${line}\necho never\n`)], { env });
  expect(ran).toMatchObject({ stdout: '', stderr: expect.stringContaining(error) });
  expect(ran.exitCode).not.toBe(0);
});

test.each([
  ['a.py', '#!/usr/bin/env python2.1'],
  ['a.py', '#!/usr/bin/python4'],
  ['a.py', '#!/usr/bin/env pypy2.1'],
  ['a.py', '#!/srv/none/venv/bin/python3'],
  ['a.js', '#!/usr/bin/env nodejs3'],
  ['a.sh', '#!/srv/none/bash'],
])('no other interpreter of the family stands in for a missing one: %s %s', (name, line) => {
  using directory = temporaryDirectory();
  const ran = callAgent(['run', directory.file(name, `${line}\n`)], { env });
  const named = line.replace(/^#!(\/usr\/bin\/env )?/, '');
  expect(ran).toMatchObject({
    stdout: '',
    stderr: expect.stringContaining(`names ${named}, which is not here`),
  });
  expect(ran.exitCode).not.toBe(0);
});

test('a program at a path runs what names it, and packs validate notes what is not here', () => {
  using directory = temporaryDirectory();
  const python = directory.program('venv/bin/python', 'echo old');
  const validate = (line: string): string => {
    directory.file('p/pack.yaml', 'ref: p\n');
    directory.file('p/actions/a.yaml', 'entry_point: a.py\nrunner_type: python\n');
    directory.file('p/actions/a.py', `${line}\nprint "old"\n`);
    const { exitCode, stderr } = callAgent(['packs', 'validate', `${directory.path}/p`], { env });
    expect(exitCode).toBe(0);
    return stderr;
  };
  expect(validate('#!/usr/bin/env python2.1')).toContain(
    'note: actions/a.py: its first line names python2.1, which is not here',
  );
  const ran = callAgent(['run', directory.file('b.py', `#!${python}\n`)], { env });
  expect(ran).toMatchObject({ exitCode: 0, stdout: 'old\n' });
});

/** Runs the Python whose version a file of the directory names, as wrappers of companies do. */
const WRAPPER = `#!/bin/sh
version=3.11.7
[ -f .corp-python ] && version=$(cat .corp-python)
[ "$1" = -c ] || [ "$1" = --version ] || exec /usr/bin/python3 "$@"
echo "Python $version"
`;

test('an interpreter that is a script and runs another version in the directory of a pack is an error that names both', () => {
  using directory = temporaryDirectory();
  chmodSync(directory.file('bin/python3', WRAPPER), 0o755);
  directory.file('packs/p/pack.yaml', 'ref: p\nversion: 1.0.0\n');
  directory.file('packs/p/actions/a.yaml', 'runner_type: python\nentry_point: a.py\nruntime_version: "3.11.7"\n');
  directory.file('packs/p/actions/a.py', 'print("ran")\n');
  const run = () =>
    callAgent(['run', 'p.a', '--packs', join(directory.path, 'packs')], {
      env: { ...env, PATH: `${directory.path}/bin:/usr/bin:/bin` },
    });
  expect(run()).toMatchObject({ exitCode: 0, stdout: 'ran\n' });
  directory.file('packs/p/.corp-python', '3.8.18\n');
  const refused = run();
  expect(refused).toMatchObject({ exitCode: 1, stdout: '' });
  expect(refused.stderr).toContain(
    `${directory.path}/bin/python3 is a script that runs 3.8.18 in ${directory.path}/packs/p, and 3.11.7 elsewhere`,
  );
});
