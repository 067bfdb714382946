import type { Clock } from '#domain/clock.ts';
import { messageOf } from '#domain/errors.ts';
import type { Logger } from '#domain/logger.ts';
import { failure, type Result, success } from '#domain/result.ts';
import type { CertificateSource } from './certificate-sources.ts';
import type { Certificate } from './certificates.ts';

interface Keeping {
  readonly source: CertificateSource;
  /** True: when there is no certificate at first, it is asked for again. */
  readonly isPatient: boolean;
  /** Milliseconds after which the source is asked again. */
  readonly everyMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Has a certificate, and sees to it that the one that is served is the newest. */
export interface CertificateKeeper {
  /** The first certificate; an error says why there is none, undefined that `stop` came first. */
  first(stop: AbortSignal): Promise<Result<Certificate | undefined, string>>;
  /** Calls `use` with each new certificate, until `stop`. */
  keep(use: (certificate: Certificate) => void, stop: AbortSignal): Promise<void>;
}

const AGAIN_MS = 2000;

export function createCertificateKeeper({ source, isPatient, everyMs, clock, logger }: Keeping): CertificateKeeper {
  let served: Certificate | undefined;
  let lastProblem: string | undefined;
  const look = async (): Promise<Result<Certificate, string>> => {
    try {
      const found = await source();
      lastProblem = undefined;
      return success(found);
    } catch (error) {
      const problem = messageOf(error);
      if (problem !== lastProblem) logger.warn('no certificate', { why: problem });
      lastProblem = problem;
      return failure(problem);
    }
  };
  const exchange = (found: Certificate, use: (certificate: Certificate) => void): void => {
    if (found.certificate === served?.certificate && found.key === served.key) return;
    served = found;
    try {
      use(found);
      logger.info('new certificate', {});
    } catch (error) {
      logger.warn('certificate of no use', { why: messageOf(error) });
    }
  };
  return {
    first: async (stop) => {
      while (!stop.aborted) {
        const found = await look();
        if (!found.ok && !isPatient) return found;
        if (found.ok) {
          served = found.value;
          return found;
        }
        await clock.sleep(AGAIN_MS, stop);
      }
      return success(undefined);
    },
    keep: async (use, stop) => {
      await clock.sleep(everyMs, stop);
      while (!stop.aborted) {
        const found = await look();
        if (found.ok) exchange(found.value, use);
        await clock.sleep(everyMs, stop);
      }
    },
  };
}
