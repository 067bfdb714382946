import type { MiddlewareHandler } from 'hono';
import type { AuditEntry } from '#domain/admin-store.ts';
import { messageOf } from '#domain/errors.ts';
import type { AppEnv } from './auth.ts';
import type { ApiDependencies } from './dependencies.ts';

const GATHER_MS = 50;
const RETRY_MS = 1000;
/** Waiting for a database that is away; more are not kept, and that is said. */
const MOST_WAITING = 10_000;

/** Records each request that may change something, with whose it was and what came of it. Nobody waits for that. */
export function auditRequests(prefix: string, deps: ApiDependencies): MiddlewareHandler<AppEnv> {
  const record = gatherEntries(deps);
  return async (context, next) => {
    const { method, path } = context.req;
    await next();
    if (method === 'GET' || method === 'HEAD' || path.startsWith(`${prefix}/worker/`)) return;
    const { id: token, name: actor } = context.get('token');
    const action = `${method} ${path.startsWith(prefix) ? path.slice(prefix.length) : path}`;
    const { status } = context.res;
    const subject = context.get('subject') ?? '';
    record({ at: deps.clock.now(), actor, token, address: context.env.address, action, subject, status });
  };
}

/** Those of the same moment go together. */
function gatherEntries({ store, clock, logger }: ApiDependencies): (entry: AuditEntry) => void {
  let waiting: readonly AuditEntry[] = [];
  let isBusy = false;
  const work = async (): Promise<void> => {
    isBusy = true;
    while (waiting.length > 0) {
      await clock.sleep(GATHER_MS);
      const batch = waiting;
      waiting = [];
      await store.saveAudit(batch).catch(async (error: unknown) => {
        logger.info('audit entries wait', { count: batch.length, why: messageOf(error) });
        waiting = [...batch, ...waiting];
        await clock.sleep(RETRY_MS);
      });
    }
    isBusy = false;
  };
  return (entry) => {
    if (waiting.length >= MOST_WAITING) return logger.info('audit entry lost', { ...entry });
    waiting = [...waiting, entry];
    if (!isBusy) void work();
  };
}
