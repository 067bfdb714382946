import { failure, type Result, success } from '#domain/result.ts';
import { startTimer } from '#domain/timer.ts';

/** The bounds of the bodies of requests. */
export interface BodyBounds {
  /** Bytes of one. */
  readonly most: number;
  /** Bytes of memory that all have which are read now. */
  readonly mostInAll: number;
  /** Milliseconds after which one must be whole. */
  readonly wholeWithinMs: number;
}

const MIB = 1024 * 1024;
export const BODY_BOUNDS: BodyBounds = {
  most: 3 * MIB /* an object and what it was before: etcd stores no more than 1.5 MiB of each */,
  mostInAll: 16 * MIB,
  wholeWithinMs: 10_000 /* no API server waits longer for an answer */,
};

/** Why a body is not read to its end. */
interface Refusal {
  readonly status: 400 | 408 | 413 | 503;
  readonly why: string;
}

/** Reads the body of a request. What has been refused is not read further. */
export type ReadBody = (request: Request) => Promise<Result<Uint8Array, Refusal>>;

/** Bytes of memory that a body has at first; one that needs more gets twice as many, and so on. */
const FIRST_ROOM = 16 * 1024;

/** Makes a reader of bodies that keeps within the bounds: each body within its own, and all that are unfinished together. */
export function createReadBody(bounds: BodyBounds): ReadBody {
  const { most, mostInAll, wholeWithinMs } = bounds;
  const memory = { inAll: 0 };

  /** Keeps what comes of one body. Memory is counted, not bytes: little that comes in many pieces takes no more. */
  function beginBody(): Body {
    let bytes = new Uint8Array();
    let length = 0;
    return {
      add: (piece) => {
        const needed = length + piece.length;
        if (needed > most) return { status: 413, why: `the body has more than ${most} bytes` };
        const larger = needed > bytes.length ? roomFor(needed, most) : bytes.length;
        if (memory.inAll + larger - bytes.length > mostInAll)
          return { status: 503, why: 'too many bodies are being read: ask again' };
        memory.inAll += larger - bytes.length;
        bytes = withRoom(bytes, larger);
        bytes.set(piece, length);
        length = needed;
        return undefined;
      },
      whole: () => bytes.subarray(0, length),
      end: () => {
        memory.inAll -= bytes.length;
      },
    };
  }

  return async (request) => {
    if (!request.body) return success(new Uint8Array());
    const reader = request.body.getReader();
    const body = beginBody();
    const { promise: late, resolve } = Promise.withResolvers<undefined>();
    const timer = startTimer(wholeWithinMs, () => resolve(undefined));
    try {
      const refusal = await fill(body, async () => await Promise.race([reader.read(), late]));
      if (refusal === 'late')
        return failure({ status: 408, why: `the body was not whole after ${wholeWithinMs / 1000} s` });
      return refusal ? failure(refusal) : success(body.whole());
    } catch {
      return failure({ status: 400, why: 'the connection ended within the body' });
    } finally {
      timer.stop();
      body.end();
      reader.cancel().catch(() => {}); /* the connection has ended */
    }
  };
}

type Piece = { readonly done: true } | { readonly done: false; readonly value: Uint8Array };

/** Keeps all pieces; resolves with the reason when one may not be kept, or with `late` when there is none in time. */
async function fill(body: Body, next: () => Promise<Piece | undefined>): Promise<Refusal | 'late' | undefined> {
  for (let piece = await next(); !piece?.done; piece = await next()) {
    if (!piece) return 'late';
    const refusal = body.add(piece.value);
    if (refusal) return refusal;
  }
  return undefined;
}

interface Body {
  /** Keeps a piece, or says why it may not. */
  add(piece: Uint8Array): Refusal | undefined;
  whole(): Uint8Array;
  end(): void;
}

function roomFor(needed: number, most: number): number {
  let room = FIRST_ROOM;
  while (room < needed) room *= 2;
  return Math.max(needed, Math.min(room, most));
}

function withRoom(bytes: Uint8Array<ArrayBuffer>, room: number): Uint8Array<ArrayBuffer> {
  if (room === bytes.length) return bytes;
  const larger = new Uint8Array(room);
  larger.set(bytes);
  return larger;
}
