import { AUDIT_DAYS } from '#adapters/store/limits.ts';
import type { Caller } from '#adapters/store/postgres/connect.ts';

const DAYS_AHEAD = 3;

export async function keepLogs({ sql }: Caller, days: number): Promise<readonly string[]> {
  const rows = await sql<{ name: string }[]>`
    SELECT agent_keep_logs AS name FROM agent_keep_logs(${days}, ${DAYS_AHEAD}, ${AUDIT_DAYS})`;
  return rows.map(({ name }) => name);
}
