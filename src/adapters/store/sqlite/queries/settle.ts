import { filesOf } from '#adapters/store/artifact-row.ts';
import { settledHints } from '#adapters/store/hints.ts';
import { secretRowsOf } from '#adapters/store/secret-row.ts';
import { type ExecutionColumns, finish, requestAgain } from '#adapters/store/sqlite/change-status.ts';
import type { Caller, Sqlite } from '#adapters/store/sqlite/open.ts';
import { CLAIMED } from '#adapters/store/status-lists.ts';
import type { Settled, Settlement } from '#domain/agent-store.ts';
import { executionId } from '#domain/ids.ts';
import type { OutboxMessage } from '#domain/messages.ts';
import { saveArtifacts } from './artifacts.ts';

export function settle(sqlite: Caller, settlements: readonly Settlement[]): Settled {
  const settled = settlements.flatMap((settlement) => {
    const row = held(sqlite, settlement);
    if (row) saveArtifacts(sqlite, settlement, filesOf(settlement));
    for (const { execution, path, hash, value } of row ? secretRowsOf(settlement, sqlite.cipher) : [])
      sqlite.database
        .query(`
          INSERT OR REPLACE INTO execution_secret_value (execution, path, encryption_key_hash, value, created)
          VALUES (?, ?, ?, ?, ?)`)
        .run(execution, path, hash, JSON.stringify(value), sqlite.now());
    return row ? [{ execution: executionId(row.id), messages: settleOne(sqlite, row, settlement) }] : [];
  });
  const accepted = settled.map((one) => one.execution);
  const messages = settled.flatMap((one) => one.messages);
  return { accepted, messages: messages.length > 0 ? messages : settledHints(settlements, accepted) };
}

/** The compare part: only the holder of the claim gets the row. */
function held({ database }: Sqlite, { execution, attempt, worker, instance }: Settlement): ExecutionColumns | null {
  return database
    .query<ExecutionColumns, [string, number, string, string]>(`
      SELECT e.id, e.action, e.action_ref, e.status FROM execution e JOIN execution_claim c ON c.execution = e.id
      WHERE e.id = ? AND c.attempt = ? AND c.worker = ? AND c.instance = ? AND e.status IN ${CLAIMED}`)
    .get(execution, attempt, worker, instance);
}

function settleOne(sqlite: Sqlite, row: ExecutionColumns, { verdict }: Settlement): readonly OutboxMessage[] {
  sqlite.database.query('DELETE FROM execution_claim WHERE execution = ?').run(row.id);
  if (verdict.kind === 'final') return finish(sqlite, row, verdict);
  if (row.status === 'canceling') return finish(sqlite, row, { status: 'cancelled', result: verdict.result });
  return requestAgain(sqlite, row, verdict);
}
