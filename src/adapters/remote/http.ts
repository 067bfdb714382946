import type { z } from 'zod';
import { messageOf } from '#domain/errors.ts';
import { Unavailable } from '#domain/unavailable.ts';
import { parseInTurns } from '#formats/json-in-turns.ts';
import { storableJson } from '#formats/storable.ts';
import { readAnswer, SERVER_VERSION_HEADER } from '#wire/answer.ts';
import { API_PATH } from '#wire/paths.ts';
import { detailOf } from '#wire/problem.ts';
import type { WorkerCall } from '#wire/worker-calls.ts';
import { bodyText } from './body-text.ts';
import { fetchHere } from './fetch-here.ts';

/** Bytes of the answer that says what went wrong. */
export const MOST_ERROR_BYTES = 4 * 1024 * 1024;

export interface ServerAddress {
  /** The address of the server, without /api/v1. */
  readonly url: string;
  readonly token: string;
}

/** Reduces the address of a server to its base: a slash at its end and `/api/v1` are left out. */
export function serverUrl(url: string): string {
  const bare = url.replace(/\/+$/, '');
  return bare.endsWith(API_PATH) ? bare.slice(0, -API_PATH.length) : bare;
}

/** The headers of a request by the holder of a token. */
export function bearer(token: string): { readonly authorization: string } {
  return { authorization: `Bearer ${token}` };
}

/** The error of a request that the server refuses for a reason that waiting does not mend, such as a wrong token. */
export class Refused extends Error {
  override readonly name = 'Refused';
  /** True if the server wants another token. */
  readonly isForbidden: boolean;

  constructor(message: string, isForbidden: boolean) {
    super(message);
    this.isForbidden = isForbidden;
  }
}

/**
 * The error of an answer whose shape this version does not know. A running worker waits, since its server may be
 * replaced.
 */
export class UnreadableAnswer extends Unavailable {}

const ANSWER_TIMEOUT_MS = 15_000;

export async function openStream({ url, token }: ServerAddress, path: string, stop: AbortSignal): Promise<Response> {
  return await send(`${url}${API_PATH}/${path}`, { headers: bearer(token), signal: stop });
}

interface Upload {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: ReadableStream<Uint8Array>;
  readonly stop: AbortSignal;
}

/** Sends the bytes of a file as they are read. */
export async function upload({ url, token }: ServerAddress, { path, headers, bytes, stop }: Upload): Promise<void> {
  await send(`${url}${API_PATH}/${path}`, {
    method: 'PUT',
    headers: { ...bearer(token), ...headers, 'content-type': 'application/octet-stream' },
    body: bytes,
    signal: stop,
  });
}

/**
 * Calls one method of the server. Rejects with Unavailable when the server cannot be reached or is not ready, with
 * UnreadableAnswer when its answer does not fit, and with Refused when it refuses.
 */
export async function call<Name extends string, Request extends z.ZodType, Reply extends z.ZodType>(
  { url, token }: ServerAddress,
  { name, reply }: WorkerCall<Name, Request, Reply>,
  request: z.input<Request>,
): Promise<z.output<Reply>> {
  const response = await send(`${url}${API_PATH}/worker/${name}`, {
    method: 'POST',
    headers: { ...bearer(token), 'content-type': 'application/json' },
    body: storableJson(request),
    signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
  });
  const body = await readBody(response).catch((error: unknown) => {
    throw new Unavailable(`server ${url}: its answer broke off`, { cause: error, word: 'server' });
  });
  const answer = readAnswer(reply, { body, serverVersion: versionOf(response) });
  if (answer.ok) return answer.value;
  throw new UnreadableAnswer(`server ${url}, worker/${name}: ${answer.error}`);
}

/** Reads an answer with its numbers as they are written. */
async function readBody(response: Response): Promise<unknown> {
  return await parseInTurns(await bodyText(response));
}

/** The version of the server that gave an answer, or undefined if the answer does not tell it. */
export function versionOf({ headers }: Response): string | undefined {
  return headers.get(SERVER_VERSION_HEADER) ?? undefined;
}

async function send(url: string, init: RequestInit): Promise<Response> {
  const where = `server ${new URL(url).origin}`;
  let response: Response;
  try {
    response = await fetchHere(url, init);
  } catch (error) {
    throw new Unavailable(`${where}: ${messageOf(error)}`, { cause: error, word: 'server' });
  }
  if (response.ok) return response;
  const text = await bodyText(response, MOST_ERROR_BYTES).catch(() => '');
  const body = await parseInTurns(text).catch(() => undefined);
  const detail = detailOf(body) ?? `HTTP ${response.status}: is it an Attune server?`;
  if (response.status >= 500 || response.status === 429)
    throw new Unavailable(`${where}: ${detail}`, { word: 'server' });
  throw new Refused(`${where}: ${detail}`, response.status === 401 || response.status === 403);
}
