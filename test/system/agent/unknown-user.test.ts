/** Actions as a user whom the container does not know, as OpenShift makes them up: tools work that need a home directory. */
import { expect } from 'bun:test';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { agentFile } from '#test/support/agent.ts';
import { type Call, call } from '#test/support/call.ts';
import { agentInRoot, rootEnv } from '#test/support/installers-root.ts';
import { rootTest as test } from '#test/support/root-test.ts';
import { type TemporaryDirectory, temporaryDirectory } from '#test/support/temporary.ts';

const UID = '4711';
/** Of what names no home directory that this user can write to. */
const homes: readonly Readonly<Record<string, string>>[] = [
  { HOME: '/' },
  { HOME: '/root' },
  { HOME: '/no/such/directory' },
  { HOME: '/dev/null' },
  { HOME: 'relative' },
  {},
];

/** A script that anybody may read, run by a stranger on this machine. */
function run(
  directory: TemporaryDirectory,
  script: string,
  home: Readonly<Record<string, string>> = { HOME: '/' },
): Call {
  chmodSync(directory.path, 0o755);
  const file = directory.file('a.sh', script);
  return asStranger(['run', file, '--format', 'json'], { home, cwd: '/' });
}

function asStranger(
  args: readonly string[],
  { home, cwd }: { readonly home: Readonly<Record<string, string>>; readonly cwd: string },
): Call {
  const stranger = ['setpriv', '--reuid', UID, '--regid', '0', '--clear-groups', 'env', '-i', 'PATH=/usr/bin:/bin'];
  const variables = Object.entries(home).map(([name, value]) => `${name}=${value}`);
  return call([...stranger, ...variables, agentFile, ...args], { cwd });
}

for (const home of homes)
  test(`with ${JSON.stringify(home)} an execution has a private home that goes with it`, () => {
    using directory = temporaryDirectory();
    const ran = run(
      directory,
      'set -e; stat -c "%a %u" "$HOME"; touch "$HOME/x"; [ ~ = "$HOME" ]; echo "$HOME"\n',
      home,
    );
    const [mode, path = ''] = (JSON.parse(ran.stdout) as { stdout: string }).stdout.trim().split('\n');
    expect(mode).toBe(`700 ${UID}`);
    expect(call(['ls', path]).exitCode).not.toBe(0);
  });

test('a home that can be written to is taken as it is', () => {
  using directory = temporaryDirectory();
  using home = temporaryDirectory();
  chmodSync(home.path, 0o777);
  const ran = run(directory, 'echo "$HOME"; touch "$HOME/kept"\n', { HOME: home.path });
  expect(JSON.parse(ran.stdout)).toMatchObject({ stdout: `${home.path}\n` });
  expect(call(['ls', home.path]).stdout).toBe('kept\n');
});

test('a file or a directory of a pack that cannot be read breaks that pack alone, and is named', () => {
  using at = temporaryDirectory();
  chmodSync(at.path, 0o755);
  for (const name of ['good', 'odd']) {
    at.file(`packs/${name}/pack.yaml`, `ref: ${name}\nversion: 1.0.0\n`);
    at.file(`packs/${name}/actions/a.yaml`, 'entry_point: a.sh\n');
    at.file(`packs/${name}/actions/a.sh`, 'echo ran\n');
  }
  const asked = (...args: readonly string[]): Call => asStranger(args, { home: { HOME: '/' }, cwd: at.path });
  chmodSync(at.file('packs/odd/notes.txt', ''), 0o640);
  call(['chgrp', '1', join(at.path, 'packs/odd/notes.txt')]);
  const flaw = 'packs/odd/notes.txt: permission denied\n';
  expect(asked('packs', 'validate', 'packs/odd')).toMatchObject({ exitCode: 1, stderr: `attune-agent: ${flaw}` });
  expect(asked('environments', 'build').stderr).toContain(`${at.path}/${flaw}`);
  call(['chgrp', '-R', '1', join(at.path, 'packs/odd/actions')]);
  chmodSync(join(at.path, 'packs/odd/actions'), 0o750);
  const unread = `${at.path}/packs/odd/actions cannot be read: permission denied\n`;
  expect(asked('run', 'odd.a')).toMatchObject({ exitCode: 2, stderr: `attune-agent: ${unread}` });
  expect(asked('run', 'good.a')).toMatchObject({ exitCode: 0, stdout: 'ran\n' });
});

test('git commits, clones and keeps its configuration', () => {
  using directory = temporaryDirectory();
  const ran = run(
    directory,
    `set -e
git config --global user.name Ada; git config --global user.email ada@example.com
git init -q "$TMPDIR/one"; cd "$TMPDIR/one"; echo x >x; git add x; git commit -qm first
git clone -q "$TMPDIR/one" "$TMPDIR/two"; git -C "$TMPDIR/two" log --format='%an %s'
`,
  );
  expect(JSON.parse(ran.stdout)).toMatchObject({ succeeded: true, stdout: 'Ada first\n' });
});

test('npm and pip find a place for their caches and for what they install', () => {
  using directory = temporaryDirectory();
  directory.file('package/package.json', '{"name":"tiny","version":"1.0.0"}');
  directory.file(
    'project/setup.py',
    "from setuptools import setup\nsetup(name='tiny', version='1.0.0', py_modules=[])\n",
  );
  const ran = run(
    directory,
    `set -e
cd "$TMPDIR"; npm pack --silent ${directory.path}/package; npm config set fund false; npm install --silent ./tiny-1.0.0.tgz; ls node_modules
npm install --silent --global --prefix "$HOME/.local" ./tiny-1.0.0.tgz; ls "$HOME/.local/lib/node_modules"
python3 -m pip config set global.timeout 5 >/dev/null; python3 -m pip cache dir | sed "s|$HOME|HOME|"
`,
  );
  expect(JSON.parse(ran.stdout)).toMatchObject({
    succeeded: true,
    stdout: 'tiny-1.0.0.tgz\ntiny\ntiny\nHOME/.cache/pip\n',
  });
});

const unnamed = [
  ['ssh', 'ssh -o BatchMode=yes nobody@localhost true\n', UID],
  ['git by way of it', 'git clone -q ssh://nobody@localhost/x "$TMPDIR/x"\n', UID],
  ['whoami', 'whoami\n', UID],
  ['Python', 'exec python3 -c "import getpass; getpass.getuser()"\n', UID],
  ['Node.js', `exec node -e 'require("os").userInfo()'\n`, 'UID'],
] as const;
for (const [what, script, uid] of unnamed)
  test(`what must know the name of its user fails with what mends it: ${what}`, () => {
    using directory = temporaryDirectory();
    const advice = `(its user needs a name: add a line such as 'agent:x:${uid}:0::/tmp:/bin/sh' to /etc/passwd of the image)`;
    expect((JSON.parse(run(directory, script).stdout) as { error: string }).error).toEndWith(advice);
  });

/** In the root with installers, whose /etc/passwd does not know the user either. */
function runInRoot(script: string): Call {
  using packs = temporaryDirectory();
  packs.file('demo/pack.yaml', 'ref: demo\nversion: 1.0.0\n');
  packs.file('demo/actions/a.yaml', 'entry_point: a.sh\n');
  packs.file('demo/actions/a.sh', script);
  return call(agentInRoot(['run', 'demo.a', '--format', 'json'], { packs: packs.path, user: `${UID}:0` }), {
    env: { PATH: rootEnv.PATH, HOME: '/', ATTUNE_PACKS_DIR: '/mnt' },
  });
}

const inRoot: Readonly<Record<string, readonly [string, string]>> = {
  'R installs into the library of its user': [
    `mkdir -p "$TMPDIR/tiny/R"; cd "$TMPDIR"
printf 'Package: tiny\\nVersion: 1.0.0\\nTitle: T\\nDescription: D.\\nLicense: MIT\\nAuthor: A\\nMaintainer: A <a@example.com>\\n' >tiny/DESCRIPTION
echo 'export(f)' >tiny/NAMESPACE; echo 'f <- function() cat("from tiny\\n")' >tiny/R/f.R
mkdir "$HOME/library"; R CMD INSTALL --library="$HOME/library" tiny >/dev/null 2>&1; Rscript -e 'library(tiny, lib.loc = "~/library"); f()'`,
    'from tiny\n',
  ],
  'go builds and runs': [
    `mkdir "$TMPDIR/m"; cd "$TMPDIR/m"; go mod init m 2>/dev/null
printf 'package main\\nfunc main() { print("") ; println("x") }\\n' >m.go; go run . 2>&1; go env GOCACHE | sed "s|$HOME|HOME|"`,
    'x\nHOME/.cache/go-build\n',
  ],
  'cargo builds': [
    `cargo init --quiet --vcs none --name m "$TMPDIR/m"; cd "$TMPDIR/m"; cargo run --quiet --offline`,
    'Hello, world!\n',
  ],
  'composer keeps its configuration': [
    'composer --quiet --no-interaction config --global process-timeout 7; composer config --global process-timeout',
    '7\n',
  ],
  'python makes a virtual environment, and pip installs for its user': [
    `python3 -m venv "$HOME/venv"; "$HOME/venv/bin/pip" list --disable-pip-version-check --format freeze | grep -c '^pip='; python3 -m site --user-base | sed "s|$HOME|HOME|"`,
    '1\nHOME/.local\n',
  ],
  'gem installs for its user': ['ruby -e "puts Gem.user_dir" | sed "s|$HOME/.*|HOME|"', 'HOME\n'],
  'cpanm has a place to build in': ['cpanm --version >/dev/null; ls -A "$HOME" | tr "\\n" " "; echo', '.cpanm \n'],
};

for (const [title, [script, stdout]] of Object.entries(inRoot))
  test(title, () => {
    const ran = runInRoot(`set -e\n${script}\n`);
    const result = JSON.parse(ran.stdout || '{}');
    expect({ ...result, log: ran.stderr }).toMatchObject({ succeeded: true, stdout });
  }, 120_000);

test('the doctor says which home directory executions have', () => {
  const stranger = ['setpriv', '--reuid', UID, '--regid', '0', '--clear-groups'];
  const user = (env: Readonly<Record<string, string>>): unknown =>
    (
      JSON.parse(call([...stranger, agentFile, 'doctor', '--format', 'json'], { env, cwd: '/' }).stdout) as {
        findings: readonly { check: string; what: string }[];
      }
    ).findings.find((one) => one.check === 'user')?.what;
  const PATH = '/usr/bin:/bin';
  const unknown = `uid ${UID} has no entry in /etc/passwd`;
  const end = 'executions get private ones, removed at their end';
  expect(user({ PATH, HOME: '/' })).toBe(`${unknown}; HOME=/ cannot be written to: ${end}`);
  expect(user({ PATH })).toBe(`${unknown}; HOME is not set: ${end}`);
  expect(user({ PATH, HOME: '/tmp' })).toBe(unknown);
});
