import { Problem } from './problem.ts';
import type { TokenWatch } from './token-watch.ts';

/** Streams of one kind: of one token, and of all of them. Each costs memory here. */
interface Bound {
  readonly ofToken: number;
  readonly inAll: number;
}

const MOST_LOGS: Bound = { ofToken: 300, inAll: 1500 };
/** Ten thousand workers may share a token; those of earlier versions have three streams each. */
export const MOST_MESSAGES: Bound = { ofToken: 30_000, inAll: 30_000 };

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
  /** The bound that it counts for: that of logs unless another one is named. */
  readonly most?: Bound;
  /** Aborts when the reader has gone. */
  readonly stop: AbortSignal;
}

interface Open extends StreamRequest {
  readonly ending: AbortController;
}

export function createOpenStreams({ tokens }: { readonly tokens: TokenWatch }): OpenStreams {
  const streams = new Set<Open>();
  const end = (one: Open): void => one.ending.abort();
  const endWhere = (isOver: (one: Open) => boolean): void => {
    for (const one of [...streams].filter(isOver)) end(one);
  };
  return {
    open: (request, make) => {
      endWhere((one) => one.name !== undefined && one.name === request.name);
      refuseTooMany(streams, request);
      const opened = { ...request, ending: new AbortController() };
      streams.add(opened);
      opened.ending.signal.addEventListener('abort', () => streams.delete(opened), { once: true });
      request.stop.addEventListener('abort', () => end(opened), { once: true });
      tokens.watch(request.hash, opened.ending);
      return untilEnd(make(opened.ending.signal), () => end(opened));
    },
  };
}

function refuseTooMany(all: ReadonlySet<Open>, { hash, most = MOST_LOGS }: StreamRequest): void {
  const streams = [...all].filter((one) => (one.most ?? MOST_LOGS) === most);
  const ofToken = streams.filter((one) => one.hash === hash).length;
  if (ofToken < most.ofToken && streams.length < most.inAll) return;
  throw new Problem('too-many-requests', `${ofToken} streams of this token and ${streams.length} in all are open`, {
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
