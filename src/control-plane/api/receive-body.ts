import type { HonoRequest, MiddlewareHandler } from 'hono';
import type { Clock } from '#domain/clock.ts';
import { shareTurns } from '#domain/turns.ts';
import type { AppEnv } from './auth.ts';
import { invalidToken, Problem } from './problem.ts';

/** A body that has not come within so long is given up, however steadily it drips. */
const DEADLINE_MS = 30_000;
/** After so long the token of a body may have been revoked meanwhile. */
const SLOW_MS = 1000;
/** Bytes of the bodies that are worked on in one turn of the event loop; a larger one is alone in it. */
const BYTES_AT_ONCE = 64 * 1024;
/** What a request counts for at least: those whose tokens were looked up together would all go on in one turn. */
const LEAST_BYTES = 2048;

/**
 * Middleware that reads the body of a request whole, up to a number of bytes that depends on it and within a
 * deadline, before any route looks at it; after one that came slowly, the token must still be valid. Many large ones at
 * once are worked on one by one, and of small ones, or of requests without a body, some in a turn. It stands behind the
 * check of the token, so that nobody without one can make the server hold anything.
 */
export function receiveBody(
  clock: Clock,
  mostFor: (request: HonoRequest) => number | undefined,
  isOver: (tokenHash: string) => Promise<boolean>,
): MiddlewareHandler<AppEnv> {
  const turns = shareTurns(BYTES_AT_ONCE);
  return async (context, next) => {
    const { req } = context;
    const most = mostFor(req);
    const { body } = req.raw;
    const setBytes = (bytes: number): void => {
      context.set('bytes', bytes);
      context.set('turn', () => turns(bytes));
    };
    setBytes(Number.POSITIVE_INFINITY);
    if (most === undefined || !body) await turns(LEAST_BYTES);
    else {
      if (Number(req.header('content-length') ?? 0) > most) throw tooLarge(most);
      const since = clock.monotonic();
      const whole = await readWhole(body, most, clock);
      const isSlow = clock.monotonic() - since > SLOW_MS;
      if (isSlow && (await isOver(context.get('tokenHash')))) throw invalidToken();
      setBytes(whole.bytes);
      await turns(Math.max(whole.bytes, LEAST_BYTES));
      req.raw = new Request(req.raw, { body: Buffer.concat(whole.chunks.splice(0)) });
    }
    await next();
  };
}

async function readWhole(
  body: ReadableStream<Uint8Array>,
  most: number,
  clock: Clock,
): Promise<{ readonly chunks: Uint8Array[]; readonly bytes: number }> {
  const reader = body.getReader();
  const done = new AbortController();
  let isLate = false;
  void clock.sleep(DEADLINE_MS, done.signal).then(() => {
    if (done.signal.aborted) return;
    isLate = true;
    void reader.cancel();
  });
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      bytes += read.value.length;
      if (bytes > most) throw tooLarge(most);
      chunks.push(read.value);
    }
  } finally {
    done.abort();
  }
  if (isLate)
    throw new Problem('request-timeout', `the body of the request has not come within ${DEADLINE_MS / 1000} s`);
  return { chunks, bytes };
}

function tooLarge(most: number): Problem {
  return new Problem('body-too-large', `a request may have ${most} bytes at most`);
}
