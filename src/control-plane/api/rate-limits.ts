import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { hashOfToken } from '#crypto/api-token.ts';
import { API_PATH } from '#wire/paths.ts';
import { Problem } from './problem.ts';

/** Tokens that are remembered as valid. */
const MOST_KNOWN = 10_000;

/** Limits of the requests in a second. Each process counts for itself, to protect itself. */
export interface RateLimits {
  /** Throws a problem when the address has sent too many requests whose token is not known to be valid. */
  beforeToken(address: string, secret: string | undefined): Promise<void>;
  /** Throws a problem when a valid token has sent too many requests; workers batch theirs, and may share a token. */
  afterToken(secret: string, outcome: { readonly isValid: boolean; readonly path: string }): Promise<void>;
}

/** Makes limits of so many requests in a second; 0 sets none. */
export function createRateLimits(requestsPerSecond: number): RateLimits {
  const limiter = new RateLimiterMemory({ points: Math.max(requestsPerSecond, 1), duration: 1 });
  const known = new Set<string>();
  const consume = async (who: string): Promise<void> => {
    if (requestsPerSecond === 0) return;
    const refused = await limiter.consume(who).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    if (refused instanceof RateLimiterRes)
      throw new Problem('too-many-requests', `more than ${requestsPerSecond} requests in a second`, {
        headers: { 'retry-after': String(Math.ceil(refused.msBeforeNext / 1000)) },
      });
  };
  return {
    beforeToken: async (address, secret) => {
      if (secret === undefined || !known.has(hashOfToken(secret))) await consume(`address ${address}`);
    },
    afterToken: async (secret, { isValid, path }) => {
      const hash = hashOfToken(secret);
      if (!isValid) return void known.delete(hash);
      if (known.size >= MOST_KNOWN) known.clear();
      known.add(hash);
      if (!path.startsWith(`${API_PATH}/worker/`)) await consume(`token ${hash}`);
    },
  };
}
