import type { MiddlewareHandler } from 'hono';

/** The path of a request without the base path, whether a proxy has taken that away or not. */
export function withoutBase(url: string, base: string): string {
  if (base === '') return url;
  const { origin, pathname, search } = new URL(url);
  if (pathname === base) return `${origin}/${search}`;
  return pathname.startsWith(`${base}/`) ? `${origin}${pathname.slice(base.length)}${search}` : url;
}

/** Middleware that puts the base path before each place that an answer names. */
export function placesBelow(base: string): MiddlewareHandler {
  return async (context, next) => {
    await next();
    const place = context.res.headers.get('location');
    if (base !== '' && place?.startsWith('/')) context.res.headers.set('location', `${base}${place}`);
  };
}
