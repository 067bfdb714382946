import { expect, test } from 'bun:test';
import { checkAnswer, readAnswer } from '#wire/answer.ts';
import { claims } from '#wire/claims.ts';
import { executionPage } from '#wire/executions.ts';
import { workerList } from '#wire/workers.ts';

const worker = {
  ...{ id: 1, name: 'w', worker_type: 'local', host: 'h', status: 'active', alive: true, cordoned: false },
  ...{ cordon_reason: null, assigned: 0, max_concurrent_executions: 4, runtimes: ['shell'], labels: {}, taints: [] },
  runtime_versions: { shell: ['5.2'] },
};

test('fields of a newer server do no harm: they are kept where the answer is shown, and left out where it is read', () => {
  const body = { workers: [{ ...worker, zone: 'north' }], total: 1 };
  const answer = { body, serverVersion: '9.0.0' };
  expect(checkAnswer(workerList, answer)).toEqual({ ok: true, value: body });
  expect(readAnswer(workerList, answer)).toEqual({ ok: true, value: { workers: [worker] } });
});

test('a wrong shape is an error that names every field that does not fit, and the version of the server', () => {
  const body = { workers: [worker, { ...worker, alive: 'yes', assigned: undefined }] };
  const answer = checkAnswer(workerList, { body, serverVersion: '9.0.0' });
  expect(answer).toEqual({ ok: false, error: expect.stringContaining('workers.1.alive: ') });
  expect(answer).toEqual({ ok: false, error: expect.stringContaining('workers.1.assigned: ') });
  expect(answer).toEqual({ ok: false, error: expect.stringContaining('the server has version 9.0.0') });
  expect(checkAnswer(workerList, { body: 'hello', serverVersion: undefined })).toEqual({
    ok: false,
    error: expect.stringMatching(/answer: .*the server has version unknown/),
  });
});

test('a status that only a newer server knows is shown as it is', () => {
  const execution = {
    ...{ id: 1, action_ref: 'a.b', status: 'paused', parameters: {}, result: null, worker: null, attempt: 0 },
    ...{ retry_count: 0, retry_reason: null, original_execution: null, is_adhoc: false, started_at: null },
    ...{ created: '', updated: '' },
  };
  const answer = { body: { executions: [execution], next_cursor: null }, serverVersion: undefined };
  expect(checkAnswer(executionPage, answer)).toMatchObject({ ok: true, value: { executions: [{ status: 'paused' }] } });
});

test('what JSON leaves out because it is undefined may be absent from a claim', () => {
  const claimed = {
    ...{ execution: '7', attempt: 0, actionRef: 'a.b', parameters: {}, keys: {}, envVars: {}, retryCount: 0 },
    action: {
      ...{ script: { code: 'true' }, hasApiToken: false },
      ...{ parameterDelivery: 'stdin', parameterFormat: 'json', outputFormat: 'text' },
    },
  };
  const answer = readAnswer(claims, { body: { claimed: [claimed] }, serverVersion: undefined });
  expect(answer).toEqual({ ok: true, value: { claimed: [claimed] } } as unknown as typeof answer);
});
