import { createParser } from 'eventsource-parser';
import type { ExecutionStatus } from '#domain/execution-status.ts';
import { keepToken, readToken } from './session.ts';

export interface Execution {
  readonly id: number;
  readonly action_ref: string;
  readonly status: ExecutionStatus;
  readonly parameters: unknown;
  readonly result: unknown;
  readonly worker: number | null;
  readonly attempt: number;
  readonly retry_reason: string | null;
  readonly original_execution: number | null;
  readonly started_at: string | null;
  readonly created: string;
  readonly updated: string;
}

export interface Action {
  readonly ref: string;
  readonly label: string;
  readonly description: string | null;
  readonly runtime: string | null;
  readonly param_schema: {
    readonly properties?: Readonly<Record<string, Property>>;
    readonly required?: readonly string[];
  } | null;
}

/** Of a JSON Schema: what the form understands. */
export interface Property {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly secret?: boolean;
}

export interface Worker {
  readonly id: number;
  readonly name: string;
  readonly host: string;
  readonly alive: boolean;
  readonly cordoned: boolean;
  readonly cordon_reason: string | null;
  readonly assigned: number;
  readonly max_concurrent_executions: number;
  readonly runtimes: readonly string[];
  readonly runtime_versions: Readonly<Record<string, readonly string[]>>;
}

export interface Runtime {
  readonly name: string;
  readonly versions: readonly { readonly version: string; readonly workers: readonly string[] }[];
  readonly workers: readonly string[];
}

export interface LogEvent {
  readonly stream: 'stdout' | 'stderr';
  /** Base64. */
  readonly data: string;
}

/** The server refused: `message` is its sentence. */
export class ApiError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

async function send(path: string, init: RequestInit = {}): Promise<Response> {
  const headers = { ...(init.headers as Record<string, string>), authorization: `Bearer ${readToken() ?? ''}` };
  const response = await fetch(`/api/v1/${path}`, { ...init, headers });
  if (response.ok) return response;
  const problem = (await response.json().catch(() => ({}))) as { readonly detail?: string };
  if (response.status === 401) {
    keepToken(undefined);
    dispatchEvent(new Event('logged-out'));
  }
  throw new ApiError(response.status, problem.detail ?? `the server answered with ${response.status}`);
}

export async function get<T>(path: string): Promise<T> {
  return (await (await send(path)).json()) as T;
}

export async function post<T>(path: string, body?: unknown): Promise<T> {
  const json = { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
  return (await (await send(path, { method: 'POST', ...(body === undefined ? {} : json) })).json()) as T;
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
  if (event === 'log') listener.onLog(value as LogEvent);
  if (event === 'status') listener.onStatus((value as Execution).status);
  if (event === 'end') listener.onEnd(value as Execution);
}
