import type { AgentStore, Settlement } from '#domain/agent-store.ts';
import { messageOf } from '#domain/errors.ts';
import type { LogChunk } from '#domain/log.ts';
import type { Logger } from '#domain/logger.ts';
import type { Relay } from '#domain/outbox-relay.ts';
import { Unavailable } from '#domain/unavailable.ts';
import type { Reach } from './fault-point.ts';

/**
 * Delivers logs and settlements to the database, and copes with single items that the database refuses. Rejects with
 * Unavailable only.
 */
export interface Deliver {
  logs(chunks: readonly LogChunk[]): Promise<void>;
  settlements(settlements: readonly Settlement[]): Promise<void>;
}

interface DeliverDependencies {
  readonly store: Pick<AgentStore, 'appendLogs' | 'settle'>;
  readonly relay: Pick<Relay, 'publish'>;
  readonly reach: Reach;
  readonly logger: Logger;
}

export function createDeliver({ store, relay, reach, logger }: DeliverDependencies): Deliver {
  const settle = async (settlements: readonly Settlement[]): Promise<void> => {
    const { messages } = await store.settle(settlements);
    reach('settled');
    relay.publish(messages);
  };
  const complain = (what: string, error: unknown): void =>
    logger.error(`${what} refused by the database`, { why: messageOf(error) });
  return {
    logs: (chunks) =>
      eachIfNotAll(
        chunks,
        (some) => store.appendLogs(some),
        async (_, error) => complain('log', error),
      ),
    settlements: (settlements) =>
      eachIfNotAll(settlements, settle, async (refused, error) => {
        complain('result', error);
        await settle([unstorable(refused, messageOf(error))]);
      }),
  };
}

/** A batch that is refused is tried one by one, so that one bad item does not hold up the rest. */
async function eachIfNotAll<T>(
  items: readonly T[],
  write: (items: readonly T[]) => Promise<void>,
  refuse: (item: T, error: unknown) => Promise<void>,
): Promise<void> {
  const [first] = items;
  if (first === undefined) return;
  try {
    await write(items);
  } catch (error) {
    if (error instanceof Unavailable) throw error;
    if (items.length === 1) await refuse(first, error);
    else for (const item of items) await eachIfNotAll([item], write, refuse);
  }
}

/** A result that the database refuses is a failure with that reason: its execution must end all the same. */
function unstorable(settlement: Settlement, reason: string): Settlement {
  const result = { succeeded: false, error: `its result could not be stored: ${reason}` };
  return { ...settlement, verdict: { kind: 'final', status: 'failed', result } };
}
