import type { Sqlite } from '#adapters/store/sqlite/open.ts';
import { type WorkerId, workerId } from '#domain/ids.ts';

export function assignWorkerName({ database }: Sqlite, name: string, owner: string): WorkerId {
  const row = database
    .query<{ id: number }, [string, string]>(`
      INSERT INTO worker (name, worker_type, host, status, capabilities, owner)
      VALUES (?, 'container', '', 'inactive', '{}', ?)
      ON CONFLICT (name) DO UPDATE SET owner = excluded.owner RETURNING id`)
    .get(name, owner);
  if (!row) throw new Error(`worker ${name} could not be written`);
  return workerId(row.id);
}
