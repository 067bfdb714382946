import { MOST_WORKERS } from '#adapters/store/limits.ts';
import { ASSIGNED } from '#adapters/store/status-lists.ts';
import { Unavailable } from '#domain/unavailable.ts';
import type { RegistrationRequest } from '#domain/worker.ts';
import type { Caller } from './open.ts';

/**
 * Refuses a registration that is too large, or one worker more than its owner may have, as agent_admit does. Silent
 * workers that hold nothing give way.
 */
export function admit({ database, now, owner }: Caller, { name, host, capabilities }: RegistrationRequest): void {
  const { labels, taints } = capabilities;
  if (bytesOf(name) > 255 || bytesOf(host) > 255)
    throw new Unavailable('the names of a worker and of its host have 255 bytes at most');
  if (bytesOf(JSON.stringify([labels, taints])) > 8192)
    throw new Unavailable('the labels and taints of a worker have 8 KiB at most');
  if (bytesOf(JSON.stringify(capabilities)) > 65_536)
    throw new Unavailable('what a worker says about its runtimes has 64 KiB at most');
  if (owner === undefined || database.query('SELECT 1 FROM worker WHERE name = ?').get(name)) return;
  const count = (): number =>
    database.query<{ n: number }, [string]>('SELECT count(*) AS n FROM worker WHERE owner = ?').get(owner)?.n ?? 0;
  if (count() < MOST_WORKERS) return;
  const silent = database
    .query<{ id: number }, [string, number]>(`
      SELECT id FROM worker w WHERE owner = ? AND lease_expires_at < ? AND NOT cordoned
        AND NOT EXISTS (SELECT 1 FROM execution_claim c WHERE c.worker = w.id)
        AND NOT EXISTS (SELECT 1 FROM execution e WHERE e.worker = w.id AND e.status IN ${ASSIGNED}) LIMIT 100`)
    .all(owner, now());
  for (const { id } of silent) {
    database.query('UPDATE execution SET worker = NULL WHERE worker = ?').run(id);
    database.query('DELETE FROM worker WHERE id = ?').run(id);
  }
  if (silent.length === 0)
    throw new Unavailable(`${owner} has ${MOST_WORKERS} workers already, and no owner may have more`);
}

function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length;
}
