/** The static file at work: control plane and workers are processes of their own, on real servers. */
import { afterAll, beforeAll, beforeEach, expect } from 'bun:test';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { agentFile, callAgent } from '#test/support/agent.ts';
import { call } from '#test/support/call.ts';
import { type AgentProcess, type Cluster, startCluster } from '#test/support/cluster.ts';
import { descendantsOf, litterIn, untilGone } from '#test/support/litter.ts';
import { serversTest as test } from '#test/support/servers-test.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';
import { isAlive, pidFrom, until } from '#test/support/until.ts';

let cluster: Cluster;
let server: AgentProcess;
const place = temporaryDirectory();
const litter = litterIn(place.path);

const actions = {
  echo: {
    yaml: 'output_format: json\n',
    script: 'read -r line; printf "%s\\n" "$line"; echo "attempt $ATTUNE_ATTEMPT of $ATTUNE_EXEC_ID" >&2',
  },
  sleep: {
    yaml: 'parameter_format: dotenv\n',
    script: 'eval "$(cat)"; echo $$ >"$pids.$ATTUNE_ATTEMPT"; echo begun; sleep "$seconds"; echo done',
  },
  fail: { yaml: 'max_retries: 1\n', script: 'echo oops >&2; exit 3' },
  stubborn: {
    yaml: 'parameter_format: dotenv\n',
    script: 'eval "$(cat)"; trap "" TERM; echo $$ >"$pids.$ATTUNE_ATTEMPT"; while :; do sleep 1; done',
  },
  bytes: {
    script:
      "printf '\\000\\377\\376'; i=0; while [ $i -lt 2000 ]; do echo \"line $i\"; i=$((i+1)); done; printf 'end' >&2",
  },
  environment: { yaml: 'env_vars: [GREETING]\n', script: 'env | sort' },
  ruby: { yaml: 'runner_type: ruby\n', script: '' },
  gpu: { yaml: 'worker_selector: { gpu: "yes" }\n', script: 'echo here' },
  short: { yaml: 'timeout_seconds: 1\n', script: 'sleep 30' },
  gone: { script: 'echo "a test removes this script"' },
  stuckOnce: {
    yaml: 'parameter_format: dotenv\n',
    script:
      'eval "$(cat)"; echo $$ >"$pids.$ATTUNE_ATTEMPT"; [ "$ATTUNE_ATTEMPT" != 1 ] || exec sleep 600; echo unstuck',
  },
  litter: { script: litter.script },
};

beforeAll(async () => {
  cluster = await startCluster({ actions });
  server = cluster.startServer();
  await cluster.answers();
}, 300_000);

/* Those that a test has killed are alive to the scheduler for a lease. */
beforeEach(async () => {
  const alive = (): Promise<readonly unknown[]> =>
    cluster.sql`SELECT 1 FROM worker WHERE status = 'active' AND last_heartbeat > now() - interval '1.6 seconds'`;
  await until('no worker is left', async () => (await alive()).length === 0);
});

afterAll(async () => {
  place[Symbol.dispose]();
  await cluster[Symbol.asyncDispose]();
}, 120_000);

/** Ready when it returns; drained when disposed of. */
async function worker(name: string, env: Readonly<Record<string, string>> = {}): Promise<AgentProcess> {
  const started = cluster.startWorker(name, env);
  const drain = async (): Promise<void> => {
    for (const signal of ['SIGCONT', 'SIGTERM'] as const) started.signal(signal);
    await started.ended;
  };
  await until(`${name} is ready`, () => health(name).exitCode === 0).catch((error: unknown) => {
    throw new Error(`${error}: ${started.said()} ${server.said()}`, { cause: error });
  });
  return { ...started, [Symbol.asyncDispose]: drain };
}

/** Right after its start a worker has more than 75 MB. */
const RESTING_MB = 68;

/** Megabytes of memory that a process has, as the kernel says. */
function memoryOf(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1000;
}

const health = (name: string) => callAgent(['health', '--name', name], { env: cluster.env });

const statusOf = async (name: string): Promise<string> =>
  (await cluster.sql<{ status: string }[]>`SELECT status FROM worker WHERE name = ${name}`)[0]?.status ?? 'none';

test('an execution runs, its log is streamed, its result is stored, and the connections stay few', async () => {
  await using _ = await worker('w-plain');
  const id = await cluster.submit('echo', { x: 'é', n: [1] });
  const { result, attempt } = await cluster.reaches(id, 'completed');
  expect([result?.['succeeded'], result?.['data'], attempt]).toEqual([true, { x: 'é', n: [1] }, 1]);
  const log = await cluster.sql<
    { stream: string; data: Buffer }[]
  >`SELECT stream, data FROM execution_log WHERE execution = ${id} ORDER BY seq`;
  expect(Object.fromEntries(log.map((one) => [one.stream, one.data.toString()]))).toEqual({
    stdout: '{"n":[1],"x":"é"}\n',
    stderr: `attempt 1 of ${id}\n`,
  });
  await until('the outbox is empty', async () => (await cluster.sql`SELECT 1 FROM outbox`).length === 0);
  const sessions = await cluster.sql`SELECT 1 FROM pg_stat_activity WHERE application_name = 'attune-agent'`;
  expect(sessions.length).toBeLessThanOrEqual(8 + 2); /* of the server and of the worker, at most */
});

test('a worker that has nothing to do gives back the memory that its start and its executions needed', async () => {
  await using one = await worker('w-rest');
  const id = await cluster.submit('echo', { x: 1 });
  await cluster.reaches(id, 'completed');
  await until('memory is given back', () => memoryOf(one.pid) < RESTING_MB);
});

test('a worker reaches its servers while interpreters have not told their versions yet', async () => {
  const answers = join(place.path, 'may-answer');
  place.file('slow/bash', `#!/bin/sh\nwhile [ ! -e ${answers} ]; do sleep 0.05; done\nexec /bin/bash "$@"\n`, 0o755);
  const started = cluster.startWorker('w-early', { PATH: `${join(place.path, 'slow')}:/usr/bin:/bin` });
  await until('the broker is connected', () => started.said().includes('broker connected'));
  expect(started.said()).not.toContain('detected');
  place.file('may-answer', '');
  await until('w-early is ready', () => health('w-early').exitCode === 0);
  started.signal('SIGTERM');
  expect(await started.ended).toBe(0);
});

test('capabilities are those of the protocol', async () => {
  await using _ = await worker('w-cap', {
    ATTUNE__WORKER__LABELS: 'zone=a',
    ATTUNE__WORKER__TAINTS: 'only=me:no_schedule',
    ATTUNE__WORKER__MAX_CONCURRENT_TASKS: '3',
  });
  const [row] =
    await cluster.sql`SELECT worker_type, worker_role, status, capabilities FROM worker WHERE name = 'w-cap'`;
  expect(row).toMatchObject({
    worker_role: 'action',
    status: 'active',
    capabilities: {
      runtimes: ['shell'],
      max_concurrent_executions: 3,
      agent_mode: true,
      agent_binary_name: 'attune-agent',
      labels: { zone: 'a' },
      taints: [{ key: 'only', value: 'me', effect: 'no_schedule' }],
      detected_interpreters: expect.arrayContaining([expect.objectContaining({ name: 'shell' })]),
      runtime_versions: { shell: expect.any(Array) },
    },
  });
});

test('submit streams byte for byte and ends as the execution did', async () => {
  await using _ = await worker('w-submit');
  const env = { ATTUNE_API_TOKEN: cluster.token };
  const run = Bun.spawnSync([agentFile, 'submit', 'life.bytes', '--api-url', cluster.url], {
    env,
    stdout: 'pipe',
    stderr: 'pipe',
  });
  const expected = Buffer.concat([
    Buffer.from([0, 255, 254]),
    Buffer.from(Array.from({ length: 2000 }, (_, n) => `line ${n}\n`).join('')),
  ]);
  expect(Buffer.compare(run.stdout, expected)).toBe(0);
  expect([run.exitCode, run.stderr.toString()]).toEqual([
    0,
    expect.stringMatching(/^execution \d+\nend.*life\.bytes completed/s),
  ]);
  const failed = callAgent(['submit', 'life.fail', '--api-url', cluster.url, '--format', 'json'], { env });
  expect([failed.exitCode, JSON.parse(failed.stdout)]).toMatchObject([
    1,
    { status: 'failed', retry_count: 1, attempt: 2, result: { exit_code: 3, error: 'exit code 3: oops' } },
  ]);
  expect(callAgent(['submit', 'life.none', '--api-url', cluster.url], { env })).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining("no action 'life.none'"),
  });
});

test('nothing of the agent leaks into an execution', async () => {
  await using _ = await worker('w-env');
  const id = await cluster.submit('environment', {}, { env_vars: { GREETING: 'hello' } });
  const { result } = await cluster.reaches(id, 'completed');
  const text = String(result?.['stdout']);
  expect(text).not.toContain('postgres://');
  expect(text).not.toContain('amqp://');
  expect(text).toContain(`ATTUNE_EXEC_ID=${id}\n`);
  expect(text).toContain('GREETING=hello\n');
});

test('a timeout ends as timeout, a failure is tried again with its reason, a missing script is a clear failure', async () => {
  await using _ = await worker('w-ends');
  const script = join(cluster.packs.path, 'life/actions/gone.sh');
  rmSync(script);
  const [late, failing, gone] = [
    await cluster.submit('short'),
    await cluster.submit('fail'),
    await cluster.submit('gone'),
  ];
  expect(await cluster.reaches(late, 'timeout')).toMatchObject({
    result: { timed_out: true, error: 'timed out after 1 s' },
  });
  expect(await cluster.reaches(failing, 'failed')).toMatchObject({
    attempt: 2,
    retry_count: 1,
    retry_reason: 'exit code 3: oops',
  });
  expect(await cluster.reaches(gone, 'failed', 'completed')).toMatchObject({
    status: 'failed',
    attempt: 1,
    result: { succeeded: false, error: `not started: ${script} does not exist` },
  });
});

test('a running execution is cancelled, and its process group with it', async () => {
  await using _ = await worker('w-cancel');
  const pids = join(cluster.packs.path, 'cancel');
  const id = await cluster.submit('sleep', { seconds: 60, pids });
  const pid = await pidFrom(`${pids}.1`);
  const answer = await cluster.api(`executions/${id}/cancel`, { method: 'POST' });
  expect(await answer.json()).toMatchObject({ id, status: 'canceling' });
  expect(await cluster.reaches(id, 'cancelled')).toMatchObject({ result: { succeeded: false, cancelled: true } });
  expect(isAlive(pid)).toBe(false);
});

test('a second live process of the same name is refused, and the first goes on', async () => {
  await using first = await worker('w-twin');
  const second = cluster.startWorker('w-twin');
  expect(await second.ended).toBe(1);
  expect(second.said()).toMatch(/a worker named w-twin is alive on .* \(pid \d+\): give this one another name/);
  expect(isAlive(first.pid)).toBe(true);
  const id = await cluster.submit('echo');
  await cluster.reaches(id, 'completed');
});

test('a worker that is killed is replaced at once by one of the same name; what it ran is abandoned or tried again', async () => {
  const first = await worker('w-phoenix');
  const pids = join(cluster.packs.path, 'phoenix');
  const [once, twice] = [
    await cluster.submit('sleep', { seconds: 1000, pids: `${pids}-a` }),
    await cluster.submit('sleep', { seconds: 1, pids: `${pids}-b` }, { max_retries: 2 }),
  ];
  const strays = [await pidFrom(`${pids}-a.1`), await pidFrom(`${pids}-b.1`)];
  first.signal('SIGKILL');
  await first.ended;
  await using _ = await worker('w-phoenix');
  expect(await cluster.reaches(once, 'abandoned')).toMatchObject({
    result: { error: 'worker w-phoenix was lost during attempt 1 and no retry is left' },
  });
  expect(await cluster.reaches(twice, 'completed')).toMatchObject({
    attempt: 2,
    retry_count: 1,
    retry_reason: 'worker w-phoenix was lost during attempt 1',
  });
  await untilGone(strays);
});

test('SIGKILL of a worker leaves nothing running, in whatever session', async () => {
  const killed = await worker('w-killed');
  await cluster.submit('litter');
  const all = [...(await litter.pids()), ...descendantsOf(killed.pid)];
  killed.signal('SIGKILL');
  await killed.ended;
  await untilGone(all);
});

test('a worker that stands still past its lease loses its execution to another, ends it when it wakes, and changes nothing', async () => {
  const first = await worker('w-sleeper', { ATTUNE__WORKER__LABELS: 'who=first' });
  const pids = join(cluster.packs.path, 'sleeper');
  const id = await cluster.submit('stuckOnce', { pids }, { max_retries: 1 });
  const pid = await pidFrom(`${pids}.1`);
  first.signal('SIGSTOP');
  await using _ = await worker('w-awake');
  await pidFrom(`${pids}.2`);
  first.signal('SIGCONT');
  await until('the first ends what it has lost', () => !isAlive(pid));
  expect(await cluster.reaches(id, 'completed')).toMatchObject({
    attempt: 2,
    retry_reason: 'worker w-sleeper was lost during attempt 1',
  });
  await until('the first says so', () => first.said().includes('ended unreported'));
  await until('the first is of use again', () => health('w-sleeper').exitCode === 0);
  await first[Symbol.asyncDispose]();
});

test('a drained worker finishes what runs, takes nothing more, and leaves its name free', async () => {
  const leaving = await worker('w-drain');
  const pids = join(cluster.packs.path, 'drain');
  const running = await cluster.submit('sleep', { seconds: 1.5, pids });
  await pidFrom(`${pids}.1`);
  leaving.signal('SIGTERM');
  const next = await cluster.submit('echo');
  expect(await leaving.ended).toBe(0);
  expect((await cluster.execution(running)).status).toBe('completed');
  expect(await statusOf('w-drain')).toBe('inactive');
  expect((await cluster.execution(next)).status).toBe('requested');
  expect(health('w-drain').exitCode).toBe(1);
  await using _ = await worker('w-drain');
  await cluster.reaches(next, 'completed');
});

test('what cannot finish within the grace goes back with the reason, its processes ended', async () => {
  const leaving = await worker('w-brief', { ATTUNE__WORKER__SHUTDOWN_TIMEOUT: '6' });
  const pids = join(cluster.packs.path, 'brief');
  const id = await cluster.submit('stubborn', { pids });
  const pid = await pidFrom(`${pids}.1`);
  leaving.signal('SIGTERM');
  expect(await leaving.ended).toBe(0);
  expect(isAlive(pid)).toBe(false);
  expect(await cluster.execution(id)).toMatchObject({
    status: 'requested',
    retry_count: 1,
    retry_reason: 'its worker was shut down before it had finished',
  });
  await cluster.api(`executions/${id}/cancel`, { method: 'POST' });
});

test('the second SIGTERM ends at once', async () => {
  const leaving = await worker('w-kill-now', { ATTUNE__WORKER__SHUTDOWN_TIMEOUT: '3600' });
  const pids = join(cluster.packs.path, 'kill-now');
  const id = await cluster.submit('stubborn', { pids });
  const pid = await pidFrom(`${pids}.1`);
  leaving.signal('SIGTERM');
  await until('it drains', () => leaving.said().includes('draining'));
  leaving.signal('SIGTERM');
  expect(await leaving.ended).toBe(143);
  expect(isAlive(pid)).toBe(false);
  expect(['requested', 'running', 'abandoned']).toContain((await cluster.execution(id)).status);
  await cluster.api(`executions/${id}/cancel`, { method: 'POST' });
});

test('a cordoned worker gets nothing, labels decide, and what nobody can run says why', async () => {
  await using plain = await worker('w-plain2');
  const id = await cluster.submit('gpu');
  await using gpu = await worker('w-gpu', { ATTUNE__WORKER__LABELS: 'gpu=yes' });
  const { worker: ran } = await cluster.reaches(id, 'completed');
  expect(await cluster.sql`SELECT name FROM worker WHERE id = ${ran}`).toEqual([{ name: 'w-gpu' }] as never);
  await cluster.sql`UPDATE worker SET cordoned = true WHERE name = 'w-gpu'`;
  const waits = await cluster.submit('gpu');
  expect((await cluster.execution(waits)).status).toBe('requested');
  await until('its health tells of the cordon', () => health('w-gpu').stdout.includes('cordoned'));
  const longAgo = new Date(Date.now() - 86_400_000);
  await cluster.sql`UPDATE execution SET updated = ${longAgo}, schedule_after = ${longAgo} WHERE id = ${waits}`;
  const { result } = await cluster.reaches(waits, 'timeout');
  expect(result?.['error']).toMatch(/no worker could run it within 300 s: .*\(filter: (selector|cordon)\)/);
  expect([isAlive(plain.pid), isAlive(gpu.pid)]).toEqual([true, true]);
});

test('without configuration, database or schema it says what to do', async () => {
  const missing = callAgent([], { env: { PATH: '/usr/bin:/bin', ATTUNE_WORKER_RUNTIMES: 'shell' } });
  expect([missing.exitCode, missing.stderr]).toEqual([78, expect.stringContaining('ATTUNE__DATABASE__URL')]);
  expect(missing.stderr).toContain('--standalone');
  const empty = await cluster.database.createDatabase();
  const unmigrated = callAgent(['--name', 'w-none'], { env: { ...cluster.env, ATTUNE__DATABASE__URL: empty } });
  expect([unmigrated.exitCode, unmigrated.stderr]).toEqual([
    1,
    expect.stringMatching(/run \S*attune-agent\S* migrate/),
  ]);
  const nowhere = callAgent(['--name', 'w-none'], { env: { ...cluster.env, ATTUNE__DATABASE__URL: `${empty}_gone` } });
  expect([nowhere.exitCode, nowhere.stderr]).toEqual([1, expect.stringContaining('does not exist')]);
  const absent = callAgent(['--name', 'w-none'], { env: { ...cluster.env, ATTUNE_WORKER_RUNTIMES: 'shell,cobol' } });
  expect([absent.exitCode, absent.stderr]).toEqual([
    78,
    expect.stringContaining("'cobol' is no runtime the agent knows"),
  ]);
});

test('the queues of a worker are those of the protocol', async () => {
  await using _ = await worker('w-queues');
  const [row] = await cluster.sql<{ id: string }[]>`SELECT id FROM worker WHERE name = 'w-queues'`;
  const { connect } = await import('amqplib');
  const connection = await connect(cluster.broker.url);
  const channel = await connection.createChannel();
  for (const name of [
    `worker.${row?.id}.executions`,
    ...['requests', 'completed'].map((queue) => `attune.execution.${queue}.queue`),
  ])
    await until(`${name} has one consumer`, async () => (await channel.checkQueue(name)).consumerCount === 1);
  await connection.close();
});

test('messages that are nonsense are kept as dead letters, and work goes on', async () => {
  await using _ = await worker('w-nonsense');
  const [row] = await cluster.sql<{ id: string }[]>`SELECT id FROM worker WHERE name = 'w-nonsense'`;
  const { connect } = await import('amqplib');
  const connection = await connect(cluster.broker.url);
  const channel = await connection.createConfirmChannel();
  for (const queue of [`worker.${row?.id}.executions`, 'attune.execution.requests.queue'])
    await until(`${queue} is consumed`, async () => (await channel.checkQueue(queue)).consumerCount === 1);
  channel.publish('attune.executions', `execution.dispatch.worker.${row?.id}`, Buffer.from([0xff]));
  channel.publish('attune.executions', 'execution.requested', Buffer.from('{"message_type":"Nonsense","payload":{}}'));
  await channel.waitForConfirms();
  await connection.close();
  const letters = () =>
    cluster.sql<{ queue: string; reason: string }[]>`SELECT queue, reason FROM dead_letter ORDER BY queue`;
  await until('both are kept', async () => (await letters()).length === 2);
  expect([...(await letters())]).toEqual([
    { queue: 'attune.execution.requests.queue', reason: 'unknown message_type "Nonsense"' },
    { queue: `worker.${row?.id}.executions`, reason: 'no JSON: not UTF-8' },
  ]);
  await cluster.reaches(await cluster.submit('echo'), 'completed');
});

test('while the database and the broker are unreachable, running executions continue, and everything is delivered', async () => {
  const { power: databasePower } = cluster.database;
  const { power: brokerPower } = cluster.broker;
  if (!(databasePower && brokerPower)) throw new Error('this test restarts servers: it needs its own');
  const spool = join(cluster.packs.path, 'spool');
  await using steady = await worker('w-steady', { ATTUNE__WORKER__SPOOL_DIR: spool });
  const pids = join(cluster.packs.path, 'steady');
  const id = await cluster.submit('sleep', { seconds: 1, pids });
  await pidFrom(`${pids}.1`);
  await databasePower.kill();
  await until(
    'the agent says so',
    () => health('w-steady').exitCode === 1 && health('w-steady').stdout.includes('database'),
    20_000,
  );
  await until(
    'its result waits on the spool',
    () => existsSync(spool) && call(['sh', '-c', `cat ${spool}/*`]).stdout.includes('settlement'),
    20_000,
  );
  await databasePower.start();
  expect(await cluster.reaches(id, 'completed')).toMatchObject({ attempt: 1, retry_count: 0 });
  const log = await cluster.sql<
    { data: Buffer }[]
  >`SELECT data FROM execution_log WHERE execution = ${id} ORDER BY seq`;
  expect(Buffer.concat(log.map((one) => one.data)).toString()).toBe('begun\ndone\n');
  await until('it is ready again', () => health('w-steady').exitCode === 0);
  await brokerPower.kill();
  await until('the agent misses the broker', () => health('w-steady').stdout.includes('broker'));
  const meanwhile = await cluster.submit('echo');
  await brokerPower.start();
  await cluster.reaches(meanwhile, 'completed');
  await until('it is ready again', () => health('w-steady').exitCode === 0);
  expect(isAlive(steady.pid)).toBe(true);
});
