import type { AdminStore } from '#domain/admin-store.ts';
import type { Clock } from '#domain/clock.ts';
import { ifAvailable } from '#domain/unavailable.ts';
import { Problem } from './problem.ts';

/** How often the tokens of open streams are looked up, so that a revoked one ends its streams within 5 s. */
const CHECK_MS = 2000;
/** Streams of one token, and of all of them: each costs memory here, and those of messages a channel of the broker. */
const MOST_OF_TOKEN = 300;
const MOST = 1500;

/** The streams that are open at this server. */
export interface OpenStreams {
  /**
   * Opens a stream of a token. What `make` makes is to end with its signal, which aborts when the reader has gone, when
   * the token is no longer valid, and when another stream of the same `name` takes its place. Throws a problem when too
   * many are open.
   */
  open(request: StreamRequest, make: (stop: AbortSignal) => ReadableStream<Uint8Array>): ReadableStream<Uint8Array>;
}

interface StreamRequest {
  /** The hash of the token of the request. */
  readonly hash: string;
  /** What there may be one stream of; undefined: any number. */
  readonly name?: string | undefined;
  /** Aborts when the reader has gone. */
  readonly stop: AbortSignal;
}

interface Open extends StreamRequest {
  readonly ending: AbortController;
}

interface StreamDependencies {
  readonly store: Pick<AdminStore, 'findToken'>;
  readonly clock: Clock;
}

export function createOpenStreams(deps: StreamDependencies): OpenStreams {
  const streams = new Set<Open>();
  let isChecking = false;
  const end = (one: Open): void => {
    streams.delete(one);
    one.ending.abort();
  };
  const endWhere = (isOver: (one: Open) => boolean): void => {
    for (const one of [...streams].filter(isOver)) end(one);
  };
  const check = async (): Promise<void> => {
    if (isChecking) return;
    isChecking = true;
    while (streams.size > 0) {
      await deps.clock.sleep(CHECK_MS);
      const over = await invalidOf(new Set([...streams].map((one) => one.hash)), deps);
      endWhere((one) => over.has(one.hash));
    }
    isChecking = false;
  };
  return {
    open: (request, make) => {
      endWhere((one) => one.name !== undefined && one.name === request.name);
      refuseTooMany(streams, request);
      const opened = { ...request, ending: new AbortController() };
      streams.add(opened);
      request.stop.addEventListener('abort', () => end(opened), { once: true });
      void check();
      return untilEnd(make(opened.ending.signal), () => end(opened));
    },
  };
}

/** The tokens that are no longer valid. While the database is away nobody knows, and the streams go on. */
async function invalidOf(hashes: ReadonlySet<string>, { store }: StreamDependencies): Promise<ReadonlySet<string>> {
  const over = new Set<string>();
  for (const hash of hashes) {
    const found = await ifAvailable(async () => ({ token: await store.findToken(hash) }));
    if (found && !found.token) over.add(hash);
  }
  return over;
}

function refuseTooMany(streams: ReadonlySet<Open>, { hash }: StreamRequest): void {
  const ofToken = [...streams].filter((one) => one.hash === hash).length;
  if (ofToken < MOST_OF_TOKEN && streams.size < MOST) return;
  throw new Problem('too-many-requests', `${ofToken} streams of this token and ${streams.size} in all are open`, {
    headers: { 'retry-after': '5' },
  });
}

/** Passes a stream on, and calls `ended` when it has ended, whoever ended it. */
function untilEnd(stream: ReadableStream<Uint8Array>, ended: () => void): ReadableStream<Uint8Array> {
  const reader = stream.getReader();
  return new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        const { done, value } = await reader.read();
        if (!done) return controller.enqueue(value);
        ended();
        controller.close();
      },
      cancel: async () => {
        ended();
        await reader.cancel();
      },
    },
    { highWaterMark: 0 },
  );
}
