import { isRecord } from '#domain/record.ts';
import type { Activity } from '#wire/activity.ts';
import type { Artifact } from '#wire/artifacts.ts';
import type { AttemptList } from '#wire/attempts.ts';
import type { AuditPage } from '#wire/audit.ts';
import type { EnvironmentList } from '#wire/environments.ts';
import type { Execution, ExecutionRequest, ExecutionSummary } from '#wire/executions.ts';
import type { KeyList, KeyRequest } from '#wire/keys.ts';
import type { Action, ActionList, PackList, PackWithActions } from '#wire/packs.ts';
import type { Placement } from '#wire/placement.ts';
import type { LoggedOut, TokenInfo } from '#wire/server.ts';
import type { CreatedToken, TokenList, TokenRequest } from '#wire/tokens.ts';
import type {
  CreatedWebhook,
  Webhook,
  WebhookList,
  WebhookMessageList,
  WebhookRequest,
  WebhookTrial,
} from '#wire/webhooks.ts';
import type { RuntimeList, Worker, WorkerList } from '#wire/workers.ts';
import { keepToken, readToken } from './session.ts';

/** The types of the server's answers, by the path that is asked for. */
export interface Answers {
  readonly actions: ActionList;
  readonly packs: PackList;
  readonly keys: KeyList;
  readonly [audit: `audit?${string}`]: AuditPage;
  readonly runtimes: RuntimeList;
  readonly workers: WorkerList;
  readonly token: TokenInfo;
  readonly tokens: TokenList;
  readonly webhooks: WebhookList;
  readonly [webhook: `webhooks/${number}`]: Webhook;
  readonly [messages: `webhooks/${number}/messages`]: WebhookMessageList;
  readonly activity: Activity;
  readonly environments: EnvironmentList;
  readonly [worker: `workers/${number}`]: Worker;
  readonly [attempts: `executions/${number}/attempts`]: AttemptList;
  readonly [placement: `${'executions' | 'actions'}/${string}/placement`]: Placement;
  readonly [page: `executions?${string}`]: ListPage;
  readonly [one: `executions/${number}`]: Execution;
  readonly [files: `artifacts?execution=${number}&${string}`]: FilePage;
}

/** The fields of an execution that a list shows: no more are asked for, so that a list that is left open costs little. */
const LIST_FIELDS = [
  ...(['action_ref', 'status', 'created', 'updated', 'started_at', 'duration_ms'] as const),
  ...(['worker_name', 'requested_by', 'parent'] as const),
] as const;

/** An execution in the list. */
export type Listed = Pick<ExecutionSummary, 'id' | (typeof LIST_FIELDS)[number]>;

interface ListPage {
  readonly executions: readonly Listed[];
  readonly next_cursor: string | null;
}

interface FilePage {
  readonly artifacts: readonly Artifact[];
  readonly next_cursor: string | null;
}

/** The path of a page of the list of executions. */
export function listPath(query: Readonly<Record<string, string>>): `executions?${string}` {
  return `executions?${new URLSearchParams({ ...query, fields: LIST_FIELDS.join() })}`;
}

/** The path of the newest of a list of executions, of which no more is asked for than that they are there. */
export function newestPath(query: Readonly<Record<string, string>>): `executions?${string}` {
  return `executions?${new URLSearchParams({ ...query, fields: 'status' })}`;
}

/** The error of a request that the server refused; `message` is the server's sentence. */
export class ApiError extends Error {
  readonly status: number;
  /** What is wrong with single fields of the request. */
  readonly errors: readonly FieldError[];

  constructor(status: number, message: string, errors: readonly FieldError[]) {
    super(message);
    this.status = status;
    this.errors = errors;
  }
}

interface FieldError {
  readonly path: string;
  readonly message: string;
}

/** Sends a request below `api/v1/` with the token that this browser keeps; throws an `ApiError` for a refusal. */
export async function send(path: string, init: RequestInit = {}): Promise<Response> {
  const headers = { ...(init.headers as Record<string, string>), authorization: `Bearer ${readToken() ?? ''}` };
  const response = await fetch(`api/v1/${path}`, { ...init, headers }).catch((error: unknown) => {
    if (init.signal?.aborted) throw error;
    throw new Error('the server cannot be reached', { cause: error });
  });
  if (response.ok || response.status === 304) return response;
  const problem: unknown = await response.json().catch(() => undefined);
  const { detail, errors } = isRecord(problem) ? problem : {};
  const message = String(detail ?? `the server answered with ${response.status}`);
  if (response.status === 401) {
    keepToken(undefined);
    dispatchEvent(new CustomEvent('logged-out', { detail: message }));
  }
  throw new ApiError(response.status, message, Array.isArray(errors) ? (errors as FieldError[]) : []);
}

/** Gets what the server has at `path`. */
export async function get<Path extends keyof Answers>(path: Path): Promise<Answers[Path]> {
  return await answerOf(await send(path));
}

/** Gets an action with what a list does not tell of it. */
export async function getAction(ref: string): Promise<Action> {
  return await answerOf(await send(`actions/${encodeURIComponent(ref)}`));
}

/** An answer with the tag by which its server knows whether it has changed. */
export interface Tagged<T> {
  readonly value: T;
  readonly etag: string | null;
}

/** Gets what the server has at `path`, or what it had before if that has not changed. */
export async function getAgain<Path extends keyof Answers>(
  path: Path,
  before: Tagged<Answers[Path]> | undefined,
): Promise<Tagged<Answers[Path]>> {
  const response = await send(path, before?.etag ? { headers: { 'if-none-match': before.etag } } : {});
  if (response.status === 304 && before) return before;
  return { value: await answerOf(response), etag: response.headers.get('etag') };
}

/**
 * Requests an execution, or asks for a change of one. With the same `key` a request is made once, however often it is
 * sent.
 */
export async function post(
  path: 'executions' | `executions/${number}/${'cancel' | 'rerun'}`,
  { body, key }: { readonly body?: ExecutionRequest; readonly key?: string } = {},
): Promise<Execution> {
  const headers = {
    ...(body !== undefined && { 'content-type': 'application/json' }),
    ...(key !== undefined && { 'idempotency-key': key }),
  };
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  return answerOf(await send(path, { method: 'POST', headers, ...sent }));
}

/** Cordons a worker, or lifts its cordon. */
export async function cordon(worker: number, reason: string | undefined): Promise<void> {
  const [verb, body] = reason === undefined ? ['uncordon', {}] : ['cordon', { reason }];
  await send(`workers/${worker}/${verb}`, withJson('POST', body));
}

export async function createToken(token: TokenRequest): Promise<CreatedToken> {
  return await answerOf(await send('tokens', withJson('POST', token)));
}

/** Revokes the token of this browser; returns where its session at the provider ends, or null. */
export async function endSession(): Promise<string | null> {
  const { end_session_url: url }: LoggedOut = await answerOf(await send('token', { method: 'DELETE' }));
  return url;
}

/** Tells whether people may log in with a provider here. */
export async function hasProvider(): Promise<boolean> {
  const { provider }: { readonly provider: boolean } = await answerOf(await fetch('auth/methods'));
  return provider;
}

export async function revokeToken(id: string): Promise<void> {
  await send(`tokens/${id}`, { method: 'DELETE' });
}

export async function createWebhook(webhook: WebhookRequest): Promise<CreatedWebhook> {
  return await answerOf(await send('webhooks', withJson('POST', webhook)));
}

export async function changeWebhook(id: number, verb: 'pause' | 'resume'): Promise<void> {
  await send(`webhooks/${id}/${verb}`, { method: 'POST' });
}

export async function renewWebhookSecret(id: number): Promise<CreatedWebhook> {
  return await answerOf(await send(`webhooks/${id}/secret`, { method: 'POST' }));
}

/** Sends a message to try a webhook, and tells what became of it. */
export async function testWebhook(id: number): Promise<WebhookTrial> {
  return await answerOf(await send(`webhooks/${id}/test`, { method: 'POST' }));
}

export async function deleteWebhook(id: number): Promise<void> {
  await send(`webhooks/${id}`, { method: 'DELETE' });
}

/** Lets whoever needs an environment try again to build it, at once. */
export async function retryEnvironment(key: string): Promise<void> {
  await send(`environments/${encodeURIComponent(key)}/retry`, { method: 'POST' });
}

/** Registers a pack, which is a tar.gz. */
export async function uploadPack(archive: Blob): Promise<PackWithActions> {
  const headers = { 'content-type': 'application/gzip' };
  return await answerOf(await send('packs', { method: 'POST', headers, body: archive }));
}

export async function storeKey(key: KeyRequest): Promise<void> {
  await send('keys', withJson('POST', key));
}

export async function deleteKey(ref: string): Promise<void> {
  await send(`keys/${encodeURIComponent(ref)}`, { method: 'DELETE' });
}

function withJson(method: string, body: object): RequestInit {
  return { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

/** A key for one request, which makes it once however often it is sent. */
export function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** The page comes from the server that answers it: both have the same shapes, and a browser need not check them. */
async function answerOf<T>(response: Response): Promise<T> {
  return (await response.json()) as T;
}
