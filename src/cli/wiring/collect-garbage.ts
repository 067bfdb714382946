import { edenGC, heapSize } from 'bun:jsc';
import { openNative } from '#execution/native/native.ts';

/** Bytes of a heap through which the collector goes in less than 50 ms. */
const MOST_AT_ONCE = 128 * 1024 * 1024;

/** Gives the memory of what nobody needs any more back, now: where there is much else, of what is new alone. */
export function collectGarbage(): void {
  if (heapSize() > MOST_AT_ONCE) edenGC();
  else Bun.gc(true);
}

/** Gives back all that is not needed while nothing happens: also the pages of the file that were needed for the start. */
export function giveMemoryBack(): void {
  collectGarbage();
  const native = openNative();
  if (native.ok) native.value.forgetFilePages();
}
