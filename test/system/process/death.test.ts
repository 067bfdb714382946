/** Whatever ends an agent, nothing that it has started stays behind; and no execution leaves anything to the next one. */
import { expect, test } from 'bun:test';
import { copyFileSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { agentFile, callAgent } from '#test/support/agent.ts';
import { call } from '#test/support/call.ts';
import { withoutExecutableMemory } from '#test/support/deny.ts';
import { descendantsOf, litterIn, untilGone } from '#test/support/litter.ts';
import { standalone } from '#test/support/standalone.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';
import { isAlive, until } from '#test/support/until.ts';

const env = { PATH: '/usr/bin:/bin', HOME: '/root' };

const parentOf = (pid: number): number =>
  Number(/^PPid:\s*(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);

const ways = [
  { name: '', wrap: (command: readonly string[]) => command },
  { name: ', also without executable memory', wrap: withoutExecutableMemory },
];

for (const { name, wrap } of ways)
  test(`SIGKILL of run leaves nothing running${name}`, async () => {
    using directory = temporaryDirectory();
    const litter = litterIn(directory.path);
    const script = directory.file('litter.sh', litter.script);
    const child = Bun.spawn([...wrap([agentFile, 'run', script])], { env, stdio: ['ignore', 'ignore', 'ignore'] });
    const pids = await litter.pids();
    const all = [...pids, ...descendantsOf(child.pid)];
    expect(all.every(isAlive)).toBe(true);
    child.kill('SIGKILL');
    await child.exited;
    await untilGone(all);
  });

test('SIGKILL of run leaves no installer running', async () => {
  using directory = temporaryDirectory();
  const litter = litterIn(directory.path);
  directory.program('bin/python3', `test "$1" = -m || { echo Python 3.11.4; exit; }\n${litter.script}`);
  directory.file('packs/snake/pack.yaml', 'ref: snake\nversion: 1.0.0\n');
  directory.file('packs/snake/requirements.txt', 'nothing==1.0\n');
  directory.file('packs/snake/actions/hiss.yaml', 'runner_type: python\nentry_point: hiss.py\n');
  directory.file('packs/snake/actions/hiss.py', '');
  const child = Bun.spawn([agentFile, 'run', 'snake.hiss', '--packs', join(directory.path, 'packs')], {
    env: { ...env, PATH: `${join(directory.path, 'bin')}:${env.PATH}`, ATTUNE_WORK_DIR: directory.path },
    stdio: ['ignore', 'ignore', 'ignore'],
  });
  const pids = await litter.pids();
  child.kill('SIGKILL');
  await child.exited;
  await untilGone(pids);
});

test('SIGKILL of standalone leaves nothing running', async () => {
  using directory = temporaryDirectory();
  const litter = litterIn(directory.path);
  directory.file('packs/mine/pack.yaml', 'ref: mine\nversion: 1.0.0\n');
  directory.file('packs/mine/actions/litter.yaml', 'entry_point: litter.sh\n');
  directory.file('packs/mine/actions/litter.sh', litter.script);
  const whole = await standalone(join(directory.path, 'data'), { ATTUNE_PACKS_DIR: join(directory.path, 'packs') });
  const submitted = callAgent(['submit', 'mine.litter', '--detach', '--api-url', whole.url], {
    env: { ...env, ATTUNE_API_TOKEN: whole.token ?? '' },
  });
  expect(submitted.exitCode).toBe(0);
  const all = [...(await litter.pids()), ...descendantsOf(whole.child.pid)];
  await whole[Symbol.asyncDispose]();
  await untilGone(all);
});

for (const { name, wrap } of ways)
  test(`an action that ends takes with it what it has started, in whatever session${name}`, async () => {
    using directory = temporaryDirectory();
    const litter = litterIn(directory.path);
    const gone = join(directory.path, 'litter');
    const script = directory.file(
      'litter.sh',
      `${litter.script.replace(/wait$/, '')}while [ $(wc -l <${gone}) -lt 4 ]; do sleep 0.01; done; echo end`,
    );
    const child = Bun.spawn([...wrap([agentFile, 'run', script])], { env, stdio: ['ignore', 'pipe', 'ignore'] });
    expect([await new Response(child.stdout).text(), await child.exited]).toEqual(['end\n', 0]);
    /* The execution has been reported as over, so they are gone already. */
    const pids = readFileSync(gone, 'utf8').trim().split('\n').map(Number);
    expect([pids.length, pids.filter(isAlive)]).toEqual([4, []]);
  });

test('an agent whose file was replaced while it runs goes on, and starts no other program than itself', async () => {
  using directory = temporaryDirectory();
  const file = join(directory.path, 'agent');
  copyFileSync(agentFile, file);
  const wrap = (args: readonly string[]) => [file, ...args];
  await using whole = await standalone(join(directory.path, 'data'), {}, { wrap });
  rmSync(file);
  directory.program('agent', 'echo "not the agent"');
  const { stdout, exitCode } = callAgent(['submit', 'sample.stats', '-p', 'values=[1,2,3]', '--api-url', whole.url], {
    env: { ...env, ATTUNE_API_TOKEN: whole.token ?? '' },
  });
  expect([exitCode, JSON.parse(stdout)]).toMatchObject([0, { mean: 2 }]);
});

test('without descriptors to spare an execution is not started, and says why', () => {
  using directory = temporaryDirectory();
  const script = directory.file('true.sh', 'true');
  const limited = call(['prlimit', '--nofile=9', agentFile, 'run', script], { env });
  expect(limited.stderr).toContain('no descriptor to spare (EMFILE): check the limit on open files');
});

test('an action that kills its keeper is killed, and reported so', async () => {
  using directory = temporaryDirectory();
  const script = directory.file('kill.sh', 'kill -9 $PPID; exec sleep 1000');
  const { stdout } = callAgent(['run', script, '--format', 'json'], { env });
  expect(JSON.parse(stdout)).toMatchObject({ succeeded: false, signal: 'SIGKILL' });
});

for (const harm of ['', ', also by a fork server that was stopped'])
  test(`what a killed keeper leaves behind in other sessions is killed${harm}`, async () => {
    using directory = temporaryDirectory();
    const litter = litterIn(directory.path);
    directory.file('packs/mine/pack.yaml', 'ref: mine\nversion: 1.0.0\n');
    directory.file('packs/mine/actions/litter.yaml', 'entry_point: litter.sh\n');
    directory.file('packs/mine/actions/litter.sh', `echo $PPID >${directory.path}/keeper; ${litter.script}`);
    await using whole = await standalone(join(directory.path, 'data'), {
      ATTUNE_PACKS_DIR: join(directory.path, 'packs'),
    });
    const body = JSON.stringify({ action_ref: 'mine.litter' });
    expect((await whole.api('executions', { method: 'POST', body })).ok).toBe(true);
    const pids = await litter.pids();
    const keeper = Number(readFileSync(join(directory.path, 'keeper'), 'utf8'));
    if (harm !== '') process.kill(parentOf(keeper), 'SIGSTOP');
    process.kill(keeper, 'SIGKILL');
    await untilGone(pids);
  }, 120_000);

test('an action that stops its keeper meets its time limit all the same', async () => {
  using directory = temporaryDirectory();
  const script = directory.file('stop.sh', `echo $$ >${directory.path}/pid; kill -STOP $PPID; exec sleep 1000`);
  const { stdout } = callAgent(['run', script, '--format', 'json', '--timeout', '1'], { env });
  expect(JSON.parse(stdout)).toMatchObject({ succeeded: false, error: expect.stringContaining('1 s') });
  await untilGone([Number(readFileSync(join(directory.path, 'pid'), 'utf8'))]);
}, 120_000);

test('an action that stops its keeper is asked to end at its time limit, as any other', async () => {
  using directory = temporaryDirectory();
  const script = directory.file(
    'stop.sh',
    `trap 'echo asked >${directory.path}/asked; exit' TERM; kill -STOP $PPID; while :; do sleep 0.05; done`,
  );
  const { stdout } = callAgent(['run', script, '--format', 'json', '--timeout', '1'], { env });
  expect(JSON.parse(stdout)).toMatchObject({ succeeded: false, error: expect.stringContaining('1 s') });
  expect(existsSync(join(directory.path, 'asked'))).toBe(true);
}, 120_000);

test('what an action starts to stop its keeper and the fork server for ever ends with it, and the next one runs', async () => {
  using directory = temporaryDirectory();
  directory.file('packs/mine/pack.yaml', 'ref: mine\nversion: 1.0.0\n');
  const loop = `exec setsid sh -c 'echo $$ >>${directory.path}/loops; while :; do kill -STOP $0 $1; done' $PPID $forks`;
  directory.file('packs/mine/actions/stop.yaml', 'entry_point: stop.sh\ntimeout_seconds: 1\n');
  directory.file(
    'packs/mine/actions/stop.sh',
    `read -r _ _ _ forks _ </proc/$PPID/stat\nfor loop in 1 2 3; do (${loop}) & done; exec sleep 1000\n`,
  );
  directory.file('packs/mine/actions/next.yaml', 'entry_point: next.sh\n');
  directory.file('packs/mine/actions/next.sh', 'echo next');
  await using whole = await standalone(join(directory.path, 'data'), {
    ATTUNE_PACKS_DIR: join(directory.path, 'packs'),
  });
  const run = async (action_ref: string): Promise<{ status: string }> => {
    const created = await whole.api('executions', { method: 'POST', body: JSON.stringify({ action_ref }) });
    const { id } = (await created.json()) as { id: number };
    await (await whole.api(`executions/${id}/logs/stream`)).text();
    return (await (await whole.api(`executions/${id}`)).json()) as { status: string };
  };
  expect(await run('mine.stop')).toMatchObject({ status: 'timeout' });
  const loops = readFileSync(join(directory.path, 'loops'), 'utf8').trim().split('\n').map(Number);
  expect(loops.length).toBe(3);
  await untilGone(loops);
  expect(await run('mine.next')).toMatchObject({ status: 'completed' });
}, 120_000);

test('SIGKILL of an agent ends the fork server and the keepers that an action has stopped', async () => {
  using directory = temporaryDirectory();
  const begun = join(directory.path, 'begun');
  const script = directory.file('stop.sh', `touch ${begun}; exec sleep 1000`);
  const child = Bun.spawn([agentFile, 'run', script], { env, stdio: ['ignore', 'ignore', 'ignore'] });
  await until('the action runs', () => existsSync(begun));
  const all = descendantsOf(child.pid);
  const helpers = all.filter((pid) => /^attune-(forks|keeper)$/m.test(readFileSync(`/proc/${pid}/comm`, 'utf8')));
  expect(helpers.length).toBeGreaterThanOrEqual(2);
  try {
    for (const pid of helpers) process.kill(pid, 'SIGSTOP');
    child.kill('SIGKILL');
    await child.exited;
    await untilGone(all);
  } finally {
    for (const pid of all.filter(isAlive)) process.kill(pid, 'SIGKILL');
  }
}, 120_000);
