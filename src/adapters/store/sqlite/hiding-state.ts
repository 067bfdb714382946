import type { Database } from 'bun:sqlite';
import { createHash } from 'node:crypto';
import { type HidingStep, readHidingState, writeHidingState } from '#adapters/store/hidden-parameters.ts';
import type { Caller } from './open.ts';

/**
 * Makes a step of the search of this name from where it has come; returns how many rows were changed, and whether none
 * is left.
 */
export function stepOn(
  { database, cipher }: Caller,
  name: string,
  step: (after: number) => HidingStep,
): { readonly hidden: number; readonly isDone: boolean } {
  const own = readSetting(database, name);
  const state = readHidingState(own ?? '', `${digestOf(database)} ${cipher !== undefined}`);
  const done = step(state.after);
  const text = writeHidingState(state, done);
  if (text !== own) writeSetting(database, name, text);
  return { hidden: done.hidden, isDone: done.last === undefined };
}

/** Where the search has come. */
function readSetting(database: Database, name: string): string | undefined {
  return database.query<{ value: string }, [string]>('SELECT value FROM agent_setting WHERE name = ?').get(name)?.value;
}

function writeSetting(database: Database, name: string, value: string): void {
  database
    .query(
      'INSERT INTO agent_setting (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
    )
    .run(name, value);
}

/** Tells one state of the schemas with secrets from another. */
function digestOf(database: Database): string {
  const actions = database
    .query<{ ref: string; param_schema: string }, []>(
      `SELECT ref, param_schema FROM action WHERE param_schema LIKE '%"secret"%' ORDER BY ref`,
    )
    .all();
  return createHash('sha256').update(JSON.stringify(actions)).digest('hex');
}
