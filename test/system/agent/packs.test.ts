/** The verbs for authors of packs, which need no server. */
import { expect, test } from 'bun:test';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv from 'ajv/dist/2020';
import { parse } from 'yaml';
import { ACTION_VARIABLES } from '#domain/action-variables.ts';
import { agentFile, callAgent } from '#test/support/agent.ts';
import { type Call, call } from '#test/support/call.ts';
import { projectRoot } from '#test/support/project.ts';
import { type TemporaryDirectory, temporaryDirectory } from '#test/support/temporary.ts';
import { until } from '#test/support/until.ts';

const attune = (at: TemporaryDirectory, ...args: readonly string[]): Call => callAgent(args, { cwd: at.path });

test.each(['shell', 'python', 'node', 'perl'])('a new pack for %s runs and passes its test cases', (runtime) => {
  using at = temporaryDirectory();
  const made = attune(at, 'packs', 'new', 'fresh', '--runtime', runtime);
  expect(made.stdout.split('\n')).toContain('packs/fresh/actions/hello.yaml');
  const run = /attune-agent\S* (run .*)/.exec(made.stderr)?.[1]?.split(' ') ?? [];
  expect(attune(at, ...run)).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('Hello, Ann!') });
  const tested = attune(at, 'packs', 'test', 'packs/fresh');
  expect([tested.exitCode, tested.stderr, tested.stdout.match(/^ok \d/gm)?.length]).toEqual([0, '', 3]);
});

test('a new pack takes its runtime by any name that actions may give it', () => {
  using at = temporaryDirectory();
  expect(attune(at, 'packs', 'new', 'fresh', '--runtime', 'bash')).toMatchObject({ exitCode: 0 });
  expect(readFileSync(join(at.path, 'packs/fresh/actions/hello.yaml'), 'utf8')).toContain('runner_type: shell\n');
  expect(attune(at, 'packs', 'new', 'other', '--runtime', 'golang')).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining("--runtime: 'golang' is none of shell, python, node, ruby, perl, php\n"),
  });
});

test('a file for the directory of packs is refused in a sentence, also by a whole Attune', () => {
  using at = temporaryDirectory();
  at.file('file', '');
  const refusal = (...args: readonly string[]): Call => attune(at, ...args, '--packs', 'file');
  const sentence = `${join(at.path, 'file')} cannot be read: not a directory`;
  expect(refusal('run', 'a.b').stderr).toBe(`attune-agent: ${sentence}; choose another directory with --packs\n`);
  expect(refusal('environments', 'build').stderr).toContain(`attune-agent: ${sentence}\n`);
  expect(refusal('--standalone', '--port', '0', '--data', 'data')).toMatchObject({
    exitCode: 78,
    stderr: `attune-agent: packs_base_dir: ${sentence}\n`,
  });
  for (const verb of ['validate', 'test', 'dev'])
    expect(attune(at, 'packs', verb, 'file')).toMatchObject({
      exitCode: 1,
      stderr: 'attune-agent: file is no directory of a pack\n',
    });
});

test('what the README of a new pack says runs as it stands, by the name it was made with, wherever its packs are', () => {
  using at = temporaryDirectory();
  attune(at, 'packs', 'new', 'fresh', '--packs', 'my packs');
  const readme = readFileSync(join(at.path, 'my packs/fresh/README.md'), 'utf8');
  const lines = /```sh\n(.*)\n```/s.exec(readme)?.[1]?.split('\n') ?? [];
  expect(lines.map((line) => line.replace(/ {2,}#.*/, ''))).toEqual([
    `${agentFile} run fresh.hello -p name=Ann --packs 'my packs'`,
    `${agentFile} packs test 'my packs/fresh'`,
    `${agentFile} packs install 'my packs/fresh'`,
  ]);
  for (const line of lines.slice(0, 2))
    expect(call(['sh', '-c', line], { cwd: at.path })).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/Hello, Ann!|^ok 1/m),
    });
});

test('on a terminal the summary begins a line, also after output that has not ended its own', () => {
  using at = temporaryDirectory();
  at.file('half.sh', 'printf half\n');
  const command = `'${agentFile}' run half.sh`;
  const { stdout } = call(['script', '--quiet', '--command', command, '/dev/null'], { cwd: at.path });
  expect(stdout.replaceAll('\r', '')).toMatch(/half\n.*half\.sh succeeded/);
});

test('nothing that is there is replaced by a new pack', () => {
  using at = temporaryDirectory();
  at.file('packs/fresh/mine', 'text');
  expect(attune(at, 'packs', 'new', 'fresh')).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('is there'),
  });
  expect(readdirSync(join(at.path, 'packs/fresh'))).toEqual(['mine']);
  expect(attune(at, 'packs', 'new', '../up')).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('letters'),
  });
});

test('packs validate says all of it to programs, and a script is run by the runtime that is named', () => {
  using at = temporaryDirectory();
  attune(at, 'packs', 'new', 'fresh');
  expect(JSON.parse(attune(at, 'packs', 'validate', 'packs/fresh', '-o', 'json').stdout)).toMatchObject({
    ok: true,
    actions: ['fresh.hello'],
    flaws: [],
  });
  at.file('packs/fresh/actions/hello.yaml', 'entry_point: hello.sh\nlable: x\n');
  const wrong = attune(at, 'packs', 'validate', 'packs/fresh', '-o', 'yaml');
  expect([wrong.exitCode, wrong.stderr, parse(wrong.stdout)]).toEqual([
    1,
    '',
    expect.objectContaining({
      ok: false,
      flaws: [
        expect.objectContaining({
          file: 'packs/fresh/actions/hello.yaml',
          line: 2,
          message: expect.stringContaining('label'),
        }),
      ],
    }),
  ]);
  at.file('plain', 'echo plain\n');
  expect(attune(at, 'run', 'plain', '--runtime', 'sh')).toMatchObject({ exitCode: 0, stdout: 'plain\n' });
  expect(attune(at, 'run', 'plain').stderr).toContain('say it with --runtime');
  expect(attune(at, 'run', 'fresh.hello', '--runtime', 'sh')).toMatchObject({ exitCode: 2, stdout: '' });
});

test('a manifest that cannot be read is said in words of this program, and the variables are those of the documents', () => {
  using at = temporaryDirectory();
  attune(at, 'packs', 'new', 'fresh', '--runtime', 'python');
  at.file('packs/fresh/pyproject.toml', '[project\n');
  expect(attune(at, 'run', 'fresh.hello').stderr).toContain("pack fresh: it cannot be read as TOML: expected ']'");
  const many = Array.from({ length: 30_000 }, (_, index) => `key${index} = 1\n`).join('');
  at.file('packs/fresh/pyproject.toml', `[project]\n${many}`);
  expect(attune(at, 'run', 'fresh.hello').stderr).toContain(
    'pyproject.toml of pack fresh: its table [project] has more than 1000 keys',
  );
  at.file('packs/fresh/pyproject.toml', `[project]\n[tool.x]\n${many}${'#'.repeat(512 * 1024)}`);
  expect(attune(at, 'run', 'fresh.hello').stderr).toContain('pyproject.toml of pack fresh: it is larger than 512 KiB');
  attune(at, 'packs', 'new', 'other', '--runtime', 'node');
  at.file('packs/other/package.json', 'nonsense');
  expect(attune(at, 'run', 'other.hello').stderr).toContain("pack other: 'nonsense' is not a value of JSON");
  at.file('packs/plain/pack.yaml', 'ref: plain\n');
  at.file('packs/plain/actions/show.yaml', 'entry_point: show.sh\nparameter_delivery: file\n');
  at.file('packs/plain/actions/show.sh', 'env | sed -n "s/^\\(ATTUNE_[A-Z_]*\\|TMPDIR\\)=.*/\\1/p" | sort\n');
  const ofServers = ['ATTUNE_API_TOKEN', 'ATTUNE_API_URL'];
  const documented = Object.keys(ACTION_VARIABLES).filter((name) => !ofServers.includes(name));
  expect(attune(at, 'run', 'plain.show').stdout.trim().split('\n')).toEqual(documented.toSorted());
});

test('a case that fails says what differs and shows the log, as TAP and as JUnit XML', () => {
  using at = temporaryDirectory();
  attune(at, 'packs', 'new', 'fresh');
  at.file('packs/fresh/tests/hello.yaml', 'cases:\n  - { name: is rude, log: Go away, status: failed }\n');
  const tap = attune(at, 'packs', 'test', 'packs/fresh');
  expect([tap.exitCode, tap.stdout]).toEqual([1, expect.stringContaining('not ok 1 - fresh.hello: is rude')]);
  expect(tap.stdout).toContain('status: expected failed, got completed');
  expect(tap.stdout).toContain('Hello, World!');
  const junit = attune(at, 'packs', 'test', 'packs/fresh', '--format', 'junit');
  expect([junit.exitCode, junit.stdout]).toEqual([1, expect.stringContaining('<failure message="status: expected')]);
  at.file('packs/fresh/actions/hello.yaml', 'entry_pont: hello.sh\n');
  expect(attune(at, 'packs', 'test', 'packs/fresh')).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('entry_point'),
  });
});

test('the schemas for editors accept the files of the sample pack, and refuse a key that is mistyped', () => {
  using at = temporaryDirectory();
  const validator = (kind: string) => new Ajv({ strict: false }).compile(JSON.parse(attune(at, 'schema', kind).stdout));
  const sample = join(projectRoot, 'test/packs/sample');
  const read = (path: string): unknown => parse(readFileSync(join(sample, path), 'utf8'));
  expect(validator('pack')(read('pack.yaml'))).toBe(true);
  expect(validator('pack')({ ref: 'a', version: 1.1, 'x-note': [] })).toBe(true);
  expect(validator('pack')({ ref: 'a', lable: 'A' })).toBe(false);
  const isAction = validator('action');
  const actions = readdirSync(join(sample, 'actions')).filter((name) => name.endsWith('.yaml'));
  expect(actions.filter((name) => !isAction(read(`actions/${name}`)))).toEqual([]);
  expect(actions.length).toBeGreaterThan(5);
  expect(isAction({ entry_point: 'a.sh', paramters: {} })).toBe(false);
  expect(validator('config')({ worker: { name: 'a', max_concurrent_tasks: 2 } })).toBe(true);
  expect(validator('config')({ worker: { nam: 'a' } })).toBe(false);
});

test('dev runs an action again after a change, and says what is wrong', async () => {
  using at = temporaryDirectory();
  attune(at, 'packs', 'new', 'demo', '--runtime', 'shell');
  at.file('packs/demo/actions/hello.sh', 'echo first\n');
  const log = join(at.path, 'log');
  const child = Bun.spawn([agentFile, 'packs', 'dev', 'packs/demo', '--action', 'hello'], {
    cwd: at.path,
    env: { PATH: '/usr/bin:/bin', HOME: at.path },
    stdin: 'ignore',
    stdout: Bun.file(log),
    stderr: Bun.file(join(at.path, 'errors')),
  });
  const says = (name: string, text: string) =>
    until(`${name} has ${text}`, async () => readFileSync(join(at.path, name), 'utf8').includes(text), 120_000);
  await says('log', 'first');
  at.file('packs/demo/actions/hello.sh', 'echo second\n');
  await says('log', 'second');
  at.file('packs/demo/actions/hello.yaml', 'entry_point: hello.sh\nrunner_type: shel\n');
  await says('errors', "'shel' is no runtime the agent knows; did you mean shell?");
  child.kill('SIGINT');
  expect(await child.exited).toBe(130);
}, 400_000);

test('validate says all that is wrong at once, with its place and what is allowed', () => {
  using at = temporaryDirectory();
  attune(at, 'packs', 'new', 'demo', '--runtime', 'shell');
  at.file('packs/demo/pack.yaml', 'ref: demo\nversion: banana\n');
  at.file(
    'packs/demo/actions/broken.yaml',
    'lable: x\nrunner_type: pyhton\nentry_point: helo.sh\noutput_format: jsno\nparameters: { a: { enum: abc } }\nworker_selector: { a: 1 }\noutput: { x: { minimum: 12345678901234567890 } }\n',
  );
  at.file('packs/demo/actions/snake.yaml', 'runner_type: python\nentry_point: snake.py\n');
  at.file('packs/demo/actions/snake.py', 'x = 1\nif x\n');
  at.file('packs/demo/tests/broke.yaml', 'cases: []\n');
  const { exitCode, stderr } = attune(at, 'packs', 'validate', 'packs/demo');
  expect([exitCode, stderr.trim().split('\n').toSorted()]).toEqual([
    1,
    [
      'attune-agent: packs/demo/actions/broken.yaml:1:1: lable: unknown key; did you mean label?',
      "attune-agent: packs/demo/actions/broken.yaml:2:14: runner_type: 'pyhton' is no runtime the agent knows; did you mean python?",
      "attune-agent: packs/demo/actions/broken.yaml:3:14: entry_point: 'helo.sh' is not there; did you mean hello.sh?",
      "attune-agent: packs/demo/actions/broken.yaml:4:16: output_format: 'jsno' is none of text, json, yaml, jsonl; did you mean json?",
      "attune-agent: packs/demo/actions/broken.yaml:5:26: parameters.a.enum: expected a list, not 'abc'",
      expect.stringMatching(/broken.yaml:7:\d+: the number 12345678901234567890 would be changed/),
      expect.stringMatching(/snake.py:2:5: ./),
      "attune-agent: packs/demo/pack.yaml:2:10: version: 'banana' is no version (examples: 1.0.0, 2.1.0-beta.1)",
      "attune-agent: packs/demo/tests/broke.yaml:1:1: action: there is no action 'demo.broke'; did you mean demo.broken?",
    ],
  ]);
  at.file('other/pack.yaml', 'ref: w\n');
  at.file('w/pack.yaml', 'ref: w\n');
  at.file(
    'w/actions/a.yaml',
    'entry_point: a.sh\nparameters: { n: { type: integer, examples: [1, a], example: b } }\n',
  );
  at.file('w/actions/a.sh', 'true\n');
  expect(attune(at, 'packs', 'validate', 'w').stderr).toContain("parameters.n.examples.1: expected a number, not 'a'");
  expect(attune(at, 'packs', 'validate', 'w').stderr).toContain("parameters.n.example: expected a number, not 'b'");
  expect(attune(at, 'packs', 'validate', 'other').stderr).toContain("note: the pack is 'w', its directory 'other'");
  for (const verb of ['test', 'dev']) expect(attune(at, 'packs', verb, 'none').stderr).toContain('no directory none');
  for (const wrong of ['packs/none', 'packs'])
    expect(attune(at, 'packs', 'validate', wrong)).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining(`there is no ${wrong === 'packs' ? 'packs/pack.yaml' : 'directory packs/none'}`),
    });
});

test('validate looks for scripts, parses them with their interpreters, and knows tests of no action', () => {
  using at = temporaryDirectory();
  attune(at, 'packs', 'new', 'demo', '--runtime', 'shell');
  at.file('packs/demo/actions/gone.yaml', 'runner_type: shell\nentry_point: helo.sh\n');
  at.file('packs/demo/actions/snake.yaml', 'runner_type: python\nentry_point: snake.py\n');
  at.file('packs/demo/actions/snake.py', 'x = 1\nif x\n  print(1)\n');
  at.file('packs/demo/tests/snak.yaml', 'cases: []\n');
  const { exitCode, stderr } = attune(at, 'packs', 'validate', 'packs/demo');
  expect([exitCode, stderr]).toEqual([1, expect.any(String)]);
  expect(stderr).toContain("gone.yaml:2:14: entry_point: 'helo.sh' is not there; did you mean hello.sh?\n");
  expect(stderr).toMatch(/snake\.py:2:5: .+\n/);
  expect(stderr).toContain("there is no action 'demo.snak'; did you mean demo.snake?");
});
