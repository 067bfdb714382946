/** The verbs that talk to the API, as a user calls them. */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { existsSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { agentFile, callAgent } from '#test/support/agent.ts';
import type { Call } from '#test/support/call.ts';
import { type Standalone, standalone } from '#test/support/standalone.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';
import { until } from '#test/support/until.ts';

const directory = temporaryDirectory();
const home = join(directory.path, 'home');
let whole: Standalone;

beforeAll(async () => {
  directory.file('packs/demo/pack.yaml', 'ref: demo\nversion: 1.0.0\nlabel: Demo\n');
  directory.file('packs/demo/actions/say.yaml', 'entry_point: say.sh\n');
  directory.file('packs/demo/actions/say.sh', 'echo said; echo oops >&2');
  directory.file('packs/demo/actions/fail.yaml', 'entry_point: fail.sh\n');
  directory.file('packs/demo/actions/fail.sh', 'echo out; exit 3');
  directory.file('packs/demo/actions/nap.yaml', 'entry_point: nap.sh\n');
  directory.file('packs/demo/actions/nap.sh', 'sleep 60');
  directory.file('packs/demo/actions/turn.sh', `echo $ATTUNE_EXEC_ID >> ${join(directory.path, 'turns')}`);
  directory.file('packs/demo/actions/turn.yaml', 'entry_point: turn.sh\n');
  directory.file('packs/demo/actions/leave.yaml', 'entry_point: leave.sh\n');
  directory.file('packs/demo/actions/leave.sh', 'echo left > "$ATTUNE_ARTIFACTS_DIR/left.txt"');
  directory.file('packs/demo/actions/urgent.yaml', 'entry_point: turn.sh\npriority: 50\n');
  whole = await standalone(join(directory.path, 'data'), {
    ATTUNE_PACKS_DIR: join(directory.path, 'packs'),
    ATTUNE__WORKER__MAX_CONCURRENT_TASKS: '1',
  });
}, 120_000);

afterAll(async () => {
  await whole[Symbol.asyncDispose]();
  directory[Symbol.dispose]();
});

const attune = (...args: readonly string[]): Call => callAgent(args, { env: { HOME: home }, cwd: directory.path });
const json = (...args: readonly string[]) => JSON.parse(attune(...args, '--format', 'json').stdout);

test('login keeps the address and the token for its owner alone; without it the error says what to do', () => {
  expect(attune('workers', '--api-url', whole.url)).toMatchObject({
    exitCode: 1,
    stderr: expect.stringMatching(/attune-agent\S* login/),
  });
  expect(attune('login', '--api-url', whole.url, '--api-token', 'att_wrong')).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('refuses the token'),
  });
  const given = callAgent(['login', '--api-url', whole.url, '--api-token', '-'], {
    env: { HOME: home },
    input: `${whole.token}\n`,
  });
  expect([given.exitCode, given.stdout]).toEqual([0, expect.stringContaining('logged in to')]);
  expect(statSync(join(home, '.config/attune-agent/client.yaml')).mode & 0o777).toBe(0o600);
  expect(attune('workers').stdout).toMatch(/^ID +NAME +HOST +STATE +SLOTS +RUNTIMES\n1 .* alive +0\/\d+ +shell /);
});

test('submit: its log on stdout and stderr, its result, its exit code; --wait and --detach', () => {
  const said = attune('submit', 'demo.say');
  expect(said).toMatchObject({ exitCode: 0, stdout: 'said\n' });
  expect(said.stderr).toMatch(/^execution \d+\noops\n✔ demo\.say completed/);
  expect(attune('submit', 'demo.fail')).toMatchObject({ exitCode: 1, stdout: 'out\n' });
  expect(attune('submit', 'demo.fail', '--wait').stdout).toBe('');
  const id = attune('submit', 'demo.nap', '--detach').stdout.trim();
  expect(json('cancel', id)).toMatchObject({ id: Number(id) });
  expect(attune('logs', '-f', id).exitCode).toBe(1);
  expect(json('executions', id)).toMatchObject({ status: 'cancelled' });
  const once = ['--detach', '--idempotency-key', 'one'];
  expect(attune('submit', 'demo.say', ...once).stdout).toBe(attune('submit', 'demo.say', ...once).stdout);
});

test('cancel says what has ended already, and unknown names have the nearest one', () => {
  const id = String(json('submit', 'demo.say').id);
  expect(attune('cancel', id)).toMatchObject({
    exitCode: 1,
    stdout: '',
    stderr: expect.stringContaining(`execution ${id} has ended already: completed`),
  });
  expect(attune('artifacts', '999999')).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('there is no execution 999999'),
  });
  expect(attune('packs', 'show', 'demoo').stderr).toContain("there is no pack 'demoo', did you mean 'demo'?");
  const { name } = json('workers').workers[0];
  expect(json('executions', '--worker', name, '--limit', '1').executions).toHaveLength(1);
  expect(attune('executions', '--worker', `${name}x`)).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining(`did you mean '${name}'?`),
  });
  const data = ['--data', join(directory.path, 'data')];
  expect(attune('token', 'create', '--name', 'bob', '--scope', 'read', ...data).exitCode).toBe(0);
  expect(attune('token', 'revoke', 'bobb', ...data).stderr).toContain("did you mean 'bob'?");
  expect(attune('token', 'revoke', 'bob', ...data).stdout).toBe('token bob is revoked\n');
  expect(attune('token', 'revoke', 'bob', ...data).exitCode).toBe(1);
  const lines = attune('audit').stdout.trimEnd().split('\n');
  expect(lines[0]).toMatch(/^AGE +WHO +WHAT +OF +STATUS$/);
  expect(lines.filter((line) => line.length > 80)).toEqual([]);
});

test('what waits with a higher priority runs first: of the request, else of the action', () => {
  attune('cordon', '1');
  const submit = (action: string, ...options: readonly string[]): string =>
    attune('submit', `demo.${action}`, '--detach', ...options).stdout.trim();
  const [last, usual] = [submit('turn', '--priority', '-7'), submit('turn')];
  const [urgent, first] = [submit('urgent'), submit('turn', '--priority', '100')];
  attune('uncordon', '1');
  for (const id of [last, usual, urgent, first]) attune('logs', '-f', id);
  expect(readFileSync(join(directory.path, 'turns'), 'utf8').trim().split('\n')).toEqual([first, urgent, usual, last]);
  attune('rerun', first);
  expect(json('executions', '--limit', '1').executions).toMatchObject([{ priority: 100 }]);
  for (const wrong of ['101', 'high'])
    expect(attune('submit', 'demo.say', '--priority', wrong)).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('no whole number from -100 to 100'),
    });
});

test('a script goes along; one of an unknown kind asks for its runtime', () => {
  directory.file('hello.py', 'import json, sys\nprint("hello", json.load(sys.stdin)["name"])\n');
  directory.file('hello.what', 'echo shell\n');
  expect(attune('submit', './hello.py', '-p', 'name=Ann')).toMatchObject({ exitCode: 0, stdout: 'hello Ann\n' });
  expect(attune('submit', './hello.what')).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('--runtime') });
  const misspelt = attune('submit', './hello.what', '--runtime', 'rubby');
  expect(misspelt).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('did you mean ruby?') });
  const aDirectory = { exitCode: 2, stderr: expect.stringContaining('./packs is not a file') };
  for (const more of [[], ['--runtime', 'python']])
    expect(attune('submit', './packs', ...more)).toMatchObject(aDirectory);
  expect(attune('submit', './hello.what', '--runtime', 'sh')).toMatchObject({ exitCode: 0, stdout: 'shell\n' });
});

test('executions of an action that is not there and never ran are an error; of one that ran, or is there, none', () => {
  const filtered = (action: string): Call => attune('executions', '--action', action, '--status', 'timeout');
  for (const more of [[], ['--format', 'json'], ['--status', 'failed']])
    expect(attune('executions', '--action', 'demo.sya', ...more)).toMatchObject({
      exitCode: 1,
      stdout: '',
      stderr: expect.stringContaining("no action 'demo.sya' yet; did you mean demo.say?"),
    });
  expect(filtered('demo.say').exitCode).toBe(0);
  attune('submit', './hello.what', '--runtime', 'sh');
  const { action_ref: script } = json('executions', '--limit', '1').executions[0];
  expect(json('actions').actions).not.toContainEqual(expect.objectContaining({ ref: script }));
  expect(filtered(script).exitCode).toBe(0);
});

test('executions, logs, runtimes and packs, as tables and as JSON', () => {
  const id = String(json('submit', 'demo.say').id);
  expect(attune('executions', '--action', 'demo.say', '--limit', '1').stdout).toMatch(
    new RegExp(`^ID +ACTION +STATUS .*\\n${id} +demo\\.say +completed `),
  );
  expect(json('executions', '--status', 'failed').executions[0]).toMatchObject({ action_ref: 'demo.fail' });
  expect(attune('executions', '--status', 'nonsense')).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining("--status: 'nonsense' is none of requested"),
  });
  expect(attune('logs', id)).toMatchObject({ exitCode: 0, stdout: 'said\n', stderr: 'oops\n' });
  expect(attune('logs', id, '--stream', 'stderr').stdout).toBe('oops\n');
  expect(attune('logs', '999999')).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('no execution 999999'),
  });
  expect(json('runtimes').runtimes.map((one: { name: string }) => one.name)).toEqual(['python', 'shell']);
  directory.file('fresh/pack.yaml', 'ref: fresh\nversion: 0.1.0\n');
  directory.file('fresh/actions/go.yaml', 'entry_point: go.sh\n');
  directory.file('fresh/actions/go.sh', 'echo went');
  expect(attune('packs', 'install', 'fresh')).toMatchObject({ exitCode: 0, stdout: 'pack fresh 0.1.0: fresh.go\n' });
  expect(attune('packs', 'list').stdout).toMatch(/demo +1\.0\.0 +6 +Demo\nfresh +0\.1\.0 +1 /);
  expect(attune('submit', 'fresh.go').stdout).toBe('went\n');
  expect(attune('packs', 'install', 'nowhere')).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('nowhere'),
  });
});

test('a pack that is mounted from a ConfigMap is installed, by upload and by the path on the server', async () => {
  directory.file('mounted/..2026/pack.yaml', 'ref: mounted\nversion: 0.1.0\n');
  directory.file('mounted/..2026/actions/go.yaml', 'entry_point: go.sh\n');
  directory.file('mounted/..2026/actions/go.sh', 'echo went by link');
  const links = { '..data': '..2026', 'pack.yaml': '..data/pack.yaml', actions: '..data/actions' };
  for (const [name, target] of Object.entries(links)) symlinkSync(target, join(directory.path, 'mounted', name));
  const installed = { exitCode: 0, stdout: 'pack mounted 0.1.0: mounted.go\n' };
  expect(attune('packs', 'install', 'mounted')).toMatchObject(installed);
  expect(attune('submit', 'mounted.go').stdout).toBe('went by link\n');
  const body = JSON.stringify({ directory: join(directory.path, 'mounted') });
  expect((await whole.api('packs', { method: 'POST', body })).status).toBe(201);
  directory.file('mounted/..2026/actions/go.sh', 'echo changed since');
  expect(attune('submit', 'mounted.go').stdout).toBe('went by link\n');
});

test('a pack that is served from its directory is not replaced by an installation', () => {
  directory.file('packs/demo/.git/HEAD', 'ref: refs/heads/main\n');
  const refused = attune('packs', 'install', 'packs/demo');
  expect([refused.exitCode, refused.stderr]).toEqual([1, expect.stringContaining('edit it there')]);
  expect(existsSync(join(directory.path, 'packs/demo/.git/HEAD'))).toBe(true);
});

test('a served pack whose directory is gone is shown as broken until it is removed', () => {
  directory.file('packs/gone/pack.yaml', 'ref: gone\nversion: 1.0.0\n');
  const where = join(directory.path, 'packs/gone');
  expect(json('packs', 'list')).toMatchObject({
    packs: expect.arrayContaining([expect.objectContaining({ ref: 'gone' })]),
    broken: [],
  });
  rmSync(where, { recursive: true });
  const [broken, ...others] = json('packs', 'list').broken;
  expect([broken, others]).toEqual([
    { ref: 'gone', problem: expect.stringContaining(`gone from this server (${where})`) },
    [],
  ]);
  expect(attune('packs', 'list').stdout).toMatch(/\nBROKEN +PROBLEM\ngone +its directory is gone/);
  expect(attune('packs', 'remove', 'gone').exitCode).toBe(0);
  expect(json('packs', 'list').broken).toEqual([]);
});

test('an output that does not fit its format is a warning of submit, run and executions', () => {
  directory.file('packs/demo/actions/odd.yaml', 'entry_point: odd.sh\noutput_format: json\n');
  directory.file('packs/demo/actions/odd.sh', 'echo no json');
  const warning = /warning: .*json/i;
  expect(attune('submit', 'demo.odd')).toMatchObject({ exitCode: 0, stderr: expect.stringMatching(warning) });
  expect(attune('run', 'demo.odd')).toMatchObject({ exitCode: 0, stderr: expect.stringMatching(warning) });
  rmSync(join(directory.path, 'packs/demo/actions/odd.yaml'));
});

test('verbs that read a database make none', () => {
  const data = join(directory.path, 'nothing');
  for (const args of [['list'], ['show', 'admin'], ['revoke', 'admin']]) {
    const { exitCode, stderr } = attune('token', ...args, '--data', data);
    expect([args, exitCode, stderr.startsWith('attune-agent: ')]).toEqual([args, 78, true]);
    expect(existsSync(data)).toBe(false);
  }
});

test('an update of a pack is listed with what it leaves out, and rolled back', () => {
  const version = (number: string): void => {
    directory.file('moving/pack.yaml', `ref: moving\nversion: ${number}\n`);
    directory.file('moving/actions/go.yaml', 'entry_point: go.sh\ndescription: Says its version\n');
    directory.file('moving/actions/go.sh', `echo ${number}; ls -A ..\n`);
  };
  directory.file('moving/.env', 'TOKEN=secret\n');
  version('1.0.0');
  expect(attune('packs', 'install', 'moving')).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('.env') });
  version('2.0.0');
  expect(attune('packs', 'install', 'moving').stdout).toBe('pack moving 2.0.0: moving.go\n');
  expect(attune('submit', 'moving.go').stdout).toStartWith('2.0.0\n');
  expect(json('packs', 'rollback', 'moving')).toMatchObject({ ref: 'moving', version: '1.0.0' });
  expect(attune('submit', 'moving.go').stdout).toStartWith('1.0.0\n');
  expect(attune('submit', 'moving.go').stdout).not.toContain('.env');
  expect(attune('packs', 'show', 'moving').stdout).toMatch(/moving\.go +shell +Says its version/);
  expect(attune('packs', 'rollback', 'demo')).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('demo') });
});

test('keys: a value from stdin or a file reaches its action only, and is never shown', () => {
  directory.file(
    'packs/demo/actions/open.yaml',
    'entry_point: open.sh\nparameters: { pin: { type: string, secret: true } }\n',
  );
  directory.file(
    'packs/demo/actions/open.sh',
    'read -r line; case $line in *1234-5678*) echo open;; *) echo "$line";; esac\n',
  );
  const set = callAgent(['keys', 'set', 'pin', '--action', 'demo.open'], { env: { HOME: home }, input: '1234-5678\n' });
  expect(set).toMatchObject({ exitCode: 0, stdout: 'key action.demo.open.pin is stored\n' });
  expect(set.stderr).toBe('');
  const early = callAgent(['keys', 'set', 'pin', '--pack', 'dmo'], { env: { HOME: home }, input: '1\n' });
  expect(early).toMatchObject({ exitCode: 0, stderr: "note: the server has no pack 'dmo' yet; did you mean demo?\n" });
  expect(attune('keys', 'delete', 'pin', '--pack', 'dmo').exitCode).toBe(0);
  expect(attune('submit', 'demo.open').stdout).toBe('open\n');
  expect(attune('keys', 'list').stdout).toMatch(/action\.demo\.open\.pin +pin +action demo\.open +\d+s\n/);
  directory.file('pin.json', '{"a": ["1234-5678"]}\n');
  expect(attune('keys', 'set', 'pin', '--action', 'demo.open', '--json', '--file', 'pin.json').exitCode).toBe(0);
  expect(JSON.stringify(json('keys', 'list'))).not.toContain('1234-5678');
  expect(attune('keys', 'set', 'pin', '--file', 'nowhere').stderr).toContain(
    'nowhere cannot be read: no such file or directory',
  );
  expect(attune('keys', 'delete', 'pin', '--action', 'demo.open').stdout).toBe('key action.demo.open.pin is deleted\n');
  expect(attune('keys', 'delete', 'action.demo.open.pin')).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining("no key 'action.demo.open.pin'"),
  });
  expect(attune('keys', 'set', 'pin', '--file', 'pin.json').stdout).toBe('key system.pin is stored\n');
  expect(attune('keys', 'delete', 'pin').stdout).toBe('key system.pin is deleted\n');
});

test('a schedule and a request take parameters and time limits as run does', () => {
  directory.file(
    'packs/demo/actions/sum.yaml',
    'entry_point: sum.sh\nparameters: { values: { type: array, items: { type: integer }, required: true } }\n',
  );
  directory.file('packs/demo/actions/sum.sh', 'cat\n');
  directory.file('empty.sh', '');
  const made = json('schedules', 'create', 'demo.sum', '30 2 * * *', '-p', 'values=[1,2]');
  expect(made).toMatchObject({ parameters: { values: [1, 2] } });
  expect(attune('schedules', 'list').stdout).toMatch(/ in \d+[smhd]/);
  expect(attune('schedules', 'list', '-o', 'name').stdout).toBe(`${made['id']}\n`);
  expect(attune('schedules', 'delete', String(made['id'])).exitCode).toBe(0);
  expect(attune('schedules', 'create', 'demo.nope', '@daily').stderr).toContain("there is no action 'demo.nope'");
  for (const verb of ['run', 'submit']) {
    expect(attune(verb, './empty.sh', '--timeout', '99.5').exitCode).toBe(0);
    expect(attune(verb, './empty.sh', '--timeout', '999999999')).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('of not more than a year (365d)'),
    });
  }
});

test('actions are listed and shown, executions are requested once more', () => {
  expect(attune('actions', '--pack', 'demo').stdout).toMatch(/^ACTION +RUNTIME +DESCRIPTION\n(.*\n)*demo\.say +shell /);
  expect(attune('actions', 'show', 'demo.open').stdout).toMatch(/PARAMETER +TYPE .*\npin +string, secret/);
  expect(attune('actions', 'show', 'demo.sya').stderr).toContain('demo.say');
  expect(attune('submit', 'demo.open', '--help').stdout).toMatch(/\npin +string, secret(.*\n)*.* submit demo\.open\n/);
  expect(attune('actions', '--jq', '.actions[].ref').stdout).toContain('demo.say\n');
  expect(attune('workers', '-w', '--jq', '.').stderr).toContain('leave --watch out');
  const first = attune('submit', 'demo.say', '--detach').stdout.trim();
  expect(attune('rerun', first)).toMatchObject({ exitCode: 0, stdout: 'said\n' });
  const again = attune('rerun', first, '--detach').stdout.trim();
  const seen = attune('logs', '-f', again, '-o', 'yaml');
  expect(seen).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('status: completed') });
  expect(seen.stderr).toContain('said\n');
  expect(attune('submit', 'demo.say', '--jq', '.status')).toMatchObject({ exitCode: 0, stdout: 'completed\n' });
  expect(attune('version').stdout).toStartWith('attune-agent ');
});

test('what is listed is shown by itself, and offered where a call names it', () => {
  const data = ['--data', join(directory.path, 'data')];
  const { id: schedule } = json('schedules', 'create', 'demo.say', '0 4 1 1 *', '--paused');
  const { id: webhook } = json('webhooks', 'create', 'https://example.com/hook', '--status', 'failed');
  const { name } = json('workers', 'list').workers[0];
  callAgent(['keys', 'set', 'shown', '--pack', 'demo'], { env: { HOME: home }, input: 'hidden' });
  const shown: readonly (readonly [RegExp, ...(readonly string[])])[] = [
    [/^Action +demo\.say\n(.*\n)*Next +paused\n/m, 'schedules', 'show', String(schedule)],
    [/^URL +https:\/\/example\.com\/hook\nStatuses +failed\n/m, 'webhooks', 'show', String(webhook)],
    [/^Slots +0 of 1 in use\n(.*\n)*Runtimes +shell /m, 'workers', 'show', name],
    [/^Key +pack\.demo\.shown\n(.*\n)*Owner +pack demo\n/m, 'keys', 'show', 'shown', '--pack', 'demo'],
    [/^Token +admin\n(.*\n)*Scopes +admin\n/m, 'token', 'show', 'admin', ...data],
    [/^Server +http:\S+\nCurrent +yes\nToken +kept\n/m, 'contexts', 'show'],
  ];
  for (const [text, ...args] of shown) {
    expect(attune(...args)).toMatchObject({ exitCode: 0, stderr: '', stdout: expect.stringMatching(text) });
    expect(Object.keys(json(...args)).length).toBeGreaterThan(3);
    const [group = ''] = args;
    const absent = attune(group, 'show', '987654', ...(group === 'token' ? data : []));
    expect([group, absent]).toMatchObject([group, { exitCode: 1, stderr: expect.stringContaining('987654') }]);
  }
  const offered = (...words: readonly string[]) => attune('__complete', '--', ...words).stdout.split('\n');
  expect(offered('schedules', 'pause')).toContain(String(schedule));
  expect(offered('webhooks', 'test')).toContain(String(webhook));
  expect(offered('workers', 'show')).toContain(name);
  expect(offered('keys', 'show')).toContain('pack.demo.shown');
  expect(offered('contexts', 'show')).toContain('default');
  expect(offered('logs')).toContain(String(json('executions', '--limit', '1').executions[0].id));
  expect(offered('packs', 'show')).toContain('demo');
  expect(offered('submit', '--context', 'default')).toContain('demo.say');
  for (const elsewhere of [
    ['--context', 'nowhere'],
    ['--api-url', '=', 'http://127.0.0.1:1'],
    ['--api-url=http://127.0.0.1:1'],
  ])
    expect([elsewhere, offered('submit', ...elsewhere)]).toEqual([elsewhere, expect.not.arrayContaining(['demo.say'])]);
  expect(offered('packs', 'remove')).not.toContain('demo');
  expect(offered('schedules', 'create', 'demo.say')).not.toContain('demo.nap');
  expect(attune('packs', 'remove', 'demo').stderr).toContain('is served from');
  directory.file('sent/pack.yaml', 'ref: sent\nversion: 1.0.0\n');
  expect(attune('packs', 'install', 'sent').exitCode).toBe(0);
  expect([offered('packs', 'remove').includes('sent'), offered('packs', 'rollback').includes('sent')]).toEqual([
    true,
    false,
  ]);
  directory.file('sent/pack.yaml', 'ref: sent\nversion: 1.1.0\n');
  expect(attune('packs', 'install', 'sent').exitCode).toBe(0);
  expect(offered('packs', 'rollback')).toContain('sent');
  for (const [group, id] of [
    ['schedules', schedule],
    ['webhooks', webhook],
    ['keys', 'pack.demo.shown'],
  ])
    expect(attune(group, 'delete', String(id), '-o', 'yaml').stdout).toBe(`deleted: ${id}\n`);
  expect(attune('packs', 'remove', 'sent', '-o', 'yaml').stdout).toBe('removed: sent\n');
});

test('artifacts are downloaded, with their paths in the format that is asked for', () => {
  const id = String(json('submit', 'demo.leave').id);
  const path = join(directory.path, 'saved/left.txt');
  const saved = json('artifacts', id, '--download', 'saved');
  expect(saved.artifacts).toMatchObject([{ ref: 'demo.leave/left.txt', path }]);
  expect(readFileSync(path, 'utf8')).toBe('left\n');
  expect(attune('artifacts', id, '--download', 'saved').stdout).toBe(`${path}\n`);
});

test('a list that is watched is shown again when it has changed, until Ctrl-C', async () => {
  const command = [agentFile, 'keys', 'list', '--watch', '-o', 'name'];
  const watching = Bun.spawn(command, { env: { HOME: home }, stdin: 'ignore', stdout: 'pipe', stderr: 'pipe' });
  const decoder = new TextDecoder();
  let text = '';
  const reading = (async () => {
    for await (const chunk of watching.stdout) text += decoder.decode(chunk, { stream: true });
  })();
  callAgent(['keys', 'set', 'watched_first'], { env: { HOME: home }, input: 'a' });
  await until('the first key is shown', () => text.includes('system.watched_first\n'));
  callAgent(['keys', 'set', 'watched_second'], { env: { HOME: home }, input: 'b' });
  await until('the second key is shown below, with the first one', () => {
    const [before = '', after = ''] = text.split('\n\n');
    return !before.includes('watched_second') && /system\.watched_first\n(.*\n)*system\.watched_second\n/.test(after);
  });
  watching.kill('SIGINT');
  expect(await watching.exited).toBe(130);
  await reading;
  expect(await new Response(watching.stderr).text()).toBe('');
}, 120_000);

test('a worker is cordoned by its name, with a reason, and released; one that is gone is removed', async () => {
  const { name } = json('workers').workers[0];
  expect(json('cordon', name, '--reason', 'repair')).toMatchObject({ cordoned: true, cordon_reason: 'repair' });
  const waiting = attune('submit', 'demo.say', '--detach');
  const reason = `no living worker can run it: ${name} is cordoned`;
  expect(waiting.stderr).toContain(`it waits: ${reason}; the server gives up at `);
  const id = waiting.stdout.trim();
  expect(attune('executions', id, '-o', 'wide').stdout).toContain(`Waits for   ${reason}\n`);
  expect(
    attune('executions', id)
      .stdout.split('\n')
      .filter((line) => line.length > 80),
  ).toEqual([]);
  expect(json('executions', id)).toMatchObject({ status: 'requested', waits_for: reason });
  expect(attune('uncordon', '1').stdout).toContain('alive');
  expect(attune('logs', '--follow', id).exitCode).toBe(0);
  expect(json('executions', id).waits_for).toBeUndefined();
  expect(attune('cordon', 'nobody')).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining("no worker 'nobody'"),
  });
  expect(attune('workers', 'remove', name, '--force').stderr).toContain('is in the process of this server');
  attune('workers', 'assign', 'ghost', '--token', 'admin', '--data', join(directory.path, 'data'));
  expect(attune('workers', 'remove', 'ghost').stdout).toBe('removed worker ghost\n');
  expect(attune('workers', 'remove', 'ghost').stderr).toContain("no worker 'ghost'");
  await until('the audit log has it', () => attune('audit', '-o', 'wide').stdout.includes('(ghost)'));
});

test('what cannot work is said: no server, an unknown action with the nearest name, an unknown scope', async () => {
  expect(attune('submit', 'demo.sya')).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining("did you mean 'demo.say'?"),
  });
  expect(attune('executions', '--api-url', 'http://127.0.0.1:1')).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('does not answer'),
  });
  expect(
    attune('token', 'create', '--name', 'all', '--scope', 'everything', '--data', join(directory.path, 'data')),
  ).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining("--scope: 'everything' is none of submit, inline, read"),
  });
});

test('doctor says what the login is good for, and what is wrong with it', () => {
  const [known] = json('doctor', '--only', 'login').findings;
  expect(known.state).toBe('ok');
  expect(known.what).toMatch(/takes the token 'admin', with the scopes .*; the server has version \d/);
  expect(json('doctor', '--only', 'server').findings).toMatchObject([{ state: 'ok' }]);
  const env = { HOME: home, PATH: '/usr/bin:/bin', ATTUNE_API_URL: whole.url };
  const doctor = (more: Record<string, string>) =>
    JSON.parse(callAgent(['doctor', '--only', 'login', '-o', 'json'], { env: { ...env, ...more } }).stdout).findings[0];
  expect(doctor({ ATTUNE_API_TOKEN: 'att_wrong' })).toMatchObject({
    state: 'failure',
    what: expect.stringContaining('refuses the token'),
  });
  expect(doctor({ HOME: '/nowhere' })).toMatchObject({ state: 'skipped' });
});

test('verify prints what sha256sum prints, and compares', () => {
  directory.file('file', 'abc');
  const digest = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
  expect(attune('verify', 'file')).toMatchObject({ exitCode: 0, stdout: `${digest}  file\n` });
  expect(attune('verify', 'file', digest.toUpperCase()).exitCode).toBe(0);
  expect(attune('verify', 'file', '0'.repeat(64))).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('not what was expected'),
  });
  expect(attune('verify', 'none').exitCode).toBe(1);
});

test('logout removes the token that login has kept', () => {
  expect(attune('logout').stdout).toContain('client.yaml');
  expect(existsSync(join(home, '.config/attune-agent/client.yaml'))).toBe(false);
  expect(attune('logout')).toMatchObject({ exitCode: 0, stdout: 'nobody was logged in\n' });
});
