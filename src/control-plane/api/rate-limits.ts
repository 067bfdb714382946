import { RateLimiterMemory, type RateLimiterRes } from 'rate-limiter-flexible';
import { hashOfToken } from '#crypto/api-token.ts';
import { networkOf } from '#domain/network.ts';
import { API_PATH } from '#wire/paths.ts';
import { Problem } from './problem.ts';

/** Tokens that are remembered as valid. */
const MOST_KNOWN = 10_000;

/** The headers of an answer that say how many requests there may be in a second, how many are left, and when that begins anew. */
type LimitHeaders = Readonly<Record<string, string>>;

/** Limits of the requests in a second. Each process counts for itself, to protect itself. */
export interface RateLimits {
  /** Throws a problem when the network of the address has sent too many requests whose token is not known to be valid. */
  beforeToken(address: string, secret: string | undefined): Promise<void>;
  /**
   * Throws a problem when a valid token has sent too many requests; workers batch theirs, and may share a token. Returns the
   * headers that say how many are left.
   */
  afterToken(secret: string, outcome: { readonly isValid: boolean; readonly path: string }): Promise<LimitHeaders>;
}

/** Makes limits of so many requests in a second; 0 sets none. */
export function createRateLimits(requestsPerSecond: number): RateLimits {
  const limiter = new RateLimiterMemory({ points: Math.max(requestsPerSecond, 1), duration: 1 });
  const known = new Set<string>();
  const consume = async (who: string): Promise<LimitHeaders> => {
    if (requestsPerSecond === 0) return {};
    const { state, isRefused } = await limiter.consume(who).then(
      (given) => ({ state: given, isRefused: false }),
      (refused: RateLimiterRes) => ({ state: refused, isRefused: true }),
    );
    const headers = headersOf(state);
    if (!isRefused) return headers;
    throw new Problem('too-many-requests', `more than ${requestsPerSecond} requests in a second`, {
      headers: { ...headers, 'retry-after': secondsUntil(state) },
    });
  };
  const secondsUntil = ({ msBeforeNext }: RateLimiterRes): string => String(Math.ceil(msBeforeNext / 1000));
  const headersOf = (state: RateLimiterRes): LimitHeaders => ({
    'ratelimit-limit': String(requestsPerSecond),
    'ratelimit-remaining': String(state.remainingPoints),
    'ratelimit-reset': secondsUntil(state),
  });
  return {
    beforeToken: async (address, secret) => {
      if (secret === undefined || !known.has(hashOfToken(secret))) await consume(`address ${networkOf(address)}`);
    },
    afterToken: async (secret, { isValid, path }) => {
      const hash = hashOfToken(secret);
      if (!isValid) {
        known.delete(hash);
        return {};
      }
      if (known.size >= MOST_KNOWN) known.clear();
      known.add(hash);
      return path.startsWith(`${API_PATH}/worker/`) ? {} : await consume(`token ${hash}`);
    },
  };
}
