import { test } from 'bun:test';

export const isRoot = process.getuid?.() === 0;

/**
 * A test that makes root file systems or containers. Without root it is skipped and its title says why; CI runs as
 * root and counts a skipped test as a failure.
 */
export function rootTest(title: string, body: () => void | Promise<void>, timeoutMs?: number): void {
  if (isRoot) test(title, body, timeoutMs);
  else test.skip(`${title} (skipped: needs root)`, body);
}
