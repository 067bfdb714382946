import { type ClaimedRow, readClaimed } from '#adapters/store/claimed-row.ts';
import { type OutboxRow, readOutbox } from '#adapters/store/outbox-row.ts';
import type { Caller } from '#adapters/store/postgres/connect.ts';
import { ownCipher } from '#adapters/store/postgres/own-cipher.ts';
import type { AgentStore, Claims } from '#domain/agent-store.ts';

interface Row {
  readonly claimed: ClaimedRow;
  /** The message about it; null: nobody listens. */
  readonly outbox: OutboxRow | null;
}

export async function claim(
  caller: Caller,
  ...[{ worker, instance }, offers, leaseMs]: Parameters<AgentStore['claim']>
): Promise<Claims> {
  const { sql, owner, ciphers } = caller;
  const rows = await sql<Row[]>`
    SELECT claimed, outbox
    FROM agent_claim(
      ${owner ?? null}, ${worker}, ${instance}, ${JSON.stringify(offers)}::text::json, ${leaseMs / 1000},
      quiet => true)`;
  const isNeeded = rows.some(({ claimed }) => !claimed.joined && claimed.keys?.some((key) => key.encrypted));
  const cipher = isNeeded ? await ownCipher(caller) : undefined;
  return {
    claimed: rows.map(({ claimed }) => readClaimed(claimed, claimed.joined ? ciphers?.joined : cipher)),
    messages: rows.flatMap(({ outbox }) => (outbox === null ? [] : [readOutbox(outbox)])),
  };
}
