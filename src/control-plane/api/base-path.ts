import type { Handler, MiddlewareHandler } from 'hono';

/**
 * The path of a request without the base path, whether a proxy has taken that away or not. The base path itself, without
 * a slash at its end, stays as it is.
 */
export function withoutBase(url: string, base: string): string {
  if (base === '') return url;
  const { origin, pathname, search } = new URL(url);
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

/**
 * The page with the place from which its names are taken: where a proxy takes the base path away, its address may have no
 * slash at its end, and nothing tells the server so.
 */
export function pageBelow(html: string, base: string): string {
  return base === '' ? html : html.replace('<head>', `<head>\n    <base href="${base}/" />`);
}

/** Sends whoever asks for the base path itself to it with a slash: what the page names lies below the last slash. */
export function addSlash(base: string): Handler {
  return ({ req }) => new Response(null, { status: 308, headers: { location: `${base}/${new URL(req.url).search}` } });
}
