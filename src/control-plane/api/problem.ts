import { messageOf } from '#domain/errors.ts';
import { Unavailable } from '#domain/unavailable.ts';

/** Stable: clients may depend on them. */
export const STATUS_OF = {
  'invalid-request': 400,
  'invalid-token': 401,
  'missing-scope': 403,
  'callbacks-not-allowed': 403,
  'not-found': 404,
  'action-not-found': 404,
  'method-not-allowed': 405,
  'request-timeout': 408,
  'idempotency-conflict': 409,
  'name-taken': 409,
  'no-earlier-version': 409,
  'worker-in-use': 409,
  'schedule-exists': 409,
  'schedule-of-pack': 409,
  'too-many-schedules': 409,
  'too-many-webhooks': 409,
  'no-callback-secret': 409,
  'body-too-large': 413,
  'unsupported-media-type': 415,
  'range-not-satisfiable': 416,
  'invalid-parameters': 422,
  'invalid-confinement': 422,
  'invalid-pack': 422,
  'invalid-runtime': 422,
  'address-refused': 422,
  'too-many-requests': 429,
  'too-many-unfinished': 429,
  'internal-error': 500,
  'database-unavailable': 503,
  'artifacts-unavailable': 503,
  'not-configured': 503,
} as const;

export type ProblemCode = keyof typeof STATUS_OF;

export interface ProblemDetails {
  /** The errors of single fields of the request. */
  readonly errors?: readonly { readonly path: string; readonly message: string }[];
  readonly headers?: Readonly<Record<string, string>>;
}

/** An answer that is an error: RFC 9457, with `code` beside the standard members. Thrown by routes. */
export class Problem extends Error {
  readonly code: ProblemCode;
  readonly details: ProblemDetails;

  constructor(code: ProblemCode, detail: string, details: ProblemDetails = {}) {
    super(detail);
    this.code = code;
    this.details = details;
  }

  /** The answer; `requestId` names the request in the log of the server. */
  response(requestId: string | undefined): Response {
    const { errors, headers } = this.details;
    const body = { ...problemExample(this.code), detail: this.message, request_id: requestId, errors };
    const { status } = body;
    return new Response(JSON.stringify(body), {
      status,
      headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store', ...headers },
    });
  }
}

/** The answer to a token that is not valid, or not any more. */
export function invalidToken(): Problem {
  return new Problem('invalid-token', 'the token is unknown, revoked or expired', {
    headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
  });
}

/** A problem with this code, as the API describes it. */
export function problemExample(code: ProblemCode) {
  const title = titleOf(code);
  return { type: `urn:attune:problem:${code}`, title, status: STATUS_OF[code], detail: title, code };
}

export function problemOf(error: unknown, hide: (text: string) => string): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof Unavailable)
    return new Problem('database-unavailable', hide(error.message), { headers: { 'retry-after': '2' } });
  return new Problem('internal-error', hide(messageOf(error)));
}

function titleOf(code: string): string {
  const words = code.replaceAll('-', ' ');
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
}
