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

/**
 * Makes a reader of bodies that keeps within the bounds: each body within its own, and all that are unfinished together.
 * When there is no memory left, the body that has most of it is given up, and so who sends much shuts nobody out.
 */
export function createReadBody(bounds: BodyBounds): ReadBody {
  const { wholeWithinMs } = bounds;
  const beginBody = createBodies(bounds);
  return async (request) => {
    if (!request.body) return success(new Uint8Array());
    const reader = request.body.getReader();
    const { promise: given, resolve } = Promise.withResolvers<Refusal>();
    const body = beginBody(resolve);
    const timer = startTimer(wholeWithinMs, () =>
      resolve({ status: 408, why: `the body was not whole after ${wholeWithinMs / 1000} s` }),
    );
    try {
      const refusal = await fill(body, async () => await Promise.race([reader.read(), given]));
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

/** Makes a function that begins a body, which hears when it is given up for others. */
function createBodies({ most, mostInAll }: BodyBounds): (giveUp: (refusal: Refusal) => void) => Body {
  const unfinished = new Set<Body>();

  /** Keeps what comes of one body. Memory is counted, not bytes: little that comes in many pieces takes no more. */
  function beginBody(giveUp: (refusal: Refusal) => void): Body {
    let bytes = new Uint8Array();
    let length = 0;
    const body: Body = {
      add: (piece) => {
        const needed = length + piece.length;
        if (needed > most) return { status: 413, why: `the body has more than ${most} bytes` };
        const larger = needed > bytes.length ? roomFor(needed, most) : bytes.length;
        if (!makeRoom(body, larger)) return NO_ROOM;
        bytes = withRoom(bytes, larger);
        bytes.set(piece, length);
        length = needed;
        return undefined;
      },
      room: () => bytes.length,
      whole: () => bytes.subarray(0, length),
      end: () => void unfinished.delete(body),
      giveUp: () => {
        body.end();
        giveUp(NO_ROOM);
      },
    };
    unfinished.add(body);
    return body;
  }

  /** Gives up larger bodies until there is so much room for one; false: it is itself the largest. */
  function makeRoom(body: Body, wanted: number): boolean {
    for (;;) {
      const others = [...unfinished].filter((one) => one !== body);
      const taken = others.reduce((sum, one) => sum + one.room(), 0);
      if (taken + wanted <= mostInAll) return true;
      const largest = others.reduce((one, other) => (other.room() > one.room() ? other : one), body);
      if (largest === body || largest.room() < wanted) return false;
      largest.giveUp();
    }
  }

  return beginBody;
}

const NO_ROOM: Refusal = { status: 503, why: 'too many bodies are being read: ask again' };

type Piece = { readonly done: true } | { readonly done: false; readonly value: Uint8Array };

/** Keeps all pieces; resolves with the reason when one may not be kept, or when the body has been given up. */
async function fill(body: Body, next: () => Promise<Piece | Refusal>): Promise<Refusal | undefined> {
  for (let piece = await next(); ; piece = await next()) {
    if ('status' in piece) return piece;
    if (piece.done) return undefined;
    const refusal = body.add(piece.value);
    if (refusal) return refusal;
  }
}

interface Body {
  /** Keeps a piece, or says why it may not. */
  add(piece: Uint8Array): Refusal | undefined;
  /** Bytes of memory that it has. */
  room(): number;
  whole(): Uint8Array;
  end(): void;
  /** Ends it, for others. */
  giveUp(): void;
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
