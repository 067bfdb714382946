import type { Caller } from '#adapters/store/postgres/connect.ts';
import { ownCipher } from '#adapters/store/postgres/own-cipher.ts';
import type { AgentStore } from '#domain/agent-store.ts';
import type { DatabaseKind } from '#domain/database-kind.ts';
import { workerId } from '#domain/ids.ts';
import type { RegistrationOutcome } from '#domain/worker.ts';
import { storableJson } from '#formats/storable.ts';

type Answer =
  | {
      readonly worker: number;
      readonly cordoned: boolean;
      /** Said by the function of a joined database alone. */
      readonly database?: DatabaseKind;
    }
  | { readonly owner: string }
  | {
      readonly instance: string;
      readonly host: string | null;
      readonly pid: number;
      readonly process: string | null;
      readonly heartbeat: string;
    };

/** Registers a worker, whose cipher is made before it takes work: making it of a passphrase takes a while. */
export async function register(
  caller: Caller,
  ...[registration, leaseMs, gone = '']: Parameters<AgentStore['register']>
): Promise<RegistrationOutcome> {
  const { sql, owner } = caller;
  const [row] = await sql<{ answer: Answer }[]>`
    SELECT agent_register(
      ${owner ?? null}, ${storableJson(registration)}::text::jsonb, ${leaseMs / 1000}, ${gone}) AS answer`;
  if (!row) throw new Error('the database did not answer');
  const { answer } = row;
  if ('worker' in answer) {
    const { worker, cordoned: isCordoned, database = 'own' } = answer;
    /* Whoever needs it and cannot have it is told then. */
    if (database === 'own') await ownCipher(caller).catch(() => undefined);
    return { kind: 'registered', worker: workerId(worker), isCordoned, database };
  }
  if ('owner' in answer) return { kind: 'not-yours', owner: answer.owner };
  return {
    kind: 'name-taken',
    host: answer.host ?? 'unknown',
    pid: answer.pid,
    instance: answer.instance,
    process: answer.process ?? '',
    heartbeat: answer.heartbeat,
  };
}
