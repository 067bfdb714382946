import type { MiddlewareHandler } from 'hono';
import type { Clock } from '#domain/clock.ts';
import type { AppEnv } from './auth.ts';
import { bodyKindOf } from './content-types.ts';
import { invalidToken, Problem } from './problem.ts';
import type { TokenWatch } from './token-watch.ts';

/** A file has so long, and a second more for each so many bytes that have come: one that drips is given up. */
const BASE_MS = 30_000;
const BYTES_A_SECOND = 16 * 1024;

/** Middleware that breaks off a file that comes too slowly, or whose token is no longer valid; routes read it as it comes. */
export function receiveUpload(
  clock: Pick<Clock, 'monotonic' | 'sleep'>,
  tokens: Pick<TokenWatch, 'watch'>,
): MiddlewareHandler<AppEnv> {
  return async (context, next) => {
    const { req } = context;
    const { body } = req.raw;
    if (!body || bodyKindOf(req) === 'json') return await next();
    const upload = bounded(body, clock);
    const ending = new AbortController();
    const stop = (): void => upload.end(invalidToken());
    ending.signal.addEventListener('abort', stop);
    tokens.watch(context.get('tokenHash'), ending);
    req.raw = new Request(req.raw, { body: upload.bytes });
    try {
      await next();
    } finally {
      upload.end();
      ending.abort();
    }
    const flaw = upload.flaw();
    if (flaw) throw flaw;
  };
}

interface Upload {
  readonly bytes: ReadableStream<Uint8Array>;
  /** Ends it, for a reason or because nobody reads it any more. */
  end(flaw?: Problem): void;
  /** Why it was broken off. */
  flaw(): Problem | undefined;
}

function bounded(body: ReadableStream<Uint8Array>, clock: Pick<Clock, 'monotonic' | 'sleep'>): Upload {
  const reader = body.getReader();
  const over = new AbortController();
  let received = 0;
  let flaw: Problem | undefined;
  let passedOn: ReadableStreamDefaultController<Uint8Array> | undefined;
  const end = (why?: Problem): void => {
    if (over.signal.aborted) return;
    over.abort();
    flaw = why;
    if (why) passedOn?.error(why);
    reader.cancel().catch(() => {}); /* the client may have gone */
  };
  const bytes = new ReadableStream<Uint8Array>(
    {
      start: (controller) => {
        passedOn = controller;
      },
      pull: async (controller) => {
        const { done, value } = await reader.read();
        if (over.signal.aborted) return;
        if (!done) {
          received += value.length;
          return controller.enqueue(value);
        }
        over.abort();
        controller.close();
      },
      cancel: () => end(),
    },
    { highWaterMark: 0 },
  );
  void endLate(clock, over.signal, () => received).then(end);
  return { bytes, end, flaw: () => flaw };
}

/** Resolves with a problem when what has been received is too little for the time since. Never, if it is over before. */
async function endLate(
  clock: Pick<Clock, 'monotonic' | 'sleep'>,
  over: AbortSignal,
  received: () => number,
): Promise<Problem | undefined> {
  const since = clock.monotonic();
  while (!over.aborted) {
    const leftMs = since + BASE_MS + (received() / BYTES_A_SECOND) * 1000 - clock.monotonic();
    if (leftMs <= 0)
      return new Problem(
        'request-timeout',
        `a file has ${BASE_MS / 1000} s, and one more for each ${BYTES_A_SECOND} bytes: only ${received()} have come`,
      );
    await clock.sleep(leftMs, over);
  }
  return undefined;
}
