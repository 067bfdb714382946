import type { LogSink, StreamName } from '#domain/execution.ts';
import { createLineReader } from './added-masks.ts';
import { maskBytes, noRemainder, type Remainder } from './mask-bytes.ts';
import type { Masker } from './masker.ts';

export interface MaskedSink extends LogSink {
  /** Hands over what was held back because it might have become a secret. */
  close(): Promise<void>;
}

const refusal = Buffer.from('[attune: too many masks were added, this one is not used]\n');
const nothing = new Uint8Array();

/**
 * Makes a sink that passes everything on to `to` without secrets. Its memory is bounded: of each stream it holds back
 * less than the longest spelling of a secret, or one line that adds a mask.
 */
export function maskSink(to: LogSink, masker: Masker): MaskedSink {
  const streams = { stdout: openStream(masker), stderr: openStream(masker) };
  const pass = async (stream: StreamName, parts: readonly Uint8Array[]): Promise<void> => {
    for (const part of parts) if (part.length > 0) await to.write(stream, part);
  };
  return {
    write: (stream, bytes) => pass(stream, streams[stream](bytes, true)),
    close: async () => {
      await pass('stdout', streams.stdout(nothing, false));
      await pass('stderr', streams.stderr(nothing, false));
    },
  };
}

/** Joins all parts to one piece, without a copy where only one has bytes. */
function joined(...parts: readonly Uint8Array[]): Buffer {
  const [first = nothing, ...others] = parts.filter((part) => part.length > 0);
  return others.length > 0
    ? Buffer.concat([first, ...others])
    : Buffer.from(first.buffer, first.byteOffset, first.length);
}

/** Takes the next bytes of a stream and returns those that may be shown; `isOpen`: more will come. */
function openStream(masker: Masker): (bytes: Uint8Array, isOpen: boolean) => readonly Uint8Array[] {
  const readLines = createLineReader();
  let divided: Uint8Array = nothing;
  let held: Remainder = noRemainder;
  return (bytes, isOpen) => {
    const shown: Uint8Array[] = [];
    const show = (more: Uint8Array, isMore: boolean): void => {
      const whole = joined(divided, more);
      const unwrapped = masker.wrapped().mask(whole, isMore);
      divided = unwrapped.held.slice();
      const all = { bytes: joined(held.bytes, ...unwrapped.shown), masked: held.masked, isOpen: isMore };
      held = maskBytes(masker.matcher(), all, shown);
    };
    for (const segment of readLines(bytes, isOpen)) {
      if ('bytes' in segment) show(segment.bytes, true);
      else if (!masker.add(segment.added)) show(refusal, true);
    }
    if (!isOpen) show(nothing, false);
    return shown;
  };
}
