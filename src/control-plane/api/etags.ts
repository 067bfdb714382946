import type { MiddlewareHandler } from 'hono';

/**
 * Middleware that gives each JSON answer to a GET an ETag, and answers 304 without a body when the client has it
 * already. A list that is asked for again and again costs nearly nothing while nothing changes.
 */
export const tagAnswers: MiddlewareHandler = async (context, next) => {
  await next();
  const { req, res } = context;
  const isTagged = res.status === 200 && res.headers.get('content-type')?.startsWith('application/json') === true;
  if (req.method !== 'GET' || !isTagged || res.headers.has('etag')) return;
  const body = await res.arrayBuffer();
  const headers = new Headers(res.headers);
  headers.set('etag', `W/"${Bun.hash(body).toString(36)}"`);
  if (!headers.has('cache-control')) headers.set('cache-control', 'private, no-cache');
  const isKnown = matchesTag(req.header('if-none-match'), headers.get('etag') ?? '');
  context.res = undefined;
  context.res = isKnown ? new Response(null, { status: 304, headers }) : new Response(body, { headers });
};

/** Tells whether a header If-None-Match names the ETag, weak or not. */
export function matchesTag(header: string | undefined, etag: string): boolean {
  const names = (header ?? '').split(',').map((one) => one.trim().replace(/^W\//, ''));
  return names.includes('*') || names.includes(etag.replace(/^W\//, ''));
}
