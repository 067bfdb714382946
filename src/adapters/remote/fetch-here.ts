/** The error of an answer that sends its client to another place. */
export class Redirected extends Error {
  override readonly name = 'Redirected';
}

/**
 * Sends a request to a server and follows it nowhere else: what is sent, and the token with it, is meant for that address
 * alone. Rejects with Redirected when the answer is a redirection, and when no answer has begun within `headersMs`, where
 * that is given; a stream may take as long as it wants to be sent.
 */
export async function fetchHere(url: string, init: RequestInit, headersMs?: number): Promise<Response> {
  const late = new AbortController();
  const isBounded = headersMs !== undefined && !(init.body instanceof ReadableStream);
  const timer = isBounded ? setTimeout(() => late.abort(new Error('no answer in time')), headersMs) : undefined;
  const signal = AbortSignal.any([late.signal, ...(init.signal ? [init.signal] : [])]);
  const response = await fetch(url, { ...init, signal, redirect: 'manual' }).finally(() => clearTimeout(timer));
  const to = response.headers.get('location');
  if (to === null || response.status < 300 || response.status > 399) return response;
  await response.body?.cancel();
  const origin = URL.parse(to, url)?.origin ?? 'nowhere';
  throw new Redirected(`it redirects to ${origin}, and nothing was sent there: is that the address of the server?`);
}
