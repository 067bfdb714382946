import type { MiddlewareHandler } from 'hono';
import type { AdminStore, AuditEntry } from '#domain/admin-store.ts';
import { createBatcher } from '#domain/batcher.ts';
import type { Clock } from '#domain/clock.ts';
import { MINUTE_MS } from '#domain/durations.ts';
import { messageOf } from '#domain/errors.ts';
import type { Logger } from '#domain/logger.ts';
import { cut } from '#domain/shortened.ts';
import type { AppEnv } from './auth.ts';

const GATHER_MS = 50;
const RETRY_MS = 1000;
/** Entries of one statement. */
const MOST_AT_ONCE = 1000;
/** Entries that wait for a database that is away; more are lost, and the log says so. */
const MOST_WAITING = 10_000;
/** Characters of what was asked for, and of what it was about: callers choose both. */
const LONGEST = 300;
/** Refused requests of one token that have entries of their own within a minute; the others share one. */
const MOST_REFUSED = 20;

interface AuditDependencies {
  readonly store: Pick<AdminStore, 'saveAudit'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The status of answers to requests that were refused, and of worse. */
const REFUSED = 400;

/** What reveals secrets is recorded although it changes nothing. */
const SECRETS = /\/executions\/[^/]+\/secrets$/;

/**
 * Records each request that may change something or reveals secrets, with its token and its outcome; of the refused ones of a
 * token only some in a minute, and the number of the others. No request waits for its record.
 */
export function auditRequests(prefix: string, deps: AuditDependencies): MiddlewareHandler<AppEnv> {
  const record = gatherEntries(deps);
  const recordRefused = boundRefused(deps.clock, record);
  return async (context, next) => {
    const { method, path } = context.req;
    await next();
    const isRead = method === 'GET' || method === 'HEAD';
    if ((isRead && !SECRETS.test(path)) || path.startsWith(`${prefix}/worker/`)) return;
    const { id: token, name: actor } = context.get('token');
    const action = cut(`${method} ${path.startsWith(prefix) ? path.slice(prefix.length) : path}`, LONGEST);
    const { status } = context.res;
    const subject = cut(context.get('subject') ?? '', LONGEST);
    const entry = { at: deps.clock.now(), actor, token, address: context.env.address, action, subject, status };
    if (status < REFUSED) record(entry);
    else recordRefused(entry);
  };
}

/** Passes on the first refused requests of a token within a minute, and at its end the last of the others, with their number. */
function boundRefused(clock: Clock, record: (entry: AuditEntry) => void): (entry: AuditEntry) => void {
  const callers = new Map<string, { count: number; last: AuditEntry }>();
  return (entry) => {
    const caller = entry.token ?? entry.actor;
    const known = callers.get(caller);
    const state = known ?? { count: 0, last: entry };
    state.count++;
    state.last = entry;
    if (state.count <= MOST_REFUSED) record(entry);
    if (known) return;
    callers.set(caller, state);
    void clock.sleep(MINUTE_MS).then(() => {
      callers.delete(caller);
      const more = state.count - MOST_REFUSED;
      if (more > 0) record({ ...state.last, subject: `the last of ${more} more requests that were refused` });
    });
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
