import { packRows } from '#adapters/store/pack-rows.ts';
import { enqueueMessage } from '#adapters/store/sqlite/enqueue-messages.ts';
import type { Sqlite } from '#adapters/store/sqlite/open.ts';
import type { PackContents } from '#domain/client-store.ts';
import { EXCHANGES, type Messages } from '#domain/messages.ts';
import { saveSchedules } from './schedules.ts';

export function savePack(sqlite: Sqlite, contents: PackContents): Messages {
  const { database } = sqlite;
  const { pack, checksum } = contents;
  const before = database
    .query<{ checksum: string | null }, [string]>('SELECT checksum FROM pack WHERE ref = ?')
    .get(pack.ref);
  const saved = database
    .query<{ id: number }, [string, string, string, string, string | null]>(`
      INSERT INTO pack (ref, label, version, storage_path, checksum) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT (ref) DO UPDATE SET label = excluded.label, version = excluded.version,
        storage_path = excluded.storage_path, checksum = COALESCE(excluded.checksum, checksum)
      RETURNING id`)
    .get(pack.ref, pack.label, pack.version, pack.directory, checksum ?? null);
  const id = saved?.id ?? 0;
  const { own, others, actions, schedules, runtimeNames } = packRows(contents);
  for (const { ref, name } of others)
    database
      .query('INSERT INTO runtime (ref, name, auto_detected) VALUES (?, ?, 1) ON CONFLICT (ref) DO NOTHING')
      .run(ref, name);
  for (const one of own) upsert(sqlite, 'runtime', { ...one, is_managed: 0 });
  for (const { runtime_ref, runtime_name: _, ...row } of actions) {
    const runtime = database.query<{ id: number }, [string]>('SELECT id FROM runtime WHERE ref = ?').get(runtime_ref);
    upsert(sqlite, 'action', { ...row, pack: id, runtime: runtime?.id ?? null });
  }
  deleteOthers(
    sqlite,
    id,
    actions.map((one) => one.ref),
  );
  saveSchedules(sqlite, id, schedules);
  if (checksum === undefined || before?.checksum === checksum) return { messages: [] };
  database
    .query("UPDATE pack_environment SET retry_after = NULL WHERE pack_ref = ? AND status = 'failed'")
    .run(pack.ref);
  const payload = { pack_id: id, pack_ref: pack.ref, version: pack.version, runtime_names: runtimeNames };
  const message = enqueueMessage(sqlite, 'pack.registered', {
    messageType: 'PackRegistered',
    payload,
    exchange: EXCHANGES.events,
  });
  return { messages: [message] };
}

export function savePacks(sqlite: Sqlite, packs: readonly PackContents[]): Messages {
  return { messages: packs.flatMap((one) => savePack(sqlite, one).messages) };
}

/** Deletes the actions that the pack has no more, with their keys. */
function deleteOthers({ database }: Sqlite, pack: number, refs: readonly string[]): void {
  const gone = database
    .query<{ ref: string }, [number, string]>(
      'DELETE FROM action WHERE pack = ? AND ref NOT IN (SELECT value FROM json_each(?)) RETURNING ref',
    )
    .all(pack, JSON.stringify(refs));
  for (const { ref } of gone) database.query("DELETE FROM key WHERE owner_type = 'action' AND owner = ?").run(ref);
}

/** Inserts or updates the row with the same `ref`; objects and lists are stored as JSON. */
function upsert({ database }: Sqlite, table: 'runtime' | 'action', columns: Readonly<Record<string, unknown>>): void {
  const names = Object.keys(columns);
  const values = Object.values(columns).map((value) =>
    typeof value === 'object' && value !== null ? JSON.stringify(value) : (value as string | number | null),
  );
  const updates = names.map((column) => `${column} = excluded.${column}`).join(', ');
  database
    .query(`
      INSERT INTO ${table} (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})
      ON CONFLICT (ref) DO UPDATE SET ${updates}`)
    .run(...values);
}
