import type { AgentStore } from '#domain/agent-store.ts';
import { messageOf } from '#domain/errors.ts';
import type { Logger } from '#domain/logger.ts';
import type { Relay } from '#domain/outbox-relay.ts';
import type { Trouble } from '#domain/trouble.ts';
import type { WorkerSession } from '#domain/worker.ts';
import { type RetryPolicy, untilAvailable } from './backoff.ts';
import type { Intake } from './intake.ts';

interface PausingDependencies {
  readonly store: Pick<AgentStore, 'pause'>;
  readonly relay: Pick<Relay, 'publish'>;
  readonly session: WorkerSession;
  readonly retryPolicy: RetryPolicy;
  readonly intake: Pick<Intake, 'hold'>;
  readonly logger: Logger;
}

/** As much of the reason as a server takes. */
const MOST_CHARACTERS = 500;

/**
 * Makes a function that pauses a worker for a trouble, and ends the pause when it is called with undefined. The intake
 * stops at once; the scheduler learns of it as soon as the database answers.
 */
export function createPausing(deps: PausingDependencies): (trouble: Trouble | undefined) => void {
  const { intake } = deps;
  let wanted: string | undefined;
  let said: string | undefined;
  let isSaying = false;
  const sayAll = async (): Promise<void> => {
    if (isSaying) return;
    isSaying = true;
    while (said !== wanted && !deps.retryPolicy.stop.aborted) {
      const next = wanted;
      await say(deps, next);
      said = next;
    }
    isSaying = false;
  };
  return (trouble) => {
    wanted = trouble && `${trouble.word}: ${trouble.why}`.slice(0, MOST_CHARACTERS);
    intake.hold(trouble !== undefined);
    void sayAll();
  };
}

/** A server or a schema of an older version knows no pauses: then the scheduler finds out by what is not claimed. */
async function say(
  { store, relay, session, retryPolicy, logger }: PausingDependencies,
  why: string | undefined,
): Promise<void> {
  try {
    const left = await untilAvailable(() => store.pause(session, why), retryPolicy);
    if (left) relay.publish(left.messages);
  } catch (error) {
    logger.warn('pause not announced', { why: messageOf(error) });
  }
}
