/** How environments are built, whatever happens meanwhile: with an installer of the test's own, so that it can be slow or fail. */
import { expect, test } from 'bun:test';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { agentFile } from '#test/support/agent.ts';
import { type Call, call } from '#test/support/call.ts';
import { withMounts } from '#test/support/namespace.ts';
import { mountTest } from '#test/support/root-test.ts';
import { type TemporaryDirectory, temporaryDirectory } from '#test/support/temporary.ts';
import { eventually, until } from '#test/support/until.ts';

interface DemoPack extends TemporaryDirectory {
  env(): Record<string, string>;
  /** How often the installer was called. */
  installs(): number;
  /** How many environments in the making have their file already. */
  halves(): number;
  /** Names of what lies where the environments of the pack are kept. */
  kept(): readonly string[];
}

/** A pack `demo` whose installer is a shell script: $1 is the new environment, $2 the manifest. */
function demo(install: string): DemoPack {
  const directory = temporaryDirectory();
  const count = join(directory.path, 'installs');
  const script = `echo x >>${count}; ${install}`;
  directory.file('packs/demo/pack.yaml', 'ref: demo\nversion: 1.0.0\n');
  directory.file(
    'packs/demo/runtimes/shell.yaml',
    JSON.stringify({
      name: 'shell',
      execution_config: {
        environment: { env_type: 'own', dir_name: 'made', create_command: ['mkdir', '-p', '{env_dir}'] },
        dependencies: {
          manifest_file: 'deps.txt',
          install_command: ['sh', '-c', script, 'sh', '{env_dir}', '{manifest_path}'],
        },
        env_vars: { MADE: '{env_dir}', PATH: { value: '{env_dir}/bin', operation: 'prepend' } },
      },
    }),
  );
  directory.file('packs/demo/deps.txt', 'one\n');
  directory.file('packs/demo/actions/show.yaml', 'entry_point: show.sh\n');
  directory.file('packs/demo/actions/show.sh', 'echo "made: $(cat "$MADE/made")"\n');
  return {
    ...directory,
    env: () => ({
      PATH: '/usr/bin:/bin',
      ATTUNE_PACKS_DIR: join(directory.path, 'packs'),
      ATTUNE_RUNTIME_ENVS_DIR: join(directory.path, 'environments'),
    }),
    installs: () => (existsSync(count) ? readFileSync(count, 'utf8').length / 2 : 0),
    halves: () => [...new Bun.Glob('environments/demo/.*/**/made').scanSync({ cwd: directory.path, dot: true })].length,
    kept: () => readdirSync(join(directory.path, 'environments/demo')),
  };
}

const COPY = 'cat "$2" >"$1/made"';

const show = (env: Record<string, string>): Call => call([agentFile, 'run', 'demo.show', '--format', 'json'], { env });
const errorOf = ({ stdout }: Call): string => JSON.parse(stdout).error;

/** As a process of its own, which can be killed. */
function start(env: Record<string, string>) {
  return Bun.spawn([agentFile, 'run', 'demo.show'], { env, stdin: 'ignore', stdout: 'ignore', stderr: 'ignore' });
}

test('an environment is built once, published as a link, and found by what it was made of', () => {
  using pack = demo(COPY);
  for (const text of ['one', 'one', 'two', 'one']) {
    pack.file('packs/demo/deps.txt', `${text}\n`);
    const shown = show(pack.env());
    expect([shown.exitCode, JSON.parse(shown.stdout).stdout]).toEqual([0, `made: ${text}\n`]);
  }
  expect(pack.installs()).toBe(2);
  expect(pack.kept()).toHaveLength(4);
  expect(pack.kept().filter((name) => !name.startsWith('.'))).toHaveLength(2);
});

test('ten processes that need it at once build it once', async () => {
  using pack = demo(`sleep 0.5; ${COPY}`);
  const all = Array.from({ length: 10 }, () => start(pack.env()));
  const codes = await Promise.all(all.map((one) => one.exited));
  expect([codes, pack.installs()]).toEqual([Array.from({ length: 10 }, () => 0), 1]);
}, 120_000);

test('killed with -9 in the middle, nothing of it is used: the next one builds it anew, and tidies up', async () => {
  using pack = demo(`echo half >"$1/made"; sleep 1.5; ${COPY}`);
  const first = start(pack.env());
  await until('half of it is made', () => pack.halves() === 1);
  first.kill('SIGKILL');
  await first.exited;
  expect(pack.kept().filter((name) => /^\.shell.*[0-9a-f]$/.test(name))).toHaveLength(1);
  const shown = show(pack.env());
  expect([JSON.parse(shown.stdout).stdout, pack.installs()]).toEqual(['made: one\n', 2]);
  expect(pack.kept()).toHaveLength(2);
}, 120_000);

test('interrupted in the middle, it is nobody’s failure: the next one builds it at once', async () => {
  using pack = demo(`sleep 3; ${COPY}`);
  const first = start(pack.env());
  await until('it installs', () => pack.installs() === 1);
  first.kill('SIGINT');
  expect(await first.exited).toBe(130);
  expect(pack.kept()).toEqual([]);
  expect(JSON.parse(show(pack.env()).stdout).stdout).toBe('made: one\n');
}, 120_000);

test('an installer that takes too long is ended, and what it started too', () => {
  using pack = demo('sleep 60 & wait');
  const shown = show({ ...pack.env(), ATTUNE__ENVIRONMENTS__INSTALL_TIMEOUT: '0.5' });
  expect([shown.exitCode, errorOf(shown)]).toEqual([
    1,
    'not started: own failed for deps.txt of pack demo: it took longer than 0.5 s (environments.install_timeout)',
  ]);
  expect(pack.kept().filter((name) => !name.endsWith('.failed'))).toEqual([]);
}, 120_000);

test('a failure is tried again after a pause', async () => {
  using pack = demo(`[ -e "$2.ok" ] || { echo 'Error: the mirror is away' >&2; exit 3; }; ${COPY}`);
  expect(errorOf(show(pack.env()))).toBe(
    'not started: own failed for deps.txt of pack demo: Error: the mirror is away',
  );
  expect(errorOf(show(pack.env()))).toContain('tried not long ago');
  expect(pack.installs()).toBe(1);
  const again = await eventually(
    'the pause is over',
    async () => errorOf(show(pack.env())),
    (error) => !error.includes('tried not long ago'),
  );
  expect(again).toBe('not started: own failed for deps.txt of pack demo: Error: the mirror is away');
  expect([pack.installs(), errorOf(show(pack.env()))]).toEqual([2, expect.stringMatching(/again in ([6-9]|10) s/)]);
}, 120_000);

mountTest(
  'a full disk fails with its name, and leaves nothing',
  () => {
    using pack = demo(COPY);
    pack.file('packs/demo/big.bin', Buffer.alloc(3_000_000, 7));
    const { ATTUNE_RUNTIME_ENVS_DIR: root = '', ...env } = pack.env();
    pack.file('environments/.keep', '');
    const script = `"$1" run demo.show --format json; ls -A ${root} ${root}/demo | grep -v failed; mount -o remount,size=20m ${root}; rm -f ${root}/demo/*.failed; "$1" run demo.show --format json`;
    const command = withMounts(`mount -t tmpfs -o size=1m none ${root}`, ['sh', '-c', script, 'sh', agentFile]);
    const { stdout } = call(command, {
      env: { ...env, PATH: '/usr/sbin:/usr/bin:/sbin:/bin', ATTUNE_RUNTIME_ENVS_DIR: root },
    });
    expect(stdout).toContain(`no space is left in ${root} (ENOSPC): free some, or remove environments`);
    expect(stdout).toContain('made: one');
    expect(stdout).not.toMatch(/^\.shell/m);
  },
  120_000,
);

mountTest(
  'a volume that can only be read does for what is on it, and says what to do about the rest',
  () => {
    using pack = demo(COPY);
    const { ATTUNE_RUNTIME_ENVS_DIR: root = '', ...env } = pack.env();
    const built = call([agentFile, 'environments', 'build', 'demo'], { env: pack.env() });
    expect([built.exitCode, built.stdout]).toEqual([0, '✔ demo.show\n']);
    const readOnly = (): Call =>
      call(
        withMounts(`mount --bind ${root} ${root}; mount -o remount,bind,ro ${root}`, [
          agentFile,
          'run',
          'demo.show',
          '--format',
          'json',
        ]),
        {
          env: { ...env, PATH: '/usr/sbin:/usr/bin:/sbin:/bin', ATTUNE_RUNTIME_ENVS_DIR: root },
        },
      );
    expect(JSON.parse(readOnly().stdout)).toMatchObject({ succeeded: true, stdout: 'made: one\n' });
    pack.file('packs/demo/deps.txt', 'two\n');
    expect(errorOf(readOnly())).toMatch(
      /^not started: the own environment of pack demo is not there, and .* cannot be written \(EROFS\): mount a writable volume there, name another directory with ATTUNE_RUNTIME_ENVS_DIR/,
    );
  },
  120_000,
);

test('they are listed, removed when nobody uses them, and built again', () => {
  using pack = demo(COPY);
  show(pack.env());
  const verb = (...args: readonly string[]): Call => call([agentFile, 'environments', ...args], { env: pack.env() });
  expect(verb('list', '-o', 'wide').stdout).toMatch(
    /^PACK +BY +NAME +SIZE +LAST USED\ndemo 1\.0\.0 +own +shell-\S+ +0\.0 MB +2/,
  );
  const { environments } = JSON.parse(verb('list', '--format', 'json').stdout);
  expect(environments).toMatchObject([{ pack: 'demo', packVersion: '1.0.0', recipe: 'own', runtime: 'shell' }]);
  expect(verb('prune').stdout).toBe('none\n');
  expect(verb('prune', '--days', 'x')).toMatchObject({ exitCode: 2 });
  expect(verb('prune', '--all').stdout).toMatch(/^REMOVED\n\/.*\/demo\/shell-/);
  expect([verb('list').stdout, pack.kept()]).toEqual(['none\n', []]);
  expect(JSON.parse(show(pack.env()).stdout).stdout).toBe('made: one\n');
  expect(verb('build', 'nowhere')).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('nothing of nowhere in'),
  });
});

test('what an installer needs of the container reaches it, and no action', () => {
  using pack = demo(`env | sort >"$1/made"`);
  pack.file('packs/demo/actions/show.sh', 'cat "$MADE/made"; echo "action: $PIP_INDEX_URL$HTTPS_PROXY$DATABASE"\n');
  const secrets = {
    PIP_INDEX_URL: 'https://u:secret@mirror.example/',
    HTTPS_PROXY: 'http://proxy:1',
    DATABASE: 'secret',
  };
  const { stdout } = JSON.parse(show({ ...pack.env(), ...secrets }).stdout);
  expect(stdout).toContain('PIP_INDEX_URL=https://u:secret@mirror.example/\n');
  expect(stdout).toContain('HTTPS_PROXY=http://proxy:1\n');
  expect(stdout).not.toContain('DATABASE=');
  expect(stdout).toEndWith('action: \n');
});

test('a package of the npm registry, as its lock says', () => {
  using directory = temporaryDirectory();
  directory.file('packs/real/pack.yaml', 'ref: real\nversion: 1.0.0\n');
  directory.file('packs/real/package.json', '{"dependencies":{"is-number":"7.0.0"}}');
  directory.file('packs/real/actions/ask.yaml', 'runner_type: node\nentry_point: ask.cjs\noutput_format: json\n');
  directory.file('packs/real/actions/ask.cjs', "console.log(require('is-number')('7'))\n");
  const env = {
    ...process.env,
    ATTUNE_PACKS_DIR: join(directory.path, 'packs'),
    ATTUNE_RUNTIME_ENVS_DIR: join(directory.path, 'environments'),
  } as Record<string, string>;
  const ran = call([agentFile, 'run', 'real.ask', '--format', 'json'], { env });
  expect({ ...ran, stdout: JSON.parse(ran.stdout) }).toMatchObject({ exitCode: 0, stdout: { data: true } });
}, 120_000);

test('a library of Maven Central, as the project says', () => {
  using directory = temporaryDirectory();
  directory.file('packs/central/pack.yaml', 'ref: central\nversion: 1.0.0\n');
  directory.file(
    'packs/central/pom.xml',
    `<project><modelVersion>4.0.0</modelVersion><groupId>x</groupId><artifactId>x</artifactId><version>1</version>
      <dependencies><dependency><groupId>commons-cli</groupId><artifactId>commons-cli</artifactId><version>1.9.0</version></dependency></dependencies>
    </project>`,
  );
  directory.file('packs/central/actions/ask.yaml', 'runner_type: java\nentry_point: Ask.java\noutput_format: json\n');
  directory.file(
    'packs/central/actions/Ask.java',
    'import org.apache.commons.cli.Option;\n\nrecord Ask() {\n    public static void main(String[] a) {\n        System.out.println("\\"" + new Option("x", "an option").getDescription() + "\\"");\n    }\n}\n',
  );
  const env = {
    ...process.env,
    ATTUNE_PACKS_DIR: join(directory.path, 'packs'),
    ATTUNE_RUNTIME_ENVS_DIR: join(directory.path, 'environments'),
  } as Record<string, string>;
  const ran = call([agentFile, 'run', 'central.ask', '--format', 'json'], { env });
  expect({ ...ran, stdout: JSON.parse(ran.stdout) }).toMatchObject({ exitCode: 0, stdout: { data: 'an option' } });
}, 300_000);
