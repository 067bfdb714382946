import { messageOf } from '#domain/errors.ts';
import type { Check, Finding } from './finding.ts';

/** Runs all checks at once, because some wait for something that does not answer. */
export async function examine(checks: readonly Check[]): Promise<readonly Finding[]> {
  return await Promise.all(
    checks.map(async ({ name, examine }) => {
      try {
        return { check: name, ...(await examine()) };
      } catch (error) {
        return { check: name, state: 'failure', what: `could not be examined: ${messageOf(error)}` } as const;
      }
    }),
  );
}
