import { Problem } from './problem.ts';

export interface ByteRange {
  readonly from: number;
  /** The one behind the last. */
  readonly to: number;
}

/**
 * Reads one range of a `Range` header (RFC 9110); undefined if there is none, or one that may be ignored. Throws the
 * problem with status 416 for a range that cannot be satisfied.
 */
export function readRange(header: string | undefined, size: number): ByteRange | undefined {
  const [, first = '', last = ''] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? '') ?? [];
  if (first === '' && last === '') return undefined;
  const range =
    first === ''
      ? { from: Math.max(0, size - Number(last)), to: size }
      : { from: Number(first), to: last === '' ? size : Math.min(size, Number(last) + 1) };
  if (range.from < range.to) return range;
  throw new Problem('range-not-satisfiable', `there are ${size} bytes`, {
    headers: { 'content-range': `bytes */${size}` },
  });
}

export function contentRange({ from, to }: ByteRange, size: number): string {
  return `bytes ${from}-${to - 1}/${size}`;
}
