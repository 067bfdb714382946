import { expect, test } from 'bun:test';
import { join } from 'node:path';
import type { Interpreter } from '#domain/runtime.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';
import { chooseRuntime } from '#worker/choose-runtime.ts';

const at = (family: string, path: string, version: string | undefined): Interpreter => ({
  family,
  path,
  realPath: path,
  version,
  problem: undefined,
  probeMs: 1,
});

const here = [
  at('shell', '/bin/bash', '5.2.15'),
  at('shell', '/bin/sh', undefined),
  at('python', '/usr/bin/python3', '3.11.2'),
  at('python', '/opt/python/bin/python3.9', '3.9.18'),
  at('node', '/usr/bin/node', '20.1.0'),
];

interface Case {
  readonly script: string;
  readonly runtime?: string;
  readonly constraint?: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly interpreters?: readonly Interpreter[];
}

/** The command's beginning, or the error; then the notes. */
function chosen({ script, runtime = 'python', constraint, files = {}, interpreters = here }: Case): readonly string[] {
  using directory = temporaryDirectory();
  directory.file('a', script);
  for (const [name, text] of Object.entries(files)) directory.file(name, text);
  const source = { file: join(directory.path, 'a'), cwd: directory.path };
  const choice = chooseRuntime(source, { name: runtime, constraint, config: undefined }, interpreters);
  if (!choice.ok) return [choice.error];
  return [[choice.value.interpreter.path, ...choice.value.args].join(' '), ...choice.value.notes];
}

test('the interpreter that the first line names runs the script, with its arguments', () => {
  expect(chosen({ script: '#!/usr/bin/env python3.9\n' })).toEqual(['/opt/python/bin/python3.9']);
  expect(chosen({ script: '#!/usr/bin/python3 -O\n' })).toEqual(['/usr/bin/python3 -O']);
  expect(chosen({ script: '#!/usr/local/bin/python3\n' })).toEqual(['/usr/bin/python3']);
  expect(chosen({ script: '#!/usr/bin/env -S python3 -X dev\n' })).toEqual(['/usr/bin/python3 -X dev']);
  expect(chosen({ script: 'print()\n' })).toEqual(['/usr/bin/python3']);
});

const kin = [
  ...here,
  at('python', '/opt/old/bin/python', '2.7.18'),
  { ...at('python', '/opt/pypy/bin/python3', '3.10.13'), implementation: 'pypy 7.3.15' },
  at('node', '/opt/node18/bin/node', '18.19.0'),
  at('java', '/opt/jdk8/bin/java', '1.8.0'),
  at('java', '/opt/jdk11/bin/java', '11.0.2'),
  at('go', '/opt/go/bin/go', '1.19.5'),
  at('php', '/opt/php/bin/php', '8.2.1'),
  at('lua', '/opt/lua/bin/luajit', '5.1'),
  at('ruby', '/opt/ruby/bin/ruby', '3.1.2'),
  at('awk', '/opt/awk/bin/awk', '1.3.4'),
];

test.each([
  ['python', 'python2.7', '/opt/old/bin/python'],
  ['python', 'python2', '/opt/old/bin/python'],
  ['python', '/usr/bin/python2.7.18', '/opt/old/bin/python'],
  ['python', 'python3.11', '/usr/bin/python3'],
  ['python', 'pypy3', '/opt/pypy/bin/python3'],
  ['python', 'pypy3.10', '/opt/pypy/bin/python3'],
  ['python', '/srv/app/venv/bin/python3', 'missing'],
  ['python', '/srv/app/venv/bin/python', 'missing'],
  ['python', 'venv/bin/python3', 'missing'],
  ['python', 'python2.6', 'missing'],
  ['python', 'python4', 'missing'],
  ['python', 'python3.1', 'missing'],
  ['python', 'pypy2', 'missing'],
  ['python', 'python3-none', 'missing'],
  ['python', 'python3.11none', 'missing'],
  ['node', 'node18', '/opt/node18/bin/node'],
  ['node', 'nodejs18', '/opt/node18/bin/node'],
  ['node', 'nodejs', '/usr/bin/node'],
  ['node', '/usr/local/bin/node', '/usr/bin/node'],
  ['node', 'node16', 'missing'],
  ['java', 'java11', '/opt/jdk11/bin/java'],
  ['java', 'java8', '/opt/jdk8/bin/java'],
  ['java', 'java21', 'missing'],
  ['go', 'go1.19', '/opt/go/bin/go'],
  ['go', 'go1.1', 'missing'],
  ['php', 'php82', '/opt/php/bin/php'],
  ['php', 'php-8', '/opt/php/bin/php'],
  ['php', 'php7.3', 'missing'],
  ['lua', 'luajit', '/opt/lua/bin/luajit'],
  ['lua', 'lua5.1', 'missing'],
  ['ruby', 'truffleruby', 'missing'],
  ['ruby', 'ruby3.0', 'missing'],
  ['awk', '/usr/bin/original-awk', 'missing'],
])('a first line is run by what it names, or by nothing: %s %s: %s', (runtime, program, expected) => {
  const line = program.includes('/') ? program : `/usr/bin/env ${program}`;
  const [path = ''] = chosen({ script: `#!${line}\n`, runtime, interpreters: kin });
  if (expected !== 'missing') expect(path).toBe(expected);
  else expect(path).toStartWith(`its first line names ${program}, which is not here; here: `);
});

test('a program at its own path runs the script, though the agent has not looked for it', () => {
  using directory = temporaryDirectory();
  for (const name of ['python3', 'pypy3', 'bash']) {
    const program = directory.program(name, 'true');
    const runtime = name === 'bash' ? 'shell' : 'python';
    expect(chosen({ script: `#!${program} -u\n`, runtime })).toEqual([`${program} -u`]);
  }
});

test('sh runs what names sh, bash what names bash, and bash what names nothing', () => {
  expect(chosen({ script: '#!/bin/sh\n', runtime: 'shell' })).toEqual(['/bin/sh']);
  expect(chosen({ script: '#!/usr/bin/env bash\n', runtime: 'shell' })).toEqual(['/bin/bash']);
  expect(chosen({ script: 'echo\n', runtime: 'shell' })).toEqual(['/bin/bash']);
});

test('an interpreter that is missing, and one of another family than runner_type, are errors that name it', () => {
  expect(chosen({ script: '#!/usr/bin/env python3.99\n' })).toEqual([
    'its first line names python3.99, which is not here; here: /usr/bin/python3, /opt/python/bin/python3.9',
  ]);
  for (const missing of ['/opt/none/ksh', '/opt/none/ksh93', '/nix/store/x/bin/osh'])
    expect(chosen({ script: `#!${missing} -f\n`, runtime: 'shell' })[0]).toContain(`its first line names ${missing}`);
  expect(chosen({ script: '#!/usr/bin/env python3\n', runtime: 'shell' })).toEqual([
    'its first line names python3, and its runner_type is shell: set runner_type: python',
  ]);
  expect(chosen({ script: '#!/usr/bin/sort -r\n', runtime: 'shell' })).toEqual(['/usr/bin/sort -r']);
  expect(chosen({ script: '#!/usr/bin/env python3.9\n', constraint: '>=3.10' })[0]).toContain(
    "runtime_version '>=3.10'",
  );
  /* A first line that the interpreter of the runner_type skips as a comment. */
  expect(chosen({ script: '#!/bin/sh\n// node\n', runtime: 'node' })).toEqual(['/usr/bin/node']);
});

test.each([
  ['shell', '#!/usr/bin/env -S bash -c', '-c'],
  ['shell', '#!/bin/bash -ec', '-ec'],
  ['shell', '#!/usr/bin/env -S bash -e -o', '-o'],
  ['python', '#!/usr/bin/env -S python3 -c', '-c'],
  ['python', '#!/usr/bin/python3 -m', '-m'],
  ['node', '#!/usr/bin/env -S node --eval', '--eval'],
])('an option that would take the script for its value is named: %s %s', (runtime, line, option) => {
  expect(chosen({ script: `${line}\n`, runtime })[0]).toContain(`its first line ends with ${option}, and`);
});

test('a program that only starts others needs an interpreter behind it', () => {
  expect(chosen({ script: '#!/usr/bin/env -S nice -n 3\n', runtime: 'shell' })[0]).toContain(
    'its first line names nice, which starts programs and reads no scripts',
  );
  expect(chosen({ script: '#!/usr/bin/env -S nice -n 3 bash\n', runtime: 'shell' })).toEqual([
    '/usr/bin/nice -n 3 bash',
  ]);
  expect(chosen({ script: '#!/usr/bin/env -S bash -o pipefail\n', runtime: 'shell' })).toEqual([
    '/bin/bash -o pipefail',
  ]);
  expect(chosen({ script: '#!/usr/bin/env -S -C / bash\n', runtime: 'shell' })).toEqual([
    'its first line changes the directory: do that in the script itself',
  ]);
});

test("a pack's version file chooses among the versions that are here, and runtime_version wins over it", () => {
  expect(chosen({ script: '', files: { '.python-version': '3.9.18\n' } })).toEqual(['/opt/python/bin/python3.9']);
  expect(chosen({ script: '', files: { '.python-version': '3.9\n' } })).toEqual(['/opt/python/bin/python3.9']);
  expect(chosen({ script: '', files: { '.python-version': '3.7.1\n' } })).toEqual([
    '/usr/bin/python3',
    'its .python-version says 3.7.1, which is not here: /usr/bin/python3 (3.11.2) runs it',
  ]);
  expect(chosen({ script: '', constraint: '=3.11.2', files: { '.python-version': '3.9.18\n' } })).toEqual([
    '/usr/bin/python3',
    'its .python-version says 3.9.18, and runtime_version says =3.11.2, which decides: /usr/bin/python3 (3.11.2) runs it',
  ]);
});

test('a first line that names what does not run the script is noted', () => {
  const decides = ', and its runner_type is python, which decides';
  expect(chosen({ script: '#!/usr/bin/env -S uv run --script\n' })).toEqual([
    '/usr/bin/python3',
    `its first line names uv${decides}: set runner_type: shell to run it as by hand`,
  ]);
  expect(chosen({ script: '#!/usr/bin/env node\n' })).toEqual([
    '/usr/bin/python3',
    `its first line names node${decides}`,
  ]);
});

test('a shell script with the line ends of Windows is refused before it runs by half', () => {
  expect(chosen({ script: '#!/bin/sh\r\necho a\r\n', runtime: 'shell' })[0]).toContain(
    'line ends of Windows (CRLF) from line 1',
  );
  expect(chosen({ script: 'print(1)\r\n' })).toEqual(['/usr/bin/python3']);
});

test('a program of the runtime native is its own interpreter, and must be executable', () => {
  using directory = temporaryDirectory();
  const config = { execution_config: { env_vars: { MODE: 'fast' } }, versions: [] };
  const choose = (file: string, constraint?: string): unknown => {
    const choice = chooseRuntime({ file, cwd: directory.path }, { name: 'Builtin', constraint, config }, []);
    return choice.ok ? { path: choice.value.interpreter.path, config: choice.value.config } : choice.error;
  };
  const program = directory.program('act', 'true');
  expect(choose(program)).toEqual({ path: program, config: { env_vars: { MODE: 'fast' } } });
  expect(choose(directory.file('plain', ''))).toContain('is not executable: chmod +x');
  expect(choose(program, '>=1')).toContain('has no versions');
});
