/** The standard streams of every foreign program are pipes, which it can open by name. */
import { afterAll, expect, test } from 'bun:test';
import { chmodSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { agentFile, callAgent } from '#test/support/agent.ts';
import { call } from '#test/support/call.ts';
import { withoutExecutableMemory } from '#test/support/deny.ts';
import { agentInRoot, rootEnv } from '#test/support/installers-root.ts';
import type { RootName } from '#test/support/root-file-systems.ts';
import { rootTest } from '#test/support/root-test.ts';
import { standalone } from '#test/support/standalone.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';

const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/root' };
const directory = temporaryDirectory();
chmodSync(directory.path, 0o755);
afterAll(() => directory[Symbol.dispose]());

const kinds = 'for n in 0 1 2; do readlink /proc/self/fd/$n; done';
const threePipes = /^(pipe:\[\d+\]\n){3}$/;

test('those of an action are pipes', () => {
  const script = directory.file('kinds.sh', kinds);
  expect(callAgent(['run', script], { env }).stdout).toMatch(threePipes);
});

test('those of a probe and of an installer are pipes', () => {
  const seen = join(directory.path, 'seen');
  /* Says that it is Python, and installs nothing; whatever it is asked for, it notes what its streams are. */
  directory.program(
    'bin/python3',
    `s=$(for n in 0 1 2; do readlink /proc/$$/fd/$n; done); printf '%s\\n' "$s" "$*" >>${seen}; echo Python 3.11.4; test "$1" != -m`,
  );
  directory.file('packs/snake/pack.yaml', 'ref: snake\nversion: 1.0.0\n');
  directory.file('packs/snake/requirements.txt', 'nothing==1.0\n');
  directory.file('packs/snake/actions/hiss.yaml', 'runner_type: python\nentry_point: hiss.py\n');
  directory.file('packs/snake/actions/hiss.py', '');
  const PATH = `${join(directory.path, 'bin')}:${env.PATH}`;
  const { stderr } = callAgent(['run', 'snake.hiss', '--packs', join(directory.path, 'packs')], {
    env: { ...env, PATH, ATTUNE_WORK_DIR: directory.path },
  });
  expect(stderr).toContain('snake');
  const notes = readFileSync(seen, 'utf8').match(/(pipe:\[\d+\]\n){3}.*\n/g) ?? [];
  expect(notes.join('')).toBe(readFileSync(seen, 'utf8'));
  expect(notes.some((note) => note.endsWith('--version\n'))).toBe(true);
  expect(notes.some((note) => note.includes('-m venv'))).toBe(true);
});

/** Each reads all of stdin by its name, and writes it to stdout by its name, and a line to stderr by its name. */
const byName: readonly (readonly [root: RootName, name: string, command: string])[] = [
  ['families', 'dash', `dash -c '. /dev/stdin; echo "x=$x" >/dev/stdout; echo err >/dev/stderr'`],
  ['families', 'bash', `bash -c '. /dev/stdin; echo "x=$x" >/dev/stdout; echo err >/dev/stderr'`],
  ['families', 'cat and tee', 'cat /dev/stdin >/dev/stdout; echo err | tee /dev/stderr >/dev/null'],
  [
    'families',
    'node',
    `node -e 'const f = require("fs"); f.writeFileSync("/dev/stdout", f.readFileSync("/dev/stdin")); f.writeFileSync("/dev/stderr", "err\\n")'`,
  ],
  [
    'families',
    'python',
    `python3 -c 'open("/dev/stdout", "w").write(open("/dev/stdin").read()); open("/dev/stderr", "w").write("err\\n")'`,
  ],
  [
    'families',
    'ruby',
    `ruby -e 'File.write("/dev/stdout", File.read("/dev/stdin")); File.write("/dev/stderr", "err\\n")'`,
  ],
  [
    'families',
    'perl',
    `perl -e 'open I, "</dev/stdin" or die $!; open O, ">/dev/stdout" or die $!; open E, ">/dev/stderr" or die $!; print O <I>; print E "err\\n"'`,
  ],
  /* PHP resolves /dev/stdin to a file name that does not exist, under every pipe: its own names are these. */
  [
    'more',
    'php',
    `php -r 'file_put_contents("php://stdout", file_get_contents("php://stdin")); file_put_contents("php://stderr", "err\\n");'`,
  ],
];

for (const [root, name, command] of byName)
  for (const user of ['', '65534:65534'])
    rootTest(`${name} opens them by name${user === '' ? '' : ' as execution_user'}`, () => {
      directory.file('h/pack.yaml', 'ref: h\nversion: 1.0.0\n');
      directory.file('h/actions/a.yaml', 'entry_point: a.sh\nparameter_format: dotenv\n');
      directory.file('h/actions/a.sh', `set -e\n${command}\n`);
      const packs = directory.path;
      const as = user === '' ? {} : { ATTUNE__WORKER__EXECUTION_USER: user };
      const done = call(agentInRoot(['run', 'h.a', '--packs', '/mnt', '-p', 'x=7'], { packs, root }), {
        env: { ...rootEnv, ...as },
      });
      expect(done.stdout).toMatch(/^x='?7'?\n$/);
      expect(done.stderr).toContain('err\n');
      expect(done.exitCode).toBe(0);
    });

test('without executable memory actions run all the same, and doctor says what is different', () => {
  const script = directory.file('both.sh', 'cat; echo err >&2; readlink /proc/self/fd/1');
  const run = (args: readonly string[]) => call(withoutExecutableMemory([agentFile, ...args]), { env });
  const done = run(['run', script, '-p', 'x=7']);
  expect([done.exitCode, done.stdout]).toEqual([0, expect.stringMatching(/^\{"x":"7"\}\npipe:\[\d+\]\n$/)]);
  expect(done.stderr).toContain('err\n');
  const { stdout } = run(['doctor', '--only', 'native functions']);
  expect(stdout).toContain('!     native functions  keepers of actions are made without a fork server');
  const usual = callAgent(['doctor', '--only', 'native functions'], { env });
  expect(usual.stdout).toContain('ok    native functions  keepers of actions are made by fork');
});

/** Writes to its streams in turns, each time when the agent has read what was written before (FIONREAD says 0). */
const inTurns = `exec perl -e '
sub put { my ($to, $text) = @_; syswrite $to, $text; my $left; do { ioctl $to, 0x541b, $left = pack "i", 0 } while unpack "i", $left }
for (1 .. 100) { put(STDOUT, "out $_\\n"); put(STDERR, "err $_\\n") }'
`;
const turns = Array.from({ length: 100 }, (_, i) => `out ${i + 1}\nerr ${i + 1}\n`).join('');

test('lines on stdout and stderr come out of run in the order in which they were written', () => {
  const script = directory.file('turns.sh', inTurns);
  const { stdout } = call(['sh', '-c', '"$@" 2>&1', 'sh', agentFile, 'run', script], { env });
  expect(stdout.slice(0, turns.length)).toBe(turns);
});

test('lines on stdout and stderr come out of the log in the order in which they were written', async () => {
  directory.file('turns/talk/pack.yaml', 'ref: talk\nversion: 1.0.0\n');
  directory.file('turns/talk/actions/turns.yaml', 'entry_point: turns.sh\n');
  directory.file('turns/talk/actions/turns.sh', inTurns);
  await using whole = await standalone(join(directory.path, 'data'), {
    ATTUNE_PACKS_DIR: join(directory.path, 'turns'),
  });
  const verb = (...args: readonly string[]) =>
    call(['sh', '-c', '"$@" 2>&1', 'sh', agentFile, ...args, '--api-url', whole.url], {
      env: { ...env, ATTUNE_API_TOKEN: whole.token ?? '' },
    });
  const id = verb('submit', 'talk.turns', '--detach').stdout.trim();
  expect(verb('logs', id, '--follow').stdout.slice(0, turns.length)).toBe(turns);
});
