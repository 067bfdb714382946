import { type ClaimedRow, readClaimed } from '#adapters/store/claimed-row.ts';
import { type OutboxRow, readOutbox } from '#adapters/store/outbox-row.ts';
import type { Caller } from '#adapters/store/postgres/connect.ts';
import type { Claims, Offer } from '#domain/agent-store.ts';
import type { Cipher } from '#domain/cipher.ts';
import type { WorkerSession } from '#domain/worker.ts';

interface ClaimOptions {
  readonly offers: readonly Offer[];
  readonly leaseMs: number;
  readonly cipher: Cipher | undefined;
}

interface Row {
  readonly claimed: ClaimedRow;
  readonly outbox: OutboxRow;
}

export async function claim(
  { sql, owner }: Caller,
  { worker, instance }: WorkerSession,
  { offers, leaseMs, cipher }: ClaimOptions,
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
