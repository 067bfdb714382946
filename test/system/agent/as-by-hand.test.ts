/** Packs as their authors write them behave as by hand, or an error says why not. */
import { expect, test } from 'bun:test';
import { existsSync, linkSync, mkdirSync, realpathSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { callAgent } from '#test/support/agent.ts';
import type { Call } from '#test/support/call.ts';
import { type TemporaryDirectory, temporaryDirectory } from '#test/support/temporary.ts';

const PATH = '/usr/bin:/bin';

interface Row {
  /** What stands in the file of the action besides its script. */
  readonly action: string;
  readonly script: readonly [name: string, text: string];
  readonly parameters?: unknown;
  /** What is before the rest of PATH. */
  readonly bin?: string;
}

/** Runs the only action of a pack. */
function run(at: TemporaryDirectory, { action, script: [name, text], parameters = {}, bin }: Row): Call {
  at.file('packs/h/pack.yaml', 'ref: h\n');
  at.file('packs/h/actions/a.yaml', `entry_point: ${name}\n${action}`);
  at.file(`packs/h/actions/${name}`, text);
  const file = at.file('parameters.json', JSON.stringify(parameters));
  return callAgent(['run', 'h.a', '--packs', `${at.path}/packs`, '--params', file], {
    cwd: at.path,
    env: { PATH: bin === undefined ? PATH : `${at.path}/${bin}:${PATH}`, HOME: join(at.path, 'home') },
  });
}

const succeeding: Readonly<Record<string, Row & { readonly stdout: string }>> = {
  'a script reads its parameters by the name of its standard input': {
    action: 'parameter_format: dotenv\n',
    script: ['a.sh', '. /dev/stdin\necho "got $x" | tee /dev/stderr >/dev/null\necho done\n'],
    parameters: { x: 7 },
    stdout: 'done\n',
  },
  'a time limit of 30 days is one': {
    action: 'timeout_seconds: 2592000\n',
    script: ['a.sh', 'sleep 0.3; echo in time\n'],
    stdout: 'in time\n',
  },
  'what names sh is run by sh': {
    action: '',
    script: ['a.sh', '#!/bin/sh\nreadlink /proc/$$/exe\n'],
    stdout: `${realpathSync('/bin/sh')}\n`,
  },
  'options of Python in the first line count': {
    action: 'runner_type: python\n',
    script: ['a.py', '#!/usr/bin/python3 -O\nprint(__debug__)\n'],
    stdout: 'False\n',
  },
  'a here-document holds the line ends of Windows, however its end is written': {
    action: '',
    script: ['a.sh', "cat <<\\EOF | wc -c\na\r\nEOF\ncat <<'END-1' | wc -c\nb\r\n\r\nEND-1\n"],
    stdout: '3\n5\n',
  },
  'a secret from a file is masked without its newline': {
    action: 'runner_type: python\nparameters: {t: {type: string, secret: true}}\n',
    script: ['a.py', 'import json, sys\nprint("use <%s>" % json.load(sys.stdin)["t"].strip())\n'],
    parameters: { t: 'tok-7f3a9c21\n' },
    stdout: 'use <***>\n',
  },
  'passwords within a secret are masked by themselves': {
    action: 'runner_type: python\nparameters: {t: {type: string, secret: true}}\n',
    script: ['a.py', 'print("p@ss-w0rd-9, hunter2hunter2")\n'],
    parameters: { t: '{"url":"jdbc:postgresql://u:p@ss-w0rd-9@h/db","password":"hunter2hunter2"}' },
    stdout: '***, ***\n',
  },
};

test.each(Object.entries(succeeding))('%s', (_, { stdout, ...row }) => {
  using at = temporaryDirectory();
  const ran = run(at, row);
  expect({ exitCode: ran.exitCode, stdout: ran.stdout }, ran.stderr).toEqual({ exitCode: 0, stdout });
});

test.each([
  ['{"x": NaN}', /warning: .*json/i],
  ['{"x": 1e400}', /warning: .*1e400/],
])('a result that cannot be kept is a warning, and the log stays: %s', (text, warning) => {
  using at = temporaryDirectory();
  const ran = run(at, { action: 'output_format: json\n', script: ['a.sh', `printf '%s\\n' '${text}'\n`] });
  expect(ran).toMatchObject({ exitCode: 0, stdout: `${text}\n`, stderr: expect.stringMatching(warning) });
});

test('a result is found on the last line behind more than 1 MiB', () => {
  using at = temporaryDirectory();
  const script = 'yes "a line of a log" | head -c 2500000\necho\necho \'{"found": true}\'\n';
  const ran = run(at, { action: 'output_format: json\n', script: ['a.sh', script] });
  expect([ran.exitCode, ran.stdout.length > 2_500_000]).toEqual([0, true]);
  expect(ran.stderr).toContain('result: {"found":true}');
});

test('keys that dotenv cannot carry are refused, and no command is made of them', () => {
  using at = temporaryDirectory();
  const ran = run(at, {
    action:
      'parameter_delivery: file\nparameter_format: dotenv\nparameters: {a: {type: string}, o: {type: object, additionalProperties: {type: string}}}\n',
    script: ['a.sh', '. "$ATTUNE_PARAMETER_FILE"; echo "a=$a"\n'],
    parameters: { a: 'good', o: { [`k; touch ${at.path}/made #`]: 'v', 'x\na': 'evil' } },
  });
  expect(ran).toMatchObject({ stdout: '', stderr: expect.stringContaining('cannot be given as dotenv') });
  expect([ran.exitCode, existsSync(join(at.path, 'made'))]).toEqual([1, false]);
});

test('a shell script with the line ends of Windows is named before any of it runs, by packs validate too', () => {
  using at = temporaryDirectory();
  const script = 'read x <<<word\ny=$((1<<2))\necho "ran $x"\r\necho again\r\n';
  const ran = run(at, { action: '', script: ['a.sh', script] });
  expect(ran).toMatchObject({ stdout: '', stderr: expect.stringContaining('(CRLF) from line 3 on') });
  const checked = callAgent(['packs', 'validate', `${at.path}/packs/h`], { env: { PATH } });
  expect([checked.exitCode, checked.stderr]).toEqual([
    1,
    expect.stringContaining('actions/a.sh:3:1: it has the line ends'),
  ]);
});

/** A program that answers a version, and says which one runs. */
const program = (answer: string): string => `[ "$1" = --version ] && { echo "${answer}"; exit; }\necho "ran ${answer}"`;

test('a version is the text that stands in the file', () => {
  using at = temporaryDirectory();
  at.program('bin/python3', program('Python 3.10.14'));
  const action = 'runner_type: python\nruntime_version: 3.10\n';
  expect(run(at, { action, script: ['a.py', ''], bin: 'bin' })).toMatchObject({
    exitCode: 0,
    stdout: 'ran Python 3.10.14\n',
  });
});

test('a shim stands for the version that is asked for, whatever the file of the pack says, and the log names both', () => {
  using at = temporaryDirectory();
  const root = `${at.path}/home/.pyenv`;
  for (const version of ['3.11.7', '3.8.18'])
    at.program(`home/.pyenv/versions/${version}/bin/python3`, program(`Python ${version}`));
  const shim = `v=3.11.7; [ -f .python-version ] && v=$(cat .python-version)\nexec ${root}/versions/$v/bin/python3 "$@"`;
  at.program('home/.pyenv/shims/python3', shim);
  at.file('packs/h/.python-version', '3.8.18\n');
  const bin = 'home/.pyenv/shims';
  const asked = (action: string): Call =>
    run(at, { action: `runner_type: python\n${action}`, script: ['a.py', ''], bin });
  const ran = asked('runtime_version: "=3.11.7"\n');
  expect(ran).toMatchObject({ exitCode: 0, stdout: 'ran Python 3.11.7\n' });
  expect(ran.stderr).toMatch(/\.python-version says 3\.8\.18, and runtime_version says =3\.11\.7/);
  const checked = callAgent(['packs', 'validate', `${at.path}/packs/h`], { env: { PATH } });
  expect([checked.exitCode, checked.stderr]).toEqual([
    1,
    expect.stringContaining(
      'actions/a.yaml:3:18: runtime_version: .python-version of the pack says 3.8.18, and this wants =3.11.7',
    ),
  ]);
  expect(asked('')).toMatchObject({ exitCode: 0, stdout: 'ran Python 3.8.18\n' });
  at.program('home/.pyenv/versions/nightly/bin/python3', program('Python 3.16.0'));
  at.file('packs/h/.python-version', 'nightly\n');
  expect(asked('')).toMatchObject({
    exitCode: 0,
    stdout: 'ran Python 3.16.0\n',
    stderr: expect.not.stringContaining('says'),
  });
});

test('variables of version managers say where they lie and what runs, in scripts of other languages too', () => {
  using at = temporaryDirectory();
  for (const version of ['3.91.0', '3.90.0'])
    at.program(`manager/versions/${version}/bin/python3`, program(`Python ${version}`));
  at.program('shims/python3', 'exec "$PYENV_ROOT/versions/$PYENV_VERSION/bin/python3" "$@"');
  const manager = { PYENV_ROOT: `${at.path}/manager`, PYENV_VERSION: '3.90.0', RUSTUP_HOME: '/opt/rustup' };
  const env = { ...manager, MISE_GITHUB_TOKEN: 'secret', PATH: `${at.path}/shims:${PATH}`, HOME: at.path };
  const script = at.file('a.sh', 'python3; echo "$RUSTUP_HOME, $MISE_GITHUB_TOKEN"\n');
  expect(callAgent(['run', script], { env })).toMatchObject({ stdout: 'ran Python 3.90.0\n/opt/rustup, \n' });
  expect(callAgent(['run', at.file('a.py', '')], { env })).toMatchObject({ stdout: 'ran Python 3.90.0\n' });
});

/** Version managers as they lie on disk: the proxy on PATH, how it is linked to the program of the manager, the real one. */
const managers: Readonly<
  Record<string, readonly [proxy: string, manager: string, link: (to: string, at: string) => void, real: string]>
> = {
  ruby: ['.asdf/shims/ruby', '', linkSync, '.asdf/installs/ruby/9.8.7/bin/ruby'],
  rust: ['.cargo/bin/rustc', '.cargo/bin/rustup', linkSync, '.rustup/toolchains/stable/bin/rustc'],
  node: [
    '.volta/bin/node',
    '.volta/bin/volta-shim',
    (to, at) => symlinkSync(to, at),
    '.volta/tools/image/node/9.8.7/bin/node',
  ],
  lua: [
    '.local/share/mise/shims/lua',
    '.local/bin/mise',
    (to, at) => symlinkSync(to, at),
    '.local/share/mise/installs/lua/5.9.8/bin/lua',
  ],
};
const ANSWERS: Readonly<Record<string, string>> = {
  ruby: 'ruby 9.8.7p0 (2030-01-01 revision 0) [x86_64-linux]',
  rust: 'rustc 9.8.7 (000000000 2030-01-01)',
  node: 'v9.8.7',
  lua: 'Lua 5.9.8  Copyright (C) 1994-2030 Lua.org, PUC-Rio',
};

test('proxies of version managers are never run: the programs behind them are, also where they are hard links', () => {
  using at = temporaryDirectory();
  for (const [family, [proxy, manager, link, real]] of Object.entries(managers)) {
    const text = `echo '${ANSWERS[family]}'`;
    at.program(`home/${real}`, text);
    at.program(`home/${manager || proxy}`, text);
    if (manager === '') continue;
    mkdirSync(dirname(`${at.path}/home/${proxy}`), { recursive: true });
    link(`${at.path}/home/${manager}`, `${at.path}/home/${proxy}`);
  }
  const first = Object.values(managers).map(([proxy]) => dirname(`${at.path}/home/${proxy}`));
  const env = { PATH: [...first, PATH].join(':'), HOME: join(at.path, 'home') };
  const { stdout } = callAgent(['--detect-only', '-o', 'json'], { env });
  const { interpreters } = JSON.parse(stdout) as {
    interpreters: { name: string; path: string; is_default: boolean }[];
  };
  const defaults = interpreters.filter((one) => one.is_default && one.name in managers);
  expect(Object.fromEntries(defaults.map((one) => [one.name, one.path]))).toEqual(
    Object.fromEntries(Object.entries(managers).map(([family, row]) => [family, `${at.path}/home/${row[3]}`])),
  );
});

test('a first line that does not count is noted, and runs under a shell as by hand', () => {
  using at = temporaryDirectory();
  at.program('bin/uv', 'echo "uv $1 $2"');
  const script = ['a.py', '#!/usr/bin/env -S uv run --script\nprint("python")\n'] as const;
  const note = 'its first line names uv, and its runner_type is python, which decides: set runner_type: shell';
  const ran = run(at, { action: 'runner_type: python\n', script, bin: 'bin' });
  expect(ran).toMatchObject({ exitCode: 0, stdout: 'python\n', stderr: expect.stringContaining(note) });
  const checked = callAgent(['packs', 'validate', `${at.path}/packs/h`], { env: { PATH } });
  expect([checked.exitCode, checked.stderr]).toEqual([0, expect.stringContaining(`note: actions/a.py: ${note}`)]);
  const byHand = run(at, { action: 'runner_type: shell\n', script, bin: 'bin' });
  expect(byHand).toMatchObject({ exitCode: 0, stdout: 'uv run --script\n' });
});

test('packs validate notes keys that only another control plane uses, and names files that are not UTF-8', () => {
  using at = temporaryDirectory();
  at.file('h/pack.yaml', 'ref: h\nlicense: MIT\n');
  at.file('h/actions/a.sh', 'echo\n');
  const validate = (action: Uint8Array): Call => {
    at.file('h/actions/a.yaml', action);
    return callAgent(['packs', 'validate', `${at.path}/h`], { env: { PATH } });
  };
  const noted = validate(Buffer.from('entry_point: a.sh\n'));
  expect([noted.exitCode, noted.stderr]).toEqual([0, expect.stringContaining('pack.yaml: license: ')]);
  const flawed = validate(Buffer.from('entry_point: a.sh\nlable: x\n'));
  expect([flawed.exitCode, flawed.stderr.trim().split('\n')]).toEqual([
    1,
    [expect.stringContaining('lable: unknown key'), expect.stringMatching(/^note: pack\.yaml: license: /)],
  ]);
  for (const bytes of [Buffer.from('\ufeffentry_point: a.sh\n', 'utf16le'), Buffer.from('label: \xe9\n', 'latin1')])
    expect(validate(bytes)).toMatchObject({ exitCode: 1, stderr: expect.stringMatching(/a\.yaml.*save it as UTF-8/) });
});
