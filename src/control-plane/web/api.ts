import { createParser } from 'eventsource-parser';
import { isRecord } from '#domain/record.ts';
import type { Execution, ExecutionRequest, ExecutionSummary } from '#wire/executions.ts';
import type { LogEvent, StatusEvent } from '#wire/log-events.ts';
import type { ActionList, PackList } from '#wire/packs.ts';
import type { RuntimeList, WorkerList } from '#wire/workers.ts';
import { keepToken, readToken } from './session.ts';

/** The types of the server's answers, by the path that is asked for. */
export interface Answers {
  readonly actions: ActionList;
  readonly packs: PackList;
  readonly runtimes: RuntimeList;
  readonly workers: WorkerList;
  readonly 'openapi.json': unknown;
  readonly [page: `executions?${string}`]: ListPage;
  readonly [one: `executions/${number}`]: Execution;
}

/** The fields of an execution that a list shows: no more are asked for, so that a list that is left open costs little. */
const LIST_FIELDS = ['action_ref', 'status', 'created'] as const;

interface ListPage {
  readonly executions: readonly Pick<ExecutionSummary, 'id' | (typeof LIST_FIELDS)[number]>[];
  readonly next_cursor: string | null;
}

/** The path of a page of the list of executions. */
export function listPath(query: Readonly<Record<string, string>>): `executions?${string}` {
  return `executions?${new URLSearchParams({ ...query, fields: LIST_FIELDS.join() })}`;
}

/** The error of a request that the server refused; `message` is the server's sentence. */
export class ApiError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

async function send(path: string, init: RequestInit = {}): Promise<Response> {
  const headers = { ...(init.headers as Record<string, string>), authorization: `Bearer ${readToken() ?? ''}` };
  const response = await fetch(`api/v1/${path}`, { ...init, headers });
  if (response.ok || response.status === 304) return response;
  const problem: unknown = await response.json().catch(() => undefined);
  if (response.status === 401) {
    keepToken(undefined);
    dispatchEvent(new Event('logged-out'));
  }
  const detail = isRecord(problem) ? problem['detail'] : undefined;
  throw new ApiError(response.status, String(detail ?? `the server answered with ${response.status}`));
}

/** The lists that are shown whole, though they come in pages. */
const WHOLE: readonly string[] = ['actions', 'packs', 'workers'];

/** Gets what the server has at `path`. */
export async function get<Path extends keyof Answers>(path: Path): Promise<Answers[Path]> {
  const answer: Answers[Path] = await answerOf(await send(path));
  return WHOLE.includes(path) ? { ...Object(answer), [path]: await membersOf(path, answer) } : answer;
}

/** The members of all pages of the list at `path`. */
async function membersOf(path: string, first: unknown): Promise<readonly unknown[]> {
  const members: unknown[] = [];
  for (let page = first; isRecord(page); ) {
    members.push(...((page[path] ?? []) as unknown[]));
    const next = page['next_cursor'];
    page = typeof next === 'string' ? await answerOf(await send(`${path}?cursor=${encodeURIComponent(next)}`)) : null;
  }
  return members;
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

/** Requests an execution, or asks for a change of one. */
export async function post(
  path: 'executions' | `executions/${number}/${'cancel' | 'rerun'}`,
  body?: ExecutionRequest,
): Promise<Execution> {
  const json = { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
  return answerOf(await send(path, { method: 'POST', ...(body === undefined ? {} : json) }));
}

/** The page comes from the server that answers it: both have the same shapes, and a browser need not check them. */
async function answerOf<T>(response: Response): Promise<T> {
  return (await response.json()) as T;
}

interface Listener {
  onLog(chunk: LogEvent): void;
  onStatus(status: string): void;
  onEnd(execution: Execution): void;
  onProblem(problem: string | undefined): void;
}

/** Follows an execution until it has ended, by ever new connections where one breaks; each goes on behind the last. */
export async function follow(id: number, listener: Listener, stop: AbortSignal): Promise<void> {
  const position = { lastId: undefined as string | undefined, hasEnded: false };
  const parser = createParser({
    onEvent: ({ id: eventId, event, data }) => {
      position.lastId = eventId ?? position.lastId;
      position.hasEnded ||= event === 'end';
      notifyListener(listener, event, JSON.parse(data));
    },
  });
  const read = async (): Promise<void> => {
    const headers: Record<string, string> = position.lastId === undefined ? {} : { 'last-event-id': position.lastId };
    const { body } = await send(`executions/${id}/logs/stream`, { headers, signal: stop });
    listener.onProblem(undefined);
    const texts = body?.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>).getReader();
    for (let part = await texts?.read(); part && !part.done; part = await texts?.read()) parser.feed(part.value);
  };
  while (!(position.hasEnded || stop.aborted)) {
    await read().catch((error: unknown) => {
      if (error instanceof ApiError && error.status < 500) throw error;
      if (!stop.aborted) listener.onProblem('the connection broke: trying again');
    });
    parser.reset();
    if (!position.hasEnded) await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}

function notifyListener(listener: Listener, event: string | undefined, value: unknown): void {
  /* The name of an event tells its shape. */
  if (event === 'log') listener.onLog(value as LogEvent);
  if (event === 'status') listener.onStatus((value as StatusEvent).status);
  if (event === 'end') listener.onEnd(value as Execution);
}
