import type { AdminStore } from '#domain/admin-store.ts';
import type { Clock } from '#domain/clock.ts';
import { messageOf } from '#domain/errors.ts';
import type { Logger } from '#domain/logger.ts';
import { Unavailable } from '#domain/unavailable.ts';

interface EncryptingDependencies {
  readonly store: Pick<AdminStore, 'encryptAgain' | 'readersOfBefore'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

const LOOKS_AGAIN_MS = 30_000;

/**
 * Encrypts again what versions up to 0.1 have stored without binding it to its place, once no worker of them is left that
 * reads it, until that is done or `stop` aborts. Never rejects.
 */
export async function encryptAgainInTime(
  { store, clock, logger }: EncryptingDependencies,
  stop: AbortSignal,
): Promise<void> {
  let told = '';
  const step = async (): Promise<boolean> => {
    const readers = await store.readersOfBefore();
    if (readers.length > 0) {
      const workers = readers.join(', ');
      if (workers !== told) logger.warn('old secrets are encrypted again when these workers are renewed', { workers });
      told = workers;
      return false;
    }
    const { encrypted, left } = await store.encryptAgain();
    if (encrypted > 0) logger.info('old secrets encrypted again', { values: encrypted });
    if (left > 0) logger.warn('old secrets of another encryption key are left as they are', { values: left });
    return true;
  };
  const trouble = (error: unknown): false => {
    if (!(error instanceof Unavailable))
      logger.warn('old secrets are not encrypted again yet', { why: messageOf(error) });
    return false;
  };
  while (!stop.aborted && !(await step().catch(trouble))) await clock.sleep(LOOKS_AGAIN_MS, stop);
}
