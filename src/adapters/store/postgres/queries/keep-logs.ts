import type { Caller } from '#adapters/store/postgres/connect.ts';

const DAYS_AHEAD = 3;
/** A year, and a month to look at it. */
const AUDIT_DAYS = 400;

export async function keepLogs({ sql }: Caller, days: number): Promise<readonly string[]> {
  const rows = await sql<{ name: string }[]>`
    SELECT agent_keep_logs AS name FROM agent_keep_logs(${days}, ${DAYS_AHEAD}, ${AUDIT_DAYS})`;
  return rows.map(({ name }) => name);
}
