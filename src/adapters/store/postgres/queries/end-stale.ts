import type { Caller } from '#adapters/store/postgres/connect.ts';

export async function endStale({ sql }: Caller, olderThanMs: number): Promise<readonly string[]> {
  const rows = await sql<{ login: string }[]>`SELECT agent_end_stale(${olderThanMs / 1000}) AS login`;
  return rows.map(({ login }) => login);
}
