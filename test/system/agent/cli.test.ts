import { expect, test } from 'bun:test';
import { basename, dirname, join } from 'node:path';
import { findFamily } from '#domain/families.ts';
import { detectionReportSchema } from '#execution/runtimes/report.ts';
import { agentFile, callAgent, packs } from '#test/support/agent.ts';
import { call } from '#test/support/call.ts';
import { withMounts } from '#test/support/namespace.ts';
import { mountTest } from '#test/support/root-test.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';
import { isAlive, pidFrom, until } from '#test/support/until.ts';

const plain = { PATH: '/usr/bin:/bin' };

test('the file is static, in the words of file(1), and matches its checksum', () => {
  expect(call(['file', agentFile]).stdout).toContain('statically linked');
  expect(call(['sha256sum', '--check', `${agentFile}.sha256`], { cwd: join(agentFile, '..') }).exitCode).toBe(0);
});

test('--help and --version go to stdout, a wrong call to stderr with exit code 2', () => {
  const { stdout } = callAgent(['--help']);
  expect(stdout).toContain('Usage: attune-agent');
  expect(stdout).not.toContain('Without a verb it does what list does.');
  expect(callAgent(['run', '--help']).stdout).toContain('--timeout <duration>');
  expect(callAgent(['--version']).stdout).toMatch(/^attune-agent \d+\.\d+\.\d+ \(\S+, x86_64, bun \d/);
  const facts = JSON.parse(callAgent(['version', '-o', 'json']).stdout);
  expect(callAgent(['version']).stdout).toBe(
    `attune-agent ${facts.version} (${facts.commit}, ${facts.processor}, bun ${facts.bun})\n`,
  );
  const wrong = callAgent(['--detect']);
  expect([wrong.exitCode, wrong.stdout]).toEqual([2, '']);
  expect(callAgent(['instal']).exitCode).toBe(2);
  expect(callAgent(['instal']).stderr).toContain("unknown verb 'instal', did you mean 'install'?");
  const refused = (...args: readonly string[]): unknown => {
    const { exitCode, stdout, stderr } = callAgent(args);
    return [exitCode, stdout, stderr.split('\n')[0]];
  };
  expect(refused('--context', 'a', 'workers')).toEqual([
    2,
    '',
    "attune-agent: unknown option '--context': options of workers stand behind it",
  ]);
  expect(refused('workers', '--contxt=a')).toEqual([2, '', "attune-agent: unknown option '--contxt=a'"]);
  expect(refused('help', 'packs', 'valdate')).toEqual([
    2,
    '',
    "attune-agent: unknown verb 'valdate', did you mean 'validate'?",
  ]);
  expect(refused('completions', 'bsh')).toEqual([
    2,
    '',
    "attune-agent: shell: 'bsh' is none of bash, zsh, fish; did you mean bash?",
  ]);
  expect(refused('doctor', '-o', 'jsn')).toEqual([
    2,
    '',
    expect.stringMatching(/^attune-agent: --format: 'jsn' is none of .*json.*; did you mean json\?$/),
  ]);
});

test('a value of the wrong kind is a usage error before any server is asked', () => {
  const wrong: readonly (readonly [line: string, complaint: string])[] = [
    ['executions abc', "id: 'abc' is not the number of an execution"],
    ['executions 0', "id: '0' is not the number of an execution"],
    ['cancel 1.5', "id: '1.5' is not the number of an execution"],
    ['rerun 99999999999999999999', "id: '99999999999999999999' is not the number of an execution"],
    ['logs x', "id: 'x' is not the number of an execution"],
    ['artifacts sample.stats', "execution: 'sample.stats' is not the number of an execution"],
    ['executions --limit 0', "--limit: '0' is not a whole number from 1 to 100000"],
    ['audit --limit many', "--limit: 'many' is not a whole number from 1 to 1000"],
    ['executions --status runing', "--status: 'runing' is none of requested, .*; did you mean running\\?"],
    ['schedules create a.b 60', "cron: '60' is refused: expected five fields .*"],
    ['schedules create a.b @dialy', "cron: '@dialy' is refused: expected five fields .*; did you mean @daily\\?"],
    ['schedules create a.b @daily --time-zone Mars', "--time-zone: 'Mars' is no time zone \\(example: .*\\)"],
    ['executions --status failed,x', "--status: 'failed,x' has 'x', which is none of requested, .*"],
  ];
  for (const [line, complaint] of wrong) {
    const { exitCode, stdout, stderr } = callAgent([...line.split(' '), '--api-url', 'http://127.0.0.1:1']);
    expect([line, exitCode, stdout]).toEqual([line, 2, '']);
    expect(stderr).toMatch(new RegExp(`^attune-agent: ${complaint}\\n\\(.* --help shows what it takes\\)\\n$`));
  }
  expect(
    callAgent(['webhooks', 'create', 'https://ada:secret@example.com/', '--api-url', 'http://127.0.0.1:1']),
  ).toEqual(
    expect.objectContaining({
      exitCode: 2,
      stderr: 'attune-agent: url: expected a URL that begins with https:// or http://, without user and #\n',
    }),
  );
  expect(callAgent(['workers', '--api-url', 'http://127.0.0.1:1'])).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('/api/v1 does not answer (connection refused): '),
  });
});

test('a terminal that cannot erase is shown no progress', () => {
  using at = temporaryDirectory();
  at.file('quick.sh', 'echo done\n');
  const command = ['script', '--quiet', '--command', `'${agentFile}' run quick.sh`, '/dev/null'];
  const shownOn = (TERM: string): string => call(command, { cwd: at.path, env: { ...plain, TERM } }).stdout;
  expect(shownOn('dumb')).not.toContain('\x1b');
  expect(shownOn('xterm')).toContain('\x1b[K');
});

test('an option that is given twice, an unknown verb of a group and help of an unknown action are usage errors', () => {
  const refused = (...args: readonly string[]): string => {
    const { exitCode, stdout, stderr } = callAgent(args);
    expect([args, exitCode, stdout]).toEqual([args, 2, '']);
    return stderr;
  };
  const from = ['--packs', packs];
  expect(refused('run', 'sample.stats', '--timeout', '5', '--timeout=6')).toContain('--timeout: it is given twice');
  expect(refused('run', 'sample.stats', ...from, '-p', 'values=[1]', '--param', 'values=[2]')).toContain(
    '-p values: it is given twice',
  );
  expect(refused('packs', 'lst')).toContain("unknown verb 'lst', did you mean 'list'?");
  expect(refused('packs', 'zzz')).toContain("unknown verb 'zzz'\n");
  expect(refused('help', 'packs', 'zzz')).toContain("unknown verb 'zzz'\n");
  expect(refused('run', 'sample.stat', '--help', ...from)).toContain('sample.stats');
  expect(callAgent(['run', 'sample.stats', '--help', ...from, '--timeout', '5']).exitCode).toBe(0);
});

test('options that contradict each other are usage errors before anything is done', () => {
  using at = temporaryDirectory();
  at.file('demo/pack.yaml', 'ref: demo\n');
  const pack = at.file('demo/actions/a.yaml', 'entry_point: a.sh\n').replace(/\/actions.*/, '');
  const contradictions: readonly (readonly [args: readonly string[], complaint: string])[] = [
    [['--detect-only', '--standalone'], '--standalone'],
    [['--detect-only', '--print-config'], '--print-config'],
    [['packs', 'dev', pack, '-p', 'a=1'], '--action'],
    [['packs', 'dev', pack, '--params', '-'], '--action'],
    [['webhook', '--test', '-', '--tls-cert', 'a', '--tls-key', 'b'], '--tls-cert'],
    [['webhook', '--test', '-', '--tls-secret', 'a'], '--tls-secret'],
    [['environments', 'prune', '--all', '--days', '1'], '--days'],
    [['submit', 'a.b', '--wait', '--detach'], '--detach'],
    [['submit', 'a.b', '--follow', '--wait'], '--wait'],
    [['rerun', '1', '--follow', '--detach'], '--detach'],
    [['keys', 'delete', 'a', '--action', 'a.b', '--pack', 'a'], '--pack'],
    [['keys', 'set', 'a', '--action', 'a.b', '--pack', 'a'], '--pack'],
    [['artifacts', '--download', 'x', '--watch'], '--watch'],
    [['executions', '1', '--watch'], 'not watched'],
    [['executions', '--context', 'a', '--api-url', 'http://127.0.0.1:1'], '--context'],
  ];
  for (const [args, complaint] of contradictions) {
    const { exitCode, stdout, stderr } = callAgent(args);
    expect([args, exitCode, stdout, stderr.startsWith('attune-agent: ')]).toEqual([args, 2, '', true]);
    expect(stderr).toContain(complaint);
  }
}, 120_000);

test('run PACK.ACTION --help describes the action, with a call that runs as it is printed', () => {
  const shown = callAgent(['run', 'sample.stats', '--packs', packs, '--help']);
  expect(shown).toMatchObject({ exitCode: 0, stderr: '' });
  expect(shown.stdout).toMatch(
    /^sample\.stats: .*\nRuntime {2}python\n(.*\n)*values +array +yes +The numbers\.\ndigits +integer +3\n/,
  );
  const [, line = ''] = /Example:\n {2}(.*)\n/.exec(shown.stdout) ?? [];
  expect(call(['sh', '-c', line])).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('succeeded') });
  expect(callAgent(['run', '-h', 'sample.stats', '--packs', packs]).stdout).toBe(shown.stdout);
  expect(callAgent(['run', 'sample.nosuch', '--packs', packs, '-h'])).toMatchObject({
    exitCode: 2,
    stdout: '',
    stderr: expect.stringContaining("no action 'nosuch'"),
  });
}, 120_000);

test('--jq filters the JSON of a verb; a wrong expression is said before anything is done', () => {
  const filtered = callAgent(['run', 'sample.stats', '--packs', packs, '-p', 'values=[1,2]', '--jq', '.data.mean']);
  expect(filtered).toMatchObject({ exitCode: 0, stdout: '1.5\n' });
  const wrong = callAgent(['run', 'sample.stats', '--packs', packs, '-p', 'values=[1,2]', '--jq', '.data[']);
  expect(wrong).toMatchObject({
    exitCode: 2,
    stdout: '',
    stderr: expect.stringMatching(/^attune-agent: --jq '\.data\[': .*\n$/),
  });
  const text = callAgent(['doctor', '--only', 'clock', '-o', 'text', '--jq', '.ok']);
  expect(text).toMatchObject({ exitCode: 2, stdout: '', stderr: expect.stringContaining('leave --format text out') });
}, 120_000);

test('without a verb it says what is missing, with exit code 78', () => {
  const ran = callAgent([], { env: plain });
  expect(ran).toMatchObject({ exitCode: 78, stdout: '' });
  expect(ran.stderr).toContain('set ATTUNE__DATABASE__URL=postgres://');
  expect(ran.stderr).toContain('set ATTUNE__MESSAGE_QUEUE__URL=amqp://');
});

test('--print-config shows the result, masked; a wrong configuration is exit code 78', () => {
  const env = { ...plain, ATTUNE__DATABASE__URL: 'postgres://u:hunter2@db/attune' };
  const shown = callAgent(['--print-config', '--name', 'w1'], { env });
  expect(shown).toMatchObject({ exitCode: 0, stderr: '' });
  expect(shown.stdout).toContain('name: w1 # --name\n');
  expect(shown.stdout).toContain('postgres://u:********@db/attune # ATTUNE__DATABASE__URL\n');
  const json = callAgent(['--print-config', '--name', 'w1', '--format', 'json'], { env });
  expect(JSON.parse(json.stdout).settings).toContainEqual({ name: 'worker.name', value: 'w1', origin: '--name' });
  const wrong = callAgent(['run', 'sample.stats', '--packs', packs], {
    env: { ...plain, ATTUNE__WORKER__TASK_TIMEOUT: 'x' },
  });
  expect(wrong).toMatchObject({ exitCode: 78, stdout: '' });
  expect(wrong.stderr).toContain('worker.task_timeout');
  const unknown = callAgent(['--print-config'], { env: { ...plain, ATTUNE__WROKER__NAME: 'x' } });
  expect(unknown).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('did you mean worker.name?') });
});

test('the configuration says where packs are, how long and how much', () => {
  using directory = temporaryDirectory();
  directory.file('packs/demo/pack.yaml', 'ref: demo\n');
  directory.file('packs/demo/actions/a.yaml', 'entry_point: a.sh\n');
  directory.file('packs/demo/actions/a.sh', 'echo 123456789; echo error >&2; sleep 100');
  const settings = `packs_base_dir: ${directory.path}/packs\nworker: { task_timeout: 0.5, max_stdout_bytes: 5 }\n`;
  const ran = callAgent(['run', 'demo.a', '--config', directory.file('config.yaml', settings)]);
  expect(ran).toMatchObject({ exitCode: 124, stdout: '12345\n[attune: stdout cut here, at its limit of 5 bytes]\n' });
  expect(ran.stderr).toStartWith('error\n');
}, 120_000);

test('--detect-only prints a table, a line for the environment, or json that fits its schema', () => {
  const text = callAgent(['--detect-only']).stdout;
  expect(text).toMatch(/^RUNTIME +VERSION +PATH +NOTE\nshell +\S+ +\/\S+sh +default/);
  expect(text).toMatch(/\nATTUNE_WORKER_RUNTIMES=shell,\S+\n$/);
  const env = callAgent(['--detect-only', '--format', 'env']).stdout;
  expect(env).toMatch(/^ATTUNE_WORKER_RUNTIMES=shell[\w,]*\n$/);
  const json = callAgent(['--detect-only', '--format', 'json']);
  expect(json.stderr).toBe('');
  const report = detectionReportSchema.parse(JSON.parse(json.stdout));
  /* On a busy machine a slow starter may be late in one of the two detections. */
  const isQuick = (name: string): boolean => findFamily(name)?.isSlowToStart !== true;
  const names = env.trim().replace('ATTUNE_WORKER_RUNTIMES=', '').split(',');
  expect(names.filter(isQuick)).toEqual(report.runtimes.filter(isQuick));
}, 120_000);

test('--detect-only obeys ATTUNE_WORKER_RUNTIMES and refuses what is not here', () => {
  const requested = (requested: string) =>
    callAgent(['--detect-only', '--format', 'env'], { env: { ...plain, ATTUNE_WORKER_RUNTIMES: requested } });
  expect(requested('bash').stdout).toBe('ATTUNE_WORKER_RUNTIMES=shell\n');
  expect(requested('').stdout).toBe('ATTUNE_WORKER_RUNTIMES=\n');
  expect(requested('shell,cobol')).toMatchObject({
    exitCode: 78,
    stdout: '',
    stderr: expect.stringContaining("'cobol' is no runtime the agent knows"),
  });
}, 120_000);

test('a reader that leaves early ends the agent quietly', () => {
  using directory = temporaryDirectory();
  /* Opened for writing while somebody reads, who is gone when the agent writes. */
  const script = 'mkfifo "$1"; : <"$1" & exec 5>"$1"; wait; "$0" --help >&5; echo "exit $?"';
  const ran = call(['sh', '-c', script, agentFile, join(directory.path, 'pipe')]);
  expect(ran).toMatchObject({ stdout: 'exit 0\n', stderr: '' });
});

test('an endless action ends when its reader leaves', () => {
  using directory = temporaryDirectory();
  const script = directory.file('yes.sh', 'yes');
  const ran = call(['bash', '-c', `"${agentFile}" run ${script} | head -n 2; echo "\${PIPESTATUS[0]}"`]);
  expect(ran.stdout).toBe('y\ny\n141\n');
}, 120_000);

test('a script is run by its first line, else by its extension; neither is an error', () => {
  using directory = temporaryDirectory();
  const byLine = directory.file('a', '#!/usr/bin/env perl\nprint "perl\\n"');
  const byName = directory.file('b.sh', 'echo shell');
  const unknown = directory.file('c.xyz', 'x');
  expect(callAgent(['run', byLine]).stdout).toBe('perl\n');
  expect(callAgent(['run', byName]).stdout).toBe('shell\n');
  expect(callAgent(['run', unknown])).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('cannot tell its language'),
  });
});

test('exit codes: 0, 1, 124 on the time limit', () => {
  using directory = temporaryDirectory();
  expect(callAgent(['run', directory.file('a.sh', 'exit 0')]).exitCode).toBe(0);
  expect(callAgent(['run', directory.file('b.sh', 'exit 9')]).exitCode).toBe(1);
  const late = callAgent(['run', directory.file('c.sh', 'echo begun; sleep 100'), '--timeout', '0.5']);
  expect(late).toMatchObject({
    exitCode: 124,
    stdout: 'begun\n',
    stderr: expect.stringContaining('timed out after 0.5 s'),
  });
}, 120_000);

test('Ctrl-C ends the action and its children with exit code 130', async () => {
  using directory = temporaryDirectory();
  const script = directory.file('a.sh', `sleep 1000 & echo $! > ${directory.path}/pid\nwait`);
  const child = Bun.spawn([agentFile, 'run', script], { stdin: 'ignore', stdout: 'ignore', stderr: 'pipe' });
  const pid = await pidFrom(`${directory.path}/pid`);
  child.kill('SIGINT');
  expect(await child.exited).toBe(130);
  expect(await new Response(child.stderr).text()).toContain('cancelled');
  await until('its child is gone', () => !isAlive(pid));
}, 120_000);

test('Ctrl-C ends a detection that hangs, and its probe', async () => {
  using directory = temporaryDirectory();
  directory.program('ruby', `echo $$ > ${directory.path}/pid; exec sleep 1000`);
  const env = { PATH: `${directory.path}:/usr/bin:/bin` };
  const child = Bun.spawn([agentFile, '--detect-only'], { env, stdin: 'ignore', stdout: 'pipe', stderr: 'ignore' });
  const pid = await pidFrom(`${directory.path}/pid`);
  child.kill('SIGINT');
  expect(await child.exited).toBe(130);
  expect(await new Response(child.stdout).text()).toBe('');
  await until('the probe is gone', () => !isAlive(pid));
}, 120_000);

test('--format json puts the result alone on stdout', () => {
  const ran = callAgent(['run', 'sample.stats', '--packs', packs, '-p', 'values=[1,2,3]', '--format', 'json']);
  expect(JSON.parse(ran.stdout)).toMatchObject({ succeeded: true, exit_code: 0, data: { count: 3, mean: 2 } });
  expect(ran.stderr).toContain('"count": 3');
}, 120_000);

test('parameters: -p wins over --params, a file or stdin, json or yaml', () => {
  using directory = temporaryDirectory();
  const script = directory.file('a.sh', 'cat');
  const file = directory.file('p.yaml', 'a: 1\nb: [x]\n');
  expect(callAgent(['run', script, '--params', file, '-p', 'a=two=2']).stdout).toBe('{"a":"two=2","b":["x"]}\n');
  expect(callAgent(['run', script, '--params', '-'], { input: '{"a": 1}' }).stdout).toBe('{"a":1}\n');
  expect(callAgent(['run', script, '--params', '-'], { input: '[1]' })).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('expected an object'),
  });
  expect(callAgent(['run', script, '--params', '/none'])).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('/none'),
  });
  expect(callAgent(['run', script, '-p', 'novalue'])).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('expected key=value'),
  });
});

test('wrong parameters are named before anything starts', () => {
  const ran = callAgent(['run', 'sample.stats', '--packs', packs, '-p', 'vales=[1]', '-p', 'digits=many']);
  expect(ran).toMatchObject({ exitCode: 2, stdout: '' });
  for (const part of [
    "'values' is required",
    "parameter 'digits'",
    "unknown parameter 'vales', did you mean 'values'?",
  ])
    expect(ran.stderr).toContain(part);
});

test('a missing runtime, version or required runtime is an error that names what is here', () => {
  using directory = temporaryDirectory();
  directory.file('demo/pack.yaml', 'ref: demo\n');
  const action = (yaml: string): string => {
    directory.file('demo/actions/a.yaml', `entry_point: a.py\n${yaml}`);
    directory.file('demo/actions/a.py', 'print(1)');
    return callAgent(['run', 'demo.a', '--packs', directory.path], { env: plain }).stderr;
  };
  expect(action('runner_type: cobol\n')).toContain("'cobol' is no runtime the agent knows");
  expect(action('runner_type: python\nruntime_version: ">=99"\n')).toContain(
    "no python satisfies runtime_version '>=99'; here: 3.",
  );
  expect(action('required_worker_runtimes: [swift]\nrunner_type: shell\n')).toContain(
    'required_worker_runtimes not found here: swift',
  );
}, 120_000);

test('large output is cut with a marker where --log-limit says', () => {
  using directory = temporaryDirectory();
  const ran = callAgent([
    'run',
    directory.file('a.sh', 'head -c 100000 /dev/zero | tr "\\0" x'),
    '--log-limit',
    '1000',
  ]);
  expect(ran.stdout).toBe(`${'x'.repeat(1000)}\n[attune: stdout cut here, at its limit of 1000 bytes]\n`);
});

test('artifacts stay where --artifacts says', async () => {
  using directory = temporaryDirectory();
  callAgent([
    'run',
    directory.file('a.sh', 'echo kept > "$ATTUNE_ARTIFACTS_DIR/file"'),
    '--artifacts',
    `${directory.path}/out`,
  ]);
  expect(await Bun.file(`${directory.path}/out/file`).text()).toBe('kept\n');
});

test('artifacts that cannot be kept are an error before anything starts', () => {
  using directory = temporaryDirectory();
  const ran = callAgent(['run', directory.file('a.sh', 'echo ran'), '--artifacts', '/proc/nope']);
  expect(ran).toMatchObject({ exitCode: 1, stdout: '', stderr: expect.stringContaining('/proc/nope') });
});

test('a .env or bunfig.toml in the working directory changes nothing', () => {
  using directory = temporaryDirectory();
  directory.file('.env', 'ATTUNE_WORKER_RUNTIMES=cobol\nBUN_OPTIONS=--version\n');
  directory.file('bunfig.toml', 'preload = ["./evil.ts"]\n');
  directory.file('evil.ts', 'console.log("evil")');
  expect(callAgent(['--detect-only', '--format', 'env'], { env: plain, cwd: directory.path }).stdout).toStartWith(
    'ATTUNE_WORKER_RUNTIMES=shell',
  );
}, 120_000);

mountTest('when nothing is writable the error says what to do', () => {
  using directory = temporaryDirectory();
  directory.file('a.sh', 'true');
  directory.file('agent/.keep', '');
  /* Agent and script may lie in /tmp themselves: they move to /mnt before that is covered. */
  const keep = `mount --bind ${dirname(agentFile)} ${directory.path}/agent; mount --rbind ${directory.path} /mnt; mount -o remount,ro,bind /mnt`;
  const places = ['/tmp', '/var/tmp', '/dev/shm', '/run'];
  const cover = places.map((place) => `mount -t tmpfs -o ro none ${place}`).join('; ');
  const command = withMounts(`${keep}; ${cover}; cd /mnt`, [`/mnt/agent/${basename(agentFile)}`, 'run', '/mnt/a.sh']);
  const ran = call(command, { env: { PATH: process.env['PATH'] ?? '' } });
  expect(ran.stderr).toContain('no writable directory for temporary files');
  expect(ran.stderr).toContain('ATTUNE_WORK_DIR');
  expect(ran.exitCode).toBe(1);
});

mountTest('a full disk behind the parameters is a clear error', () => {
  using directory = temporaryDirectory();
  directory.file('demo/pack.yaml', 'ref: demo\n');
  directory.file('demo/actions/a.yaml', 'entry_point: a.sh\nparameter_delivery: file\n');
  directory.file('demo/actions/a.sh', 'echo ran');
  directory.file('work/.keep', '');
  const parameters = directory.file('p.json', JSON.stringify({ text: 'x'.repeat(200_000) }));
  const mount = `mount -t tmpfs -o size=64k none ${directory.path}/work`;
  const run = [agentFile, 'run', 'demo.a', '--packs', directory.path, '--params', parameters];
  const ran = call(withMounts(mount, run), {
    env: { PATH: process.env['PATH'] ?? '', ATTUNE_WORK_DIR: `${directory.path}/work` },
  });
  expect(ran).toMatchObject({ exitCode: 1, stdout: '' });
  expect(ran.stderr).toMatch(/not started: its work directory cannot be filled: .*no space left on device/);
});

test('a full disk behind stdout is a clear error', () => {
  using directory = temporaryDirectory();
  const ran = call(['sh', '-c', '"$0" run "$1" >/dev/full', agentFile, directory.file('a.sh', 'echo lost')]);
  expect(ran.exitCode).toBe(1);
  expect(ran.stderr).toBe('attune-agent: cannot write its output: ENOSPC: no space left on device, write\n');
});
