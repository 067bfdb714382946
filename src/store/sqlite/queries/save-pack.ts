import type { Action, Pack } from '#domain/action.ts';
import { actionRow } from '#store/action-row.ts';
import type { Sqlite } from '#store/sqlite/open.ts';

export function savePack({ database }: Sqlite, pack: Pack, actions: readonly Action[]): void {
  const saved = database
    .query<{ id: number }, [string, string, string, string]>(`
      INSERT INTO pack (ref, label, version, storage_path) VALUES (?, ?, ?, ?)
      ON CONFLICT (ref) DO UPDATE SET label = excluded.label, version = excluded.version, storage_path = excluded.storage_path
      RETURNING id`)
    .get(pack.ref, pack.label, pack.version, pack.directory);
  for (const { name, ...row } of actions.map(actionRow)) {
    const runtime = database
      .query<{ id: number }, [string, string]>(
        'INSERT INTO runtime (ref, name) VALUES (?, ?) ON CONFLICT (ref) DO UPDATE SET name = excluded.name RETURNING id',
      )
      .get(`core.${name}`, name);
    const columns = { ...row, pack: saved?.id ?? null, runtime: runtime?.id ?? null };
    const names = Object.keys(columns);
    const values = Object.values(columns).map((value) =>
      typeof value === 'object' && value !== null ? JSON.stringify(value) : value,
    );
    const updates = names.map((column) => `${column} = excluded.${column}`).join(', ');
    database
      .query(
        `INSERT INTO action (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')}) ON CONFLICT (ref) DO UPDATE SET ${updates}`,
      )
      .run(...values);
  }
}
