/** The static file as a worker of Attune's Rust control plane: the life of executions, with a stand-in for its executor. */
import { afterAll, afterEach, beforeAll, expect } from 'bun:test';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Heard } from '#test/support/joined/executor/messages.ts';
import { type Installation, startInstallation } from '#test/support/joined/installation.ts';
import { insert, insertExecution } from '#test/support/joined/seed.ts';
import { serversTest as test } from '#test/support/servers-test.ts';
import { pidFrom, until } from '#test/support/until.ts';

let installation: Installation;

beforeAll(async () => {
  installation = await startInstallation();
  const { addAction } = installation;
  await addAction('hello', 'read -r line; echo "$line"', { output_format: 'json' });
  await addAction('fail', 'echo oops >&2; exit 3', { max_retries: 2 });
  await addAction('sleep', 'eval "$(cat)"; echo $$ >"$pid"; echo begun; exec sleep "$seconds"', {
    parameter_format: 'dotenv',
  });
  await addAction('mark', 'eval "$(cat)"; echo run >>"$file"; sleep "$seconds"', { parameter_format: 'dotenv' });
  await addAction('count', 'eval "$(cat)"; echo run >>"$file"', { parameter_format: 'dotenv' });
}, 300_000);

/** Whatever is said to Attune is understood there. */
afterEach(() => expect(installation.executor.rejected).toEqual([]));

afterAll(async () => await installation[Symbol.asyncDispose](), 120_000);

/** What was said about an execution, once its end was. */
async function saidAbout(execution: number): Promise<readonly Heard[]> {
  const about = (): readonly Heard[] => installation.executor.heard.filter((one) => one.execution === execution);
  await until(`the end of ${execution} is said`, () => about().some((one) => one.type === 'ExecutionCompleted'));
  return about();
}

/** The message of the end of an execution; what a worker that was killed had yet to say may come after it. */
async function endSaidOf(execution: number): Promise<Heard['payload'] | undefined> {
  const about = await saidAbout(execution);
  return about.find(({ type }) => type === 'ExecutionCompleted')?.payload;
}

async function statusOf(name: string): Promise<string> {
  const [row] = await installation.sql<{ status: string }[]>`SELECT status FROM worker WHERE name = ${name}`;
  return row?.status ?? 'none';
}

const fileFor = (name: string): string => join(installation.place.path, name);

test('an execution that its executor dispatches runs, and its messages tell of it', async () => {
  await using _ = await installation.startWorker('plain');
  const id = await installation.executor.request('demo.hello', { config: { x: 'é', n: [1] } });
  const { result } = await installation.reaches(id, 'completed');
  expect(result).toMatchObject({ succeeded: true, exit_code: 0, data: { x: 'é', n: [1] } });
  const about = await saidAbout(id);
  expect(about.map(({ type, payload }) => [type, payload['previous_status'], payload['new_status']])).toEqual([
    ['ExecutionRequested', undefined, undefined],
    ['ExecutionStatusChanged', 'scheduled', 'running'],
    ['ExecutionStatusChanged', 'running', 'completed'],
    ['ExecutionCompleted', undefined, undefined],
  ]);
  expect(about.at(-1)?.payload).toMatchObject({ action_ref: 'demo.hello', status: 'Completed', result });
});

test('a failure is final for the worker, whatever max_retries says: its executor tries again by itself', async () => {
  await using _ = await installation.startWorker('failing');
  const plain = await installation.executor.request('demo.fail', { max_retries: 3 });
  expect(await installation.reaches(plain, 'failed')).toMatchObject({ retry_count: 0, result: { exit_code: 3 } });
  expect(await endSaidOf(plain)).toMatchObject({ status: 'Failed' });
  const workflow_task = { workflow_execution: 1, task_name: 't', retry_count: 0, max_retries: 2 };
  const { sql } = installation;
  const workflow = { ref: 'demo.flow', pack: 2, pack_ref: 'demo', label: 'flow', version: '1.0.0', definition: {} };
  const workflow_def = await insert(sql, 'workflow_definition', workflow);
  const parent = await insertExecution(sql, 'demo.hello', { status: 'running', workflow_def });
  const first = await installation.executor.request('demo.fail', { parent, workflow_task });
  const { retries } = installation.executor;
  await until('its executor has tried twice more', () => retries.has(retries.get(first) ?? 0));
  const last = retries.get(retries.get(first) ?? 0) ?? 0;
  expect(await installation.reaches(last, 'failed')).toMatchObject({ workflow_task: { retry_count: 2 } });
  await installation.reaches(parent, 'failed');
});

test('a message is no order: what is not scheduled for this worker does not run, and nothing runs twice', async () => {
  await using worker = await installation.startWorker('guarded');
  const marks = fileFor('marks');
  const id = await installation.executor.request('demo.count', { config: { file: marks } });
  await installation.reaches(id, 'completed');
  installation.executor.pause();
  const other = await installation.executor.request('demo.count', { config: { file: marks } });
  const send = (execution: number): void =>
    installation.executor.send('attune.executions', `execution.dispatch.worker.${worker.id}`, {
      type: 'ExecutionRequested',
      payload: { execution_id: execution, worker_id: worker.id, action_ref: 'demo.count', config: {} },
    });
  for (const execution of [id, id, other, 987_654_321]) send(execution);
  installation.executor.resume();
  await installation.reaches(other, 'completed');
  expect(readFileSync(marks, 'utf8')).toBe('run\nrun\n');
  const next = await installation.executor.request('demo.hello');
  await installation.reaches(next, 'completed');
  expect(
    installation.executor.heard.filter((one) => one.execution === id && one.type === 'ExecutionCompleted'),
  ).toHaveLength(1);
});

test('a message that comes again while its execution runs, or for that of another worker, starts nothing', async () => {
  await using worker = await installation.startWorker('steady');
  await using other = await installation.startWorker('other', { ATTUNE__WORKER__LABELS: 'other=yes' });
  const marks = fileFor('steady');
  const config = { pid: '/dev/null', seconds: 2, file: marks };
  const columns = { config, worker_selector: { other: 'yes' } };
  const id = await installation.executor.request('demo.mark', columns);
  await until('it runs', () => existsSync(marks));
  for (const { id: to } of [worker, other, other])
    installation.executor.send('attune.executions', `execution.dispatch.worker.${to}`, {
      type: 'ExecutionRequested',
      payload: { execution_id: id, worker_id: to, action_ref: 'demo.mark', config },
    });
  await installation.reaches(id, 'completed');
  expect(readFileSync(marks, 'utf8')).toBe('run\n');
});

test('an execution without its action ends, and its message has an action_id', async () => {
  const gone = await installation.addAction('gone', 'echo here');
  installation.executor.pause();
  const id = await installation.executor.request('demo.gone');
  await using worker = await installation.startWorker('without');
  await installation.sql`DELETE FROM action WHERE id = ${gone}`;
  installation.executor.resume();
  expect((await installation.reaches(id, 'failed')).result).toMatchObject({
    error: expect.stringContaining('demo.gone'),
  });
  expect(await endSaidOf(id)).toMatchObject({ action_id: 0, status: 'Failed' });
  expect(worker.id).toBeGreaterThan(0);
});

test('a cancel ends what runs', async () => {
  await using _ = await installation.startWorker('cancelling');
  const pid = fileFor('cancelled.pid');
  const id = await installation.executor.request('demo.sleep', { config: { pid, seconds: 600 } });
  await pidFrom(pid);
  await installation.executor.cancel(id);
  expect((await installation.reaches(id, 'cancelled')).result).toMatchObject({ succeeded: false, cancelled: true });
  expect(await endSaidOf(id)).toMatchObject({ status: 'Cancelled' });
});

test('what is asked to end before it begins ends as cancelled', async () => {
  await using worker = await installation.startWorker('asked');
  installation.executor.pause();
  const id = await installation.executor.request('demo.hello');
  await installation.sql`UPDATE execution SET status = 'canceling', worker = ${worker.id} WHERE id = ${id}`;
  installation.executor.send('attune.executions', `execution.cancel.worker.${worker.id}`, {
    type: 'ExecutionCancelRequested',
    payload: { execution_id: id, worker_id: worker.id },
  });
  await installation.reaches(id, 'cancelled');
  expect(await endSaidOf(id)).toMatchObject({ status: 'Cancelled' });
  installation.executor.resume();
});

test('the time limit of a task of a workflow counts', async () => {
  await using _ = await installation.startWorker('limited');
  const workflow_task = { task_name: 't', retry_count: 0, max_retries: 0, timeout_seconds: 1 };
  const config = { pid: fileFor('limited.pid'), seconds: 600 };
  const id = await installation.executor.request('demo.sleep', { config, workflow_task });
  expect((await installation.reaches(id, 'timeout')).result).toMatchObject({
    error: expect.stringMatching(/timed out after 1 s/),
  });
  expect(await endSaidOf(id)).toMatchObject({ status: 'Failed' });
});

test('a draining worker is busy until its last execution has ended, and inactive then', async () => {
  const worker = await installation.startWorker('draining');
  const pid = fileFor('draining.pid');
  const id = await installation.executor.request('demo.sleep', { config: { pid, seconds: 3 } });
  await pidFrom(pid);
  worker.signal('SIGTERM');
  await until('it is busy', async () => (await statusOf('draining')) === 'busy');
  const seen = new Set<string>();
  await until('it has ended', async () => {
    const status = await statusOf('draining');
    if ((await installation.row(id)).status === 'completed') return true;
    seen.add(status); /* the execution had not ended when it was read */
    return false;
  });
  expect(await worker.ended).toBe(0);
  expect([[...seen], await statusOf('draining')]).toEqual([['busy'], 'inactive']);
  expect(installation.executor.abandoned).not.toContain(id);
});

test('what a draining worker cannot finish goes back to the scheduler, and another worker runs it', async () => {
  const first = await installation.startWorker('leaving', {
    ATTUNE__WORKER__SHUTDOWN_TIMEOUT: '2',
    ATTUNE__WORKER__MAX_CONCURRENT_TASKS: '1',
  });
  const pid = fileFor('handed.pid');
  const running = await installation.executor.request('demo.sleep', { config: { pid, seconds: 600 } });
  await pidFrom(pid);
  const waiting = await installation.executor.request('demo.hello', { config: { a: 1 } });
  await installation.reaches(waiting, 'scheduled');
  installation.executor.pause();
  first.signal('SIGTERM');
  expect(await first.ended).toBe(0);
  expect([await installation.row(running), await installation.row(waiting)]).toMatchObject(
    Array(2).fill({ status: 'requested', worker: null, result: null, retry_count: 0 }),
  );
  const requests = (): readonly Heard[] =>
    installation.executor.heard.filter(
      ({ type, execution }) => type === 'ExecutionRequested' && [running, waiting].includes(execution),
    );
  await until('both are requested again', () => requests().length >= 4);
  expect(requests().at(-1)?.payload).toMatchObject({
    parent_id: null,
    enforcement_id: null,
    config: expect.anything(),
  });
  await using _ = await installation.startWorker('staying');
  await installation.sql`UPDATE execution SET config = '{"seconds": 0, "pid": "/dev/null"}' WHERE id = ${running}`;
  installation.executor.resume();
  for (const id of [running, waiting]) await installation.reaches(id, 'completed');
});

test('a restart under the same name ends what its predecessor ran as abandoned, and says so', async () => {
  const first = await installation.startWorker('phoenix');
  const [lost, cancelled, ended] = await Promise.all(
    ['lost', 'cancelled', 'ended'].map(async (name) => {
      const pid = fileFor(`phoenix-${name}.pid`);
      const id = await installation.executor.request('demo.sleep', { config: { pid, seconds: 600 } });
      await pidFrom(pid);
      return id;
    }),
  );
  first.signal('SIGKILL');
  await first.ended;
  await installation.sql`UPDATE execution SET status = 'canceling' WHERE id = ${cancelled ?? 0}`;
  await installation.sql`UPDATE execution SET status = 'abandoned' WHERE id = ${ended ?? 0}`;
  await using again = await installation.startWorker('phoenix');
  expect(again.id).toBe(first.id);
  expect((await installation.reaches(lost ?? 0, 'abandoned')).result).toMatchObject({ succeeded: false });
  await installation.reaches(cancelled ?? 0, 'cancelled');
  expect(await endSaidOf(lost ?? 0)).toMatchObject({ status: 'Failed' });
  expect(await endSaidOf(cancelled ?? 0)).toMatchObject({ status: 'Cancelled' });
  const claims = await installation.sql`SELECT execution FROM agent_execution_claim WHERE worker = ${again.id}`;
  expect([...claims]).toEqual([]);
});

test('what the agent of Attune has left running under the name is abandoned when we take it over', async () => {
  const [theirs] = await installation.sql<{ id: string }[]>`
    INSERT INTO worker (name, worker_type, worker_role, status, last_heartbeat) VALUES ('heir', 'local', 'action', 'inactive', now() - interval '1 hour')
    RETURNING id`;
  const worker = Number(theirs?.id);
  installation.executor.pause();
  const id = await installation.executor.request('demo.hello', { status: 'running', worker, started_at: new Date() });
  await using ours = await installation.startWorker('heir');
  expect(ours.id).toBe(worker);
  await installation.reaches(id, 'abandoned');
  installation.executor.resume();
});

test('an execution that its monitor has ended is not overwritten', async () => {
  await using _ = await installation.startWorker('overtaken');
  const pid = fileFor('overtaken.pid');
  const id = await installation.executor.request('demo.sleep', { config: { pid, seconds: 600 } });
  const child = await pidFrom(pid);
  await installation.sql`UPDATE execution SET status = 'abandoned', result = '{"by": "monitor"}' WHERE id = ${id}`;
  await until('its process has ended', () => !existsSync(`/proc/${child}`));
  expect(await installation.row(id)).toMatchObject({ status: 'abandoned', result: { by: 'monitor' } });
  const claims = async () => await installation.sql`SELECT 1 FROM agent_execution_claim WHERE execution = ${id}`;
  await until('its claim is cleaned up', async () => (await claims()).length === 0);
});

test('the worker is cordoned by the API of Attune, and not given up for its long heartbeat', async () => {
  await using worker = await installation.startWorker('cordoned', { ATTUNE__WORKER__HEARTBEAT_INTERVAL: '30' });
  await installation.sql`
    UPDATE worker SET cordoned = true, cordon_reason = 'test', cordoned_by = 1, cordoned_at = now() WHERE id = ${worker.id}`;
  const id = await installation.executor.request('demo.hello', { worker_selector: {} });
  await installation.reaches(id, 'requested');
  await installation.sql`UPDATE worker SET cordoned = false WHERE id = ${worker.id}`;
  await installation.reaches(id, 'completed');
  expect(readFileSync(fileFor('config.yaml'), 'utf8')).toContain('exchange: attune');
});
