import type { Sqlite } from '#adapters/store/sqlite/open.ts';
import type { WorkerSession } from '#domain/worker.ts';

export function deregister({ database }: Sqlite, { worker, instance }: WorkerSession): void {
  const { changes } = database
    .query(`
      UPDATE worker SET status = 'inactive', draining = 0, instance = NULL, pid = NULL, process = NULL
      WHERE id = ? AND instance = ?`)
    .run(worker, instance);
  if (changes > 0)
    database
      .query('UPDATE execution_claim SET lease_expires_at = 0 WHERE worker = ? AND instance = ?')
      .run(worker, instance);
}
