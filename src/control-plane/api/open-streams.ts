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
  /* Counted as they come and go: to count all of ten thousand for each that comes would take a millisecond. */
  const named = new Map<string, Open>();
  const counts = new Map<Bound, Counts>();
  const end = (one: Open): void => one.ending.abort();
  const forget = (one: Open): void => {
    counts.get(one.most ?? MOST_LOGS)?.remove(one.hash);
    if (one.name !== undefined && named.get(one.name) === one) named.delete(one.name);
  };
  return {
    open: (request, make) => {
      const { hash, name, most = MOST_LOGS, stop } = request;
      const before = name === undefined ? undefined : named.get(name);
      if (before) end(before);
      const count = counts.get(most) ?? createCounts();
      counts.set(most, count);
      refuseTooMany(count, hash, most);
      const opened = { ...request, ending: new AbortController() };
      count.add(hash);
      if (name !== undefined) named.set(name, opened);
      opened.ending.signal.addEventListener('abort', () => forget(opened), { once: true });
      stop.addEventListener('abort', () => end(opened), { once: true });
      tokens.watch(hash, opened.ending);
      return untilEnd(make(opened.ending.signal), () => end(opened));
    },
  };
}

/** How many streams of one bound are open. */
interface Counts {
  add(hash: string): void;
  remove(hash: string): void;
  ofToken(hash: string): number;
  inAll(): number;
}

function createCounts(): Counts {
  const ofTokens = new Map<string, number>();
  let all = 0;
  const ofToken = (hash: string): number => ofTokens.get(hash) ?? 0;
  return {
    add: (hash) => {
      all++;
      ofTokens.set(hash, ofToken(hash) + 1);
    },
    remove: (hash) => {
      all--;
      const left = ofToken(hash) - 1;
      if (left === 0) ofTokens.delete(hash);
      else ofTokens.set(hash, left);
    },
    ofToken,
    inAll: () => all,
  };
}

function refuseTooMany({ ofToken, inAll }: Counts, hash: string, most: Bound): void {
  if (ofToken(hash) < most.ofToken && inAll() < most.inAll) return;
  throw new Problem('too-many-requests', `${ofToken(hash)} streams of this token and ${inAll()} in all are open`, {
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
