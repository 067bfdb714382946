import type { Activity } from '#wire/activity.ts';
import type { Attempt } from '#wire/attempts.ts';
import type { Execution } from '#wire/executions.ts';
import type { Action, PackList } from '#wire/packs.ts';
import type { Placement } from '#wire/placement.ts';
import type { Schedule } from '#wire/schedules.ts';
import type { LoggedOut, TokenInfo } from '#wire/server.ts';
import type { CreatedToken } from '#wire/tokens.ts';
import type { CreatedWebhook, Webhook, WebhookMessageList, WebhookTrial } from '#wire/webhooks.ts';
import type { Worker } from '#wire/workers.ts';

const REQUESTED = '2026-01-31T09:00:00.000Z';
const ENDED = '2026-01-31T09:00:00.120Z';

const execution: Execution = {
  ...{ id: 17, action_ref: 'sample.stats', status: 'completed', is_adhoc: false },
  parameters: { values: [3, 1, 4, 1, 5] },
  result: { succeeded: true, exit_code: 0, duration_ms: 61, data: { count: 5, mean: 2.8 } },
  ...{ worker: 1, worker_name: 'python-1', requested_by: 'laptop', parent: null },
  ...{ attempt: 1, priority: 0, retry_count: 0, retry_reason: null, original_execution: null },
  ...{ started_at: '2026-01-31T09:00:00.040Z', duration_ms: 61, created: REQUESTED, updated: ENDED },
};
const { parameters: _, result: __, ...listed } = execution;

const action: Action = {
  ...{ ref: 'sample.stats', label: 'stats', description: 'Mean, median and quartiles of numbers', pack_ref: 'sample' },
  ...{ runtime: 'python', runtime_version: '>=3.9' },
  param_schema: { type: 'object', properties: { values: { type: 'array', items: { type: 'number' } } } },
};

const pack: PackList['packs'][number] = {
  ref: 'sample',
  label: 'Sample',
  version: '1.2.0',
  actions: 1,
  kept_versions: 2,
};

const worker: Worker = {
  ...{ id: 1, name: 'python-1', worker_type: 'container', host: 'python-1-7d9f', status: 'active', alive: true },
  ...{ cordoned: false, cordon_reason: null, paused: null, assigned: 2, max_concurrent_executions: 10 },
  ...{ runtimes: ['python', 'shell'], runtime_versions: { python: ['3.12.7'], shell: ['5.2.15'] } },
  ...{ agent_version: '0.1.0', silent_ms: 1840, labels: { zone: 'a' }, taints: [] },
};

const schedule: Schedule = {
  ...{ id: 3, action_ref: 'sample.stats', name: 'default', pack_ref: null },
  ...{ cron: '30 2 * * *', time_zone: 'Europe/Berlin', parameters: { values: [1] }, missed: 'once', paused: false },
  ...{ next_times: ['2026-02-01T01:30:00.000Z'], last_time: '2026-01-31T01:30:00.000Z', last_execution: 17 },
  problem: null,
};

const webhook: Webhook = {
  ...{ id: 2, url: 'https://example.com/hooks/attune', callbacks_of: null, statuses: ['failed', 'timeout'] },
  ...{ action_ref: null, pack_ref: 'sample', waiting: 0, last_delivered: ENDED, problem: null },
  ...{ paused: false, dropped: 0, created: '2026-01-30T12:00:00.000Z' },
};
const secret = 'whsec_bm90IGEgc2VjcmV0IGF0IGFsbCwgYW4gZXhhbXBsZQ==';
const createdWebhook: CreatedWebhook = { ...webhook, secret };

const message: WebhookMessageList['messages'][number] = {
  ...{ message_id: 'msg_2_17', execution: 17, action_ref: 'sample.stats', status: 'failed', state: 'delivered' },
  ...{ tries: 1, answer: 204, problem: null, created: REQUESTED, tried: ENDED, next_try: null },
};

const token: Omit<CreatedToken, 'token'> = {
  ...{ id: '4', name: 'laptop', scopes: ['read', 'submit'], created: '2026-01-30T12:00:00.000Z' },
  ...{ expires_at: '2126-01-31T09:00:00.000Z', revoked_at: null, last_used_at: REQUESTED, packs: null, actions: null },
};
const createdToken: CreatedToken = { ...token, token: 'att_UyB75rLbp5E0oeIyoU2Q_nHetZYc5CqGb-QCtw5qb8I' };

const trial: WebhookTrial = { delivered: false, status: 503, problem: 'answered 503' };
const tokenInfo: TokenInfo = { name: 'laptop', scopes: ['read', 'submit'], packs: null, actions: null };
const loggedOut: LoggedOut = { end_session_url: null };

const activity: Activity = {
  minutes: [{ at: REQUESTED, requested: 12, ended: 11, failed: 1, waiting: 1, running: 3, wait_p95_ms: 84 }],
  ...{ slots: 20, sampled: 1000 },
};

const attempt: Attempt = {
  ...{ attempt: 1, worker: 1, worker_name: 'python-1', scheduled_at: '2026-01-31T09:00:00.010Z' },
  ...{ claimed_at: '2026-01-31T09:00:00.030Z', ended_at: ENDED, prepared_ms: 12, ran_ms: 61, reason: null },
};

const placement: Placement = {
  ...{ problem: 'no worker has what it needs', able: 0, free: 0 },
  workers: [{ id: 1, name: 'python-1', misses: ['has no label zone, not zone=b'], busy: null }],
  is_complete: true,
};

/** An example of each component of the document that an answer consists of, by the component's name. */
export const EXAMPLES: Readonly<Record<string, unknown>> = {
  Action: action,
  Activity: activity,
  Attempt: attempt,
  AuditEntry: {
    ...{ id: 41, at: REQUESTED, actor: 'laptop', token: 4, address: '192.0.2.7' },
    ...{ action: 'POST /api/v1/executions', subject: 'execution 17', status: 201 },
  },
  CallbackSecret: { secret },
  CreatedToken: createdToken,
  CreatedWebhook: createdWebhook,
  Environment: {
    ...{ key: 'sample/python-3.12.7-glibc-x86_64-3cfc6d68d921d7b2', pack_ref: 'sample', runtime_ref: 'core.python' },
    ...{ status: 'ready', install_error: null, worker: null, updated: REQUESTED },
  },
  Execution: execution,
  Health: { status: 'ok', version: '0.1.0', problems: [], words: [] },
  Key: { ref: 'mail.smtp_password', name: 'smtp_password', owner_type: 'pack', owner: 'mail', updated: REQUESTED },
  ListedExecution: listed,
  LoggedOut: loggedOut,
  Pack: pack,
  PackWithActions: { ref: 'sample', label: 'Sample', version: '1.2.0', actions: [action], next_cursor: null },
  Placement: placement,
  RegisteredRuntime: { ref: 'core.python', name: 'python', auto_detected: true, execution_config: {} },
  Runtime: {
    ...{ name: 'python', versions: [{ version: '3.12.7', workers: ['python-1'] }], workers: ['python-1'] },
  },
  Schedule: schedule,
  SecretValue: { path: 'parameters.password', value: 'correct horse' },
  Token: token,
  TokenInfo: tokenInfo,
  Webhook: webhook,
  WebhookMessage: message,
  WebhookTrial: trial,
  Worker: worker,
};
