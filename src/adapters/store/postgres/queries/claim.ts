import { type ClaimedRow, readClaimed } from '#adapters/store/claimed-row.ts';
import { type OutboxRow, readOutbox } from '#adapters/store/outbox-row.ts';
import type { Caller } from '#adapters/store/postgres/connect.ts';
import type { AgentStore, Claims } from '#domain/agent-store.ts';

interface Row {
  readonly claimed: ClaimedRow;
  readonly outbox: OutboxRow;
}

export async function claim(
  { sql, owner, cipher }: Caller,
  ...[{ worker, instance }, offers, leaseMs]: Parameters<AgentStore['claim']>
): Promise<Claims> {
  const rows = await sql<Row[]>`
    SELECT claimed, outbox
    FROM agent_claim(
      ${owner ?? null}, ${worker}, ${instance}, ${JSON.stringify(offers)}::text::json, ${leaseMs / 1000})`;
  return {
    claimed: rows.map((row) => readClaimed(row.claimed, cipher)),
    messages: rows.map((row) => readOutbox(row.outbox)),
  };
}
