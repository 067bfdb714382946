import { MOST_WORKERS } from '#adapters/store/limits.ts';
import { Unavailable } from '#domain/unavailable.ts';
import { flawOfRegistration, type RegistrationRequest } from '#domain/worker.ts';
import type { Caller } from './open.ts';
import { HOLDS_NOTHING, removeWorkers } from './remove-workers.ts';

/**
 * Refuses a registration that is too large, or one worker more than its owner may have, as agent_admit does. Silent
 * workers that hold nothing give way.
 */
export function admit({ database, now, owner }: Caller, request: RegistrationRequest): void {
  const flaw = flawOfRegistration(request);
  if (flaw !== undefined) throw new Unavailable(flaw);
  if (owner === undefined || database.query('SELECT 1 FROM worker WHERE name = ?').get(request.name)) return;
  const count = database.query<{ n: number }, [string]>('SELECT count(*) AS n FROM worker WHERE owner = ?').get(owner);
  if ((count?.n ?? 0) < MOST_WORKERS) return;
  const silent = database
    .query<{ id: number }, [string, number]>(`
      SELECT id FROM worker w WHERE owner = ? AND lease_expires_at < ? AND NOT cordoned AND ${HOLDS_NOTHING}
      LIMIT 100`)
    .all(owner, now());
  removeWorkers({ database }, silent);
  if (silent.length === 0)
    throw new Unavailable(`${owner} has ${MOST_WORKERS} workers already, and no owner may have more`);
}
