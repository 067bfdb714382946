import type { MiddlewareHandler } from 'hono';
import type { AdminStore, AuditEntry } from '#domain/admin-store.ts';
import { createBatcher } from '#domain/batcher.ts';
import type { Clock } from '#domain/clock.ts';
import { messageOf } from '#domain/errors.ts';
import type { Logger } from '#domain/logger.ts';
import type { AppEnv } from './auth.ts';

const GATHER_MS = 50;
const RETRY_MS = 1000;
/** Entries of one statement. */
const MOST_AT_ONCE = 1000;
/** Entries that wait for a database that is away; more are lost, and the log says so. */
const MOST_WAITING = 10_000;

interface AuditDependencies {
  readonly store: Pick<AdminStore, 'saveAudit'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What reveals secrets is recorded although it changes nothing. */
const SECRETS = /\/executions\/[^/]+\/secrets$/;

/** Records each request that may change something or reveals secrets, with its token and its outcome. No request waits for its record. */
export function auditRequests(prefix: string, deps: AuditDependencies): MiddlewareHandler<AppEnv> {
  const record = gatherEntries(deps);
  return async (context, next) => {
    const { method, path } = context.req;
    await next();
    const isRead = method === 'GET' || method === 'HEAD';
    if ((isRead && !SECRETS.test(path)) || path.startsWith(`${prefix}/worker/`)) return;
    const { id: token, name: actor } = context.get('token');
    const action = `${method} ${path.startsWith(prefix) ? path.slice(prefix.length) : path}`;
    const { status } = context.res;
    const subject = context.get('subject') ?? '';
    record({ at: deps.clock.now(), actor, token, address: context.env.address, action, subject, status });
  };
}

/** Saves entries in batches, and a batch that cannot be saved again and again: a request waits for none of that. */
function gatherEntries({ store, clock, logger }: AuditDependencies): (entry: AuditEntry) => void {
  const save = async (batch: readonly AuditEntry[]): Promise<void> => {
    for (;;) {
      try {
        return await store.saveAudit(batch);
      } catch (error) {
        logger.warn('audit entries wait', { count: batch.length, why: messageOf(error) });
        await clock.sleep(RETRY_MS);
      }
    }
  };
  const entries = createBatcher(save, {
    most: MOST_AT_ONCE,
    mostWaiting: MOST_WAITING,
    pause: () => clock.sleep(GATHER_MS),
  });
  return (entry) => {
    if (!entries.add(entry)) logger.error('audit entry lost', { ...entry });
  };
}
