import { test } from 'bun:test';

/**
 * Makes what makes tests with a tool of `.ci/install-test-tools.sh`. Where `why` says that it is not here, they are
 * skipped and their titles say so; CI counts a skipped test as a failure.
 */
export function toolTest(
  why: string | undefined,
): (title: string, body: () => void | Promise<void>, timeoutMs: number) => void {
  return (title, body, timeoutMs) => {
    if (why === undefined) test(title, body, timeoutMs);
    else test.skip(`${title} (skipped: ${why})`, body);
  };
}
