import { messageOf } from '#domain/errors.ts';
import type { Check, Finding } from './finding.ts';

/** All at once: some wait for what does not answer. */
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
