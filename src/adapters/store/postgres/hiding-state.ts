import { type HidingStep, readHidingState, writeHidingState } from '#adapters/store/hidden-parameters.ts';
import type { Cipher } from '#domain/cipher.ts';
import type { Caller, Connected } from './connect.ts';
import { ownCipher } from './own-cipher.ts';

/**
 * Makes a step of the search of this name, in a transaction, from where it has come; returns how many rows were
 * changed, and whether none is left. The row of its state is the lock: of several servers one goes on, and the others
 * have nothing to do.
 */
export async function stepOn(
  caller: Caller,
  name: string,
  step: (caller: Connected, after: number, cipher: Cipher | undefined) => Promise<HidingStep>,
): Promise<{ readonly hidden: number; readonly isDone: boolean }> {
  const cipher = await ownCipher(caller);
  return await caller.sql.begin(async (sql) => {
    await sql`INSERT INTO agent_setting (name) VALUES (${name}) ON CONFLICT DO NOTHING`;
    const [own] = await sql<{ value: string }[]>`
      SELECT value FROM agent_setting WHERE name = ${name} FOR UPDATE SKIP LOCKED`;
    if (!own) return { hidden: 0, isDone: true };
    const state = readHidingState(own.value, await readDigest({ sql }, cipher !== undefined));
    const done = await step({ sql }, state.after, cipher);
    const text = writeHidingState(state, done);
    if (text !== own.value) await sql`UPDATE agent_setting SET value = ${text} WHERE name = ${name}`;
    return { hidden: done.hidden, isDone: done.last === undefined };
  });
}

/** Tells one state of the schemas with secrets, and of the key, from another. */
async function readDigest({ sql }: Connected, hasKey: boolean): Promise<string> {
  const [row] = await sql<{ digest: string | null }[]>`
    SELECT md5(string_agg(ref || ' ' || md5(param_schema::text), ',' ORDER BY ref)) AS digest
    FROM action WHERE param_schema::text LIKE '%"secret"%'`;
  return `${row?.digest ?? ''} ${hasKey}`;
}
