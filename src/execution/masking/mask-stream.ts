import type { LogSink, StreamName } from '#domain/execution.ts';
import { takeTurns } from '#domain/turns.ts';
import { createLineReader, type Segment } from './added-masks.ts';
import { openPieces, piecesOf } from './mask-pieces.ts';
import type { Masker } from './masker.ts';

export interface MaskedSink extends LogSink {
  /** Hands over what was held back because it might have become a secret. */
  close(): Promise<void>;
}

const refusal = Buffer.from('[attune: too many masks were added, this one is not used]\n');
const nothing = new Uint8Array();

/**
 * Makes a sink that passes everything on to `to` without secrets. Its memory is bounded: of each stream it holds back
 * less than the longest spelling of a secret, or one line that adds a mask. Whatever the secrets and the output are,
 * others get their turns.
 */
export function maskSink(to: LogSink, masker: Masker): MaskedSink {
  const streams = new Map<StreamName, ReturnType<typeof openStream>>();
  const streamOf = (name: StreamName): ReturnType<typeof openStream> => {
    const stream = streams.get(name) ?? openStream(masker);
    streams.set(name, stream);
    return stream;
  };
  const turn = takeTurns();
  const pass = async (stream: StreamName, bytes: Uint8Array, isOpen: boolean): Promise<void> => {
    for (const parts of streamOf(stream)(bytes, isOpen)) {
      for (const part of parts) if (part.length > 0) await to.write(stream, part);
      await turn();
    }
  };
  return {
    write: (stream, bytes) => pass(stream, bytes, true),
    close: async () => {
      for (const stream of streams.keys()) await pass(stream, nothing, false);
    },
  };
}

/** Takes the next bytes of a stream and yields those that may be shown, piece by piece; `isOpen`: more will come. */
function openStream(masker: Masker): (bytes: Uint8Array, isOpen: boolean) => Generator<readonly Uint8Array[]> {
  const readLines = createLineReader();
  const show = openPieces(masker);
  function* pass(segment: Segment): Generator<readonly Uint8Array[]> {
    if ('bytes' in segment)
      for (const piece of piecesOf(segment.bytes, masker)) yield yield* withPauses(show(piece, true));
    else if (!(yield* withPauses(masker.adding(segment.added)))) yield yield* withPauses(show(refusal, true));
  }
  return function* (bytes, isOpen) {
    for (const segment of readLines(bytes, isOpen)) yield* pass(segment);
    if (!isOpen) yield yield* withPauses(show(nothing, false));
  };
}

/** Does the work, and shows nothing whenever others should have their turn. */
function* withPauses<T>(work: Generator<undefined, T>): Generator<readonly Uint8Array[], T> {
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
    yield [];
  }
}
