import type { Sqlite } from '#adapters/store/sqlite/open.ts';
import type { Glance, Sight } from '#domain/client-store.ts';
import type { ExecutionStatus } from '#domain/status.ts';
import { readLogs } from './read-logs.ts';

export function look(sqlite: Sqlite, glances: readonly Glance[], limit: number): readonly Sight[] {
  const statusOf = sqlite.database.query<{ status: ExecutionStatus }, [string]>(
    'SELECT status FROM execution WHERE id = ?',
  );
  return glances.map((glance) => ({
    status: statusOf.get(glance.execution)?.status,
    chunks: readLogs(sqlite, glance.execution, { ...glance, limit }),
  }));
}
