import { MASK } from '#domain/masks.ts';
import type { Matcher } from './matcher.ts';

const mask = Buffer.from(MASK);

/** The end of the bytes that were seen, which cannot be shown before more bytes are seen. */
export interface Remainder {
  readonly bytes: Uint8Array;
  /** So many of its first bytes are part of a secret that has been masked already. */
  readonly masked: number;
}

export const noRemainder: Remainder = { bytes: new Uint8Array(), masked: 0 };

/**
 * Puts into `shown` what may be shown of `bytes`. One mask replaces a secret, or several that overlap. `isOpen` means
 * that more will come. Yields whenever the search has taken some milliseconds.
 */
export function* maskBytes(
  matcher: Matcher,
  { bytes, masked, isOpen }: Remainder & { readonly isOpen: boolean },
  shown: Uint8Array[],
): Generator<undefined, Remainder> {
  let done = masked;
  let from = 0;
  for (;;) {
    const found = matcher.find(bytes, from, isOpen);
    if (found?.kind === 'pause') {
      from = found.start;
      yield;
      continue;
    }
    const start = found?.start ?? bytes.length;
    if (start > done) shown.push(bytes.subarray(done, start));
    if (!found) return noRemainder;
    if (found.kind === 'hold')
      return { bytes: new Uint8Array(bytes.subarray(start)), masked: Math.max(done - start, 0) };
    if (start >= done) shown.push(mask);
    done = Math.max(done, found.end);
    from = start + 1;
  }
}
