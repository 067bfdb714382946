/** The error of an answer that sends its client to another place. */
export class Redirected extends Error {
  override readonly name = 'Redirected';
}

/**
 * Sends a request to a server and follows it nowhere else: what is sent, and the token with it, is meant for that address
 * alone. Rejects with Redirected when the answer is a redirection.
 */
export async function fetchHere(url: string, init: RequestInit): Promise<Response> {
  const response = await fetch(url, { ...init, redirect: 'manual' });
  const to = response.headers.get('location');
  if (to === null || response.status < 300 || response.status > 399) return response;
  await response.body?.cancel();
  const origin = URL.parse(to, url)?.origin ?? 'nowhere';
  throw new Redirected(`it redirects to ${origin}, and nothing was sent there: is that the address of the server?`);
}
