import { boundRows, type UnboundRow } from '#adapters/store/encrypt-again.ts';
import { placeOfKey } from '#adapters/store/key-values.ts';
import type { Caller } from '#adapters/store/postgres/connect.ts';
import { ownCipher } from '#adapters/store/postgres/own-cipher.ts';
import { placeOfSecret } from '#adapters/store/secret-row.ts';
import type { AdminStore } from '#domain/admin-store.ts';

/** Workers that are named at most. */
const MOST_NAMED = 20;
/** Rows of which the values are read at once. */
const BATCH = 100;

export async function encryptAgain(caller: Caller): ReturnType<AdminStore['encryptAgain']> {
  const keys = await inBatches(caller, { table: 'key', read: readKeys });
  const secrets = await inBatches(caller, { table: 'execution_secret_value', read: readSecretValues });
  return { encrypted: keys.encrypted + secrets.encrypted, left: keys.left + secrets.left };
}

/** Workers that have a token get their keys decrypted. Since 0.2 all others say that they take batches. */
export async function readersOfBefore({ sql }: Caller): Promise<readonly string[]> {
  const rows = await sql<{ name: string }[]>`
    SELECT name FROM worker
    WHERE last_heartbeat > now() - interval '10 minutes' AND NOT capabilities ? 'batched_dispatch'
      AND COALESCE(owner, '') NOT LIKE 'token:%'
    ORDER BY name LIMIT ${MOST_NAMED}`;
  return rows.map((row) => row.name);
}

interface Source {
  readonly table: 'key' | 'execution_secret_value';
  /** Reads the rows that are not bound, from an id on. */
  read(caller: Caller, after: string | number): Promise<readonly UnboundRow[]>;
}

async function inBatches(caller: Caller, { table, read }: Source): Promise<{ encrypted: number; left: number }> {
  const { sql, ciphers } = caller;
  const cipher = await ownCipher(caller);
  if (!cipher || !ciphers) throw new Error('there is no key to encrypt with');
  const sum = { encrypted: 0, left: 0 };
  for (let rows = await read(caller, 0); rows.length > 0; rows = await read(caller, rows.at(-1)?.id ?? 0)) {
    const bound = JSON.stringify(boundRows(rows, ciphers, cipher));
    /* Who has stored another value in the meantime has encrypted it himself. */
    const done = await sql`
      UPDATE ${sql(table)} AS t SET value = to_jsonb(b.value), encryption_key_hash = b.hash
      FROM json_to_recordset(${bound}::text::json) AS b(id BIGINT, old TEXT, hash TEXT, value TEXT)
      WHERE t.id = b.id AND t.value = to_jsonb(b.old)`;
    sum.encrypted += done.count;
    sum.left += rows.length - done.count;
  }
  return sum;
}

interface KeyColumns {
  readonly id: string;
  readonly hash: string | null;
  readonly old: string;
  readonly ref: string;
  readonly owner_type: string;
  readonly owner: string | null;
  readonly name: string;
}

async function readKeys({ sql }: Caller, after: string | number): Promise<readonly UnboundRow[]> {
  const rows = await sql<KeyColumns[]>`
    SELECT id, encryption_key_hash AS hash, value #>> '{}' AS old, ref, owner_type, name,
      CASE owner_type WHEN 'action' THEN owner_action_ref WHEN 'pack' THEN owner_pack_ref END AS owner
    FROM key
    WHERE id > ${after} AND encrypted AND jsonb_typeof(value) = 'string' AND value #>> '{}' NOT LIKE '%:%'
    ORDER BY id LIMIT ${BATCH}`;
  return rows.map((row) => ({ ...row, place: placeOfKey(row) }));
}

async function readSecretValues({ sql }: Caller, after: string | number): Promise<readonly UnboundRow[]> {
  const rows = await sql<{ id: string; hash: string; old: string; execution: string; path: string }[]>`
    SELECT id, encryption_key_hash AS hash, value #>> '{}' AS old, execution::text, path
    FROM execution_secret_value
    WHERE id > ${after} AND jsonb_typeof(value) = 'string' AND value #>> '{}' NOT LIKE '%:%'
    ORDER BY id LIMIT ${BATCH}`;
  return rows.map((row) => ({ ...row, place: placeOfSecret(row.execution, row.path) }));
}
