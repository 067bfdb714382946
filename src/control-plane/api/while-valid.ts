import type { MiddlewareHandler } from 'hono';
import type { AppEnv } from './auth.ts';
import { invalidToken } from './problem.ts';
import type { TokenWatch } from './token-watch.ts';

/** Middleware that lets routes answer with bytes that break off, and the connection with them, when the token is no longer valid. */
export function watchDownloads(tokens: Pick<TokenWatch, 'watch'>): MiddlewareHandler<AppEnv> {
  return async (context, next) => {
    context.set('whileValid', (bytes) => {
      const ending = new AbortController();
      return brokenOff(bytes, {
        ending,
        watch: () => tokens.watch(context.get('tokenHash'), ending),
        lost: () => context.env.lostToken(),
      });
    });
    await next();
  };
}

interface Watching {
  /** Aborts when the token is no longer valid, and is aborted at the end of the bytes. */
  readonly ending: AbortController;
  watch(): void;
  lost(): void;
}

/** Passes a stream on, watched from its first bytes to its end, whoever ended it; one that nobody reads is not watched. */
function brokenOff(stream: ReadableStream<Uint8Array>, { ending, watch, lost }: Watching): ReadableStream<Uint8Array> {
  const reader = stream.getReader();
  let state: 'unread' | 'read' | 'over' = 'unread';
  const end = (): void => {
    state = 'over';
    ending.abort();
  };
  const begin = (controller: ReadableStreamDefaultController<Uint8Array>): void => {
    state = 'read';
    ending.signal.addEventListener('abort', () => {
      if (state === 'over') return;
      state = 'over';
      controller.error(invalidToken());
      reader.cancel().catch(() => {}); /* what it came from may be broken too */
      lost();
    });
    watch();
  };
  return new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        if (state === 'unread') begin(controller);
        const { done, value } = await reader.read().catch((error: unknown) => {
          end();
          throw error;
        });
        if (ending.signal.aborted) return;
        if (!done) return controller.enqueue(value);
        end();
        controller.close();
      },
      cancel: async () => {
        end();
        await reader.cancel();
      },
    },
    { highWaterMark: 0 },
  );
}
