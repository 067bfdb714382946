import { createHash } from 'node:crypto';
import type { MiddlewareHandler } from 'hono';
import { secureHeaders } from 'hono/secure-headers';
import { DOCS, FRAME, frameScript } from './assets.ts';

/** Scripts of our own only: whatever an action prints or is called, none of it runs in a browser. */
const policy = {
  defaultSrc: ["'none'"],
  scriptSrc: ["'self'"],
  styleSrc: ["'self'"],
  imgSrc: ["'self'", 'data:'],
  connectSrc: ["'self'"],
  frameSrc: ["'self'"],
  baseUri: ["'none'"],
  formAction: ["'self'"],
  frameAncestors: ["'none'"],
};

/** The reference of the API is drawn by a library whose elements have styles of their own. */
const ofDocs = { ...policy, styleSrc: ["'self'", "'unsafe-inline'"] };

/**
 * A file that an action has left is in an origin of its own. It may look as it likes, and has images in itself: nothing of it
 * runs, and it asks nobody for anything. The frame's own script, which puts it there, is known by its hash.
 */
const ofFrame = {
  sandbox: ['allow-scripts'],
  defaultSrc: ["'none'"],
  scriptSrc: [`'sha256-${createHash('sha256').update(frameScript).digest('base64')}'`],
  styleSrc: ["'unsafe-inline'"],
  imgSrc: ['data:'],
  fontSrc: ['data:'],
  baseUri: ["'none'"],
  formAction: ["'none'"],
  frameAncestors: ["'self'"],
};

/** Sets what browsers may do with an answer. Below a base path, the page says itself where it lies. */
export function securePages({ basePath }: { readonly basePath: string }): MiddlewareHandler {
  const headersOf = (contentSecurityPolicy: typeof policy | typeof ofFrame): MiddlewareHandler =>
    secureHeaders({ contentSecurityPolicy, strictTransportSecurity: false, referrerPolicy: 'no-referrer' });
  const common = headersOf(basePath === '' ? policy : { ...policy, baseUri: ["'self'"] });
  const own: Readonly<Record<string, MiddlewareHandler>> = { [DOCS]: headersOf(ofDocs), [FRAME]: headersOf(ofFrame) };
  return async (context, next) => await (own[context.req.path] ?? common)(context, next);
}
