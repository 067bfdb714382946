import type { HonoRequest, MiddlewareHandler } from 'hono';
import type { Clock } from '#domain/clock.ts';
import { Problem } from './problem.ts';

/** A body that has not come within so long is given up, however steadily it drips. */
const DEADLINE_MS = 30_000;

/**
 * Middleware that reads the body of a request whole, up to a number of bytes that depends on it and within a
 * deadline, before any route looks at it. It stands behind the check of the token, so that nobody without one can make
 * the server hold anything.
 */
export function receiveBody(clock: Clock, mostFor: (request: HonoRequest) => number | undefined): MiddlewareHandler {
  return async ({ req }, next) => {
    const most = mostFor(req);
    const { body } = req.raw;
    if (most !== undefined && body) {
      if (Number(req.header('content-length') ?? 0) > most) throw tooLarge(most);
      req.raw = new Request(req.raw, { body: await readWhole(body, most, clock) });
    }
    await next();
  };
}

async function readWhole(
  body: ReadableStream<Uint8Array>,
  most: number,
  clock: Clock,
): Promise<Uint8Array<ArrayBuffer>> {
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
  return Buffer.concat(chunks);
}

function tooLarge(most: number): Problem {
  return new Problem('body-too-large', `a request may have ${most} bytes at most`);
}
