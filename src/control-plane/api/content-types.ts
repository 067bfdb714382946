import type { HonoRequest, MiddlewareHandler } from 'hono';
import { API_PATH } from '#wire/paths.ts';
import { NO_ROUTE, routeOf } from './note-answers.ts';
import { Problem } from './problem.ts';

const JSON_TYPES: readonly string[] = ['application/json'];
const BYTES: readonly string[] = ['application/octet-stream'];
const ARCHIVES: readonly string[] = [
  'application/gzip',
  'application/x-gzip',
  'application/x-tar',
  'application/x-compressed-tar',
];

/** What the body of a request is: bytes of an artifact, the archive of a pack, or JSON, which everything else is. */
export function bodyKindOf(request: HonoRequest): 'artifact' | 'archive' | 'json' {
  if (request.path === `${API_PATH}/worker/artifacts` && request.method === 'PUT') return 'artifact';
  const mayBeArchive = request.path === `${API_PATH}/packs` && request.method === 'POST';
  return mayBeArchive && [...ARCHIVES, ...BYTES].includes(mediaTypeOf(request) ?? '') ? 'archive' : 'json';
}

/** The media type of the body in small letters, without its parameters; undefined: the request names none. */
function mediaTypeOf(request: HonoRequest): string | undefined {
  return request.header('content-type')?.split(';', 1)[0]?.trim().toLowerCase();
}

/**
 * Middleware that refuses a body of another type than its route reads, or in an encoding. A file may be empty, but not
 * without a type.
 */
export const checkContentType: MiddlewareHandler = async (context, next) => {
  /* A method that is not for this path is answered as such. */
  if (routeOf(context) === NO_ROUTE) return await next();
  const { req } = context;
  const type = mediaTypeOf(req);
  const isUpload = bodyKindOf(req) === 'artifact';
  const read = isUpload
    ? BYTES
    : req.path === `${API_PATH}/packs`
      ? [...JSON_TYPES, ...ARCHIVES, ...BYTES]
      : JSON_TYPES;
  if ((isUpload || req.raw.body !== null) && !read.includes(type ?? '')) {
    const given = type === undefined ? 'a body without Content-Type' : `a body of type ${type}`;
    throw new Problem('unsupported-media-type', `${given}: expected ${read.join(' or ')}`);
  }
  const encoding = req.header('content-encoding')?.trim().toLowerCase() ?? '';
  if (!['', 'identity'].includes(encoding))
    throw new Problem('unsupported-media-type', `a body encoded as ${encoding}: send it without Content-Encoding`, {
      headers: { 'accept-encoding': 'identity' },
    });
  await next();
};
