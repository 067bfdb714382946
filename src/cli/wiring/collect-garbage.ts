import { edenGC, heapSize } from 'bun:jsc';

/** Bytes of a heap through which the collector goes in less than 50 ms. */
const MOST_AT_ONCE = 128 * 1024 * 1024;

/** Gives the memory of what nobody needs any more back, now: where there is much else, of what is new alone. */
export function collectGarbage(): void {
  if (heapSize() > MOST_AT_ONCE) edenGC();
  else Bun.gc(true);
}
