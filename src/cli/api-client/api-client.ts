import { bodyText, UnboundedBody } from '#adapters/remote/body-text.ts';
import { eventsOf, type ServerEvent } from '#adapters/remote/events.ts';
import { fetchHere, Redirected } from '#adapters/remote/fetch-here.ts';
import { bearer, MOST_ERROR_BYTES, serverUrl, versionOf } from '#adapters/remote/http.ts';
import { SILENCE_MS } from '#adapters/remote/patience.ts';
import { createWatchdog, type Watchdog } from '#adapters/remote/watchdog.ts';
import { systemClock } from '#cli/wiring/clock.ts';
import { codeOf, messageOf } from '#domain/errors.ts';
import { failure, type Result, success } from '#domain/result.ts';
import { parseStoredJson } from '#formats/json.ts';
import type { Answer } from '#wire/answer.ts';
import { API_PATH } from '#wire/paths.ts';
import { detailOf } from '#wire/problem.ts';
import type { Login } from './logins.ts';

export interface Api {
  readonly url: string;
  /** Sends a request and reads the answer. The error is a sentence: the API's own, or why the API cannot be reached. */
  call(method: 'GET' | 'POST' | 'DELETE', path: string, request?: ApiRequest): Promise<Result<Answer, string>>;
  /** Reads the body of an answer while it arrives. */
  open(path: string): Promise<Result<ReadableStream<Uint8Array>, string>>;
  /**
   * Yields server-sent events until the event `end`, and connects again when the connection breaks. Throws an error
   * whose message is for the user.
   */
  events(path: string, stop: AbortSignal): AsyncGenerator<ServerEvent>;
}

interface ApiRequest {
  /** A value that is sent as JSON, or a stream that is sent as it is. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A server that has not begun to answer by then, whatever it waits for, does not. */
const HEADERS_MS = 120_000;
/** The attempts to connect again take about half a minute in all. */
const RETRIES = 15;
const LONGEST_PAUSE_MS = 2000;
/** A connection that has brought nothing and ended sooner was in vain. */
const BRIEF_MS = 2000;

/** Opens the API of a server. */
export function openApi({ api_url: base, api_token: token }: Login): Api {
  const url = `${serverUrl(base)}${API_PATH}`;
  const authorization: Record<string, string> = token === undefined ? {} : bearer(token);
  const send = async (path: string, init: RequestInit): Promise<Result<Response, string>> => {
    try {
      const headers = { ...authorization, ...(init.headers as Record<string, string>) };
      const response = await fetchHere(`${url}/${path}`, { ...init, headers }, HEADERS_MS);
      return response.ok ? success(response) : failure(await explain(response, token));
    } catch (error) {
      if (error instanceof Redirected) return failure(`${url}: ${error.message} Then set --api-url or ATTUNE_API_URL`);
      return failure(
        `${url} does not answer (${reasonOf(error)}): is attune-agent --standalone running there? Else set --api-url or ATTUNE_API_URL`,
      );
    }
  };
  return {
    url,
    call: async (method, path, request = {}) => {
      const response = await send(path, { method, ...describeBody(request) });
      if (!response.ok) return response;
      const serverVersion = versionOf(response.value);
      if (response.value.status === 204) return success({ body: undefined, serverVersion });
      try {
        return success({ body: parseStoredJson(await bodyText(response.value)), serverVersion });
      } catch (error) {
        if (error instanceof UnboundedBody)
          return failure(`${url}: its answer is not read to the end: ${error.message}`);
        return failure(`${url} answers something that is no JSON: is it an Attune server?`);
      }
    },
    open: async (path) => {
      const response = await send(path, {});
      return response.ok ? success(response.value.body ?? new Blob([]).stream()) : response;
    },
    events: (path, stop) =>
      readEvents((lastId, silence) => send(path, { headers: lastId, signal: AbortSignal.any([stop, silence]) }), stop),
  };
}

/** Why a request did not arrive, without the words of the library where the code says it. */
function reasonOf(error: unknown): string {
  return REASONS[codeOf(error) ?? ''] ?? messageOf(error);
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ConnectionRefused: 'connection refused',
  ENOTFOUND: 'there is no host of this name',
  ETIMEDOUT: 'no connection in time',
  ECONNRESET: 'the connection broke',
  ConnectionClosed: 'the connection broke',
};

function describeBody({ body, headers = {} }: ApiRequest): RequestInit {
  if (body === undefined) return { headers };
  if (body instanceof ReadableStream) return { headers, body };
  return { headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) };
}

async function explain(response: Response, token: string | undefined): Promise<string> {
  const text = await bodyText(response, MOST_ERROR_BYTES).catch(() => '');
  const detail = detailOf(parsedOrNothing(text));
  if (response.status === 401)
    return token === undefined
      ? 'the API wants a token: set ATTUNE_API_TOKEN, or keep one with attune-agent login'
      : `the API refuses the token: ${detail ?? 'it is wrong'}; attune-agent token create makes one`;
  return detail ?? `the API answers with HTTP ${response.status}: is it an Attune server?`;
}

function parsedOrNothing(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Opens a stream, which ends when `silence` aborts. */
type Open = (headers: Record<string, string>, silence: AbortSignal) => Promise<Result<Response, string>>;

/** Yields each event once. After a connection that has broken, or is silent, it continues from the last event. */
async function* readEvents(open: Open, stop: AbortSignal): AsyncGenerator<ServerEvent> {
  let lastId: string | undefined;
  let inVain = 0;
  for (let isFirst = true; !stop.aborted; isFirst = false) {
    const openedAt = performance.now();
    const { response, ...opened } = await openAgain(open, lastId, { isFirst, stop });
    using silence = opened.silence;
    for await (const event of eventsOf(response, silence.reset)) {
      inVain = 0;
      lastId = event.id ?? lastId;
      yield event;
      if (event.event === 'end') return;
    }
    if (performance.now() - openedAt < BRIEF_MS) inVain++;
    if (inVain > RETRIES) throw new Error('the server ends the stream again and again, without an event');
  }
}

/**
 * Connects to the stream of events. The first attempt must succeed; later ones are repeated, since the server may be
 * restarting.
 */
async function openAgain(
  open: Open,
  lastId: string | undefined,
  { isFirst, stop }: { readonly isFirst: boolean; readonly stop: AbortSignal },
): Promise<{ readonly response: Response; readonly silence: Watchdog }> {
  for (let attempt = 1; ; attempt++) {
    if (!isFirst) await Bun.sleep(Math.min(LONGEST_PAUSE_MS, 100 * 2 ** attempt));
    const silence = createWatchdog(systemClock, SILENCE_MS);
    const response = await open(lastId === undefined ? {} : { 'last-event-id': lastId }, silence.signal);
    if (response.ok) return { response: requireEvents(response.value), silence };
    silence[Symbol.dispose]();
    if (isFirst || stop.aborted || attempt > RETRIES) throw new Error(response.error);
  }
}

function requireEvents(response: Response): Response {
  if (response.headers.get('content-type')?.startsWith('text/event-stream')) return response;
  throw new Error('it answers something that is no stream of events: is it an Attune server?');
}
