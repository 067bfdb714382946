import { messageOf } from '#domain/errors.ts';
import { isRecord } from '#domain/record.ts';
import { Unavailable } from '#domain/unavailable.ts';

export interface ServerAddress {
  /** Without /api/v1. */
  readonly url: string;
  readonly token: string;
}

/** The address of a server, however it was written: with /api/v1, with a slash. */
export function serverUrl(url: string): string {
  return url.replace(/\/+$/, '').replace(/\/api\/v1$/, '');
}

/** The server refuses for a reason that waiting does not mend: a wrong token, a request it does not understand. */
export class Refused extends Error {
  override readonly name = 'Refused';
  /** It wants another token. */
  readonly isForbidden: boolean;

  constructor(message: string, isForbidden: boolean) {
    super(message);
    this.isForbidden = isForbidden;
  }
}

const ANSWER_TIMEOUT_MS = 15_000;

export async function openStream({ url, token }: ServerAddress, path: string, stop: AbortSignal): Promise<Response> {
  return await send(`${url}/api/v1/${path}`, { headers: { authorization: `Bearer ${token}` }, signal: stop });
}

/** Sends a file of this machine as it is read. */
export async function upload({ url, token }: ServerAddress, path: string, file: string): Promise<void> {
  await send(`${url}/api/v1/${path}`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/octet-stream' },
    body: Bun.file(file),
  });
}

/** Rejects with Unavailable when the server cannot be reached or is not ready, with Refused when it will not. */
export async function call<Answer>({ url, token }: ServerAddress, name: string, body: object): Promise<Answer> {
  const response = await send(`${url}/api/v1/worker/${name}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
  });
  try {
    return (await response.json()) as Answer;
  } catch (error) {
    throw new Unavailable(`server ${url}: its answer broke off`, { cause: error });
  }
}

async function send(url: string, init: RequestInit): Promise<Response> {
  const where = `server ${new URL(url).origin}`;
  let response: Response;
  try {
    response = await fetch(url, init);
  } catch (error) {
    throw new Unavailable(`${where}: ${messageOf(error)}`, { cause: error });
  }
  if (response.ok) return response;
  const answer: unknown = await response.json().catch(() => undefined);
  const detail = isRecord(answer) ? String(answer['detail']) : `HTTP ${response.status}: is it an Attune server?`;
  if (response.status >= 500 || response.status === 429) throw new Unavailable(`${where}: ${detail}`);
  throw new Refused(`${where}: ${detail}`, response.status === 401 || response.status === 403);
}
