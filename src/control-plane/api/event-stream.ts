/** Server-sent events: how they are written, and what their answers say of them. */

/** The headers of an event stream, by which neither a cache nor a proxy may hold events back. */
export const EVENT_STREAM_HEADERS = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-store',
  'x-accel-buffering': 'no',
} as const;

/** A comment, which readers pass over: it keeps proxies from closing a silent connection. */
export const SIGN_OF_LIFE = ': alive\n\n';

/** The text of one event. `data` becomes JSON, which holds no line breaks. */
export function writeEvent(name: string, data: unknown): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}
