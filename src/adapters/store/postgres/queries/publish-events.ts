import type { Caller } from '#adapters/store/postgres/connect.ts';

export async function publishEvents({ sql }: Caller, isWanted: boolean): Promise<void> {
  if (isWanted) await sql`INSERT INTO agent_setting (name) VALUES ('events') ON CONFLICT DO NOTHING`;
  else await sql`DELETE FROM agent_setting WHERE name = 'events'`;
}
