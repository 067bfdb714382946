import type { AgentStore } from '#domain/agent-store.ts';
import { messageOf } from '#domain/errors.ts';
import type { Logger } from '#domain/logger.ts';
import type { Relay } from '#domain/outbox-relay.ts';
import { type RetryPolicy, untilAvailable } from './backoff.ts';
import type { Backlog, Spool } from './spool.ts';

interface LeftoverDependencies {
  readonly store: Pick<AgentStore, 'appendLogs' | 'settle'>;
  readonly relay: Pick<Relay, 'publish'>;
  readonly spool: Spool | undefined;
  readonly logger: Logger;
}

/** Delivers results that an earlier process left in its spool: they may still count, since its claims are fenced by its own name. */
export async function deliverLeftovers(
  { store, relay, spool, logger }: LeftoverDependencies,
  retryPolicy: RetryPolicy,
): Promise<void> {
  if (!spool) return;
  const { chunks, settlements } = readLeftovers(spool, logger);
  if (chunks.length === 0 && settlements.length === 0) return;
  const delivered = await untilAvailable(async () => {
    await store.appendLogs(chunks);
    const { accepted, messages } = await store.settle(settlements);
    relay.publish(messages);
    return accepted.length;
  }, retryPolicy);
  if (delivered === undefined) return;
  spool.removeLeftovers();
  logger.info('spool delivered', { chunks: chunks.length, results: settlements.length, accepted: delivered });
}

/** A spool that cannot be read now is left for the next process. */
function readLeftovers(spool: Spool, logger: Logger): Backlog {
  try {
    return spool.readLeftovers();
  } catch (error) {
    logger.warn('spool not read', { why: messageOf(error) });
    return { chunks: [], settlements: [] };
  }
}
