import type { Sqlite } from '#adapters/store/sqlite/open.ts';
import { withinPacks } from '#adapters/store/sqlite/within.ts';
import type { RuntimeView } from '#domain/client-store.ts';
import type { Page } from '#domain/page.ts';
import type { RuntimeTemplate } from '#domain/runtime.ts';

export function saveRuntimes({ database }: Sqlite, templates: readonly RuntimeTemplate[]): void {
  for (const { name, aliases, executionConfig } of templates)
    database
      .query(`
        INSERT INTO runtime (ref, name, aliases, pack_ref, execution_config) VALUES (?, ?, ?, 'core', ?)
        ON CONFLICT (ref) DO UPDATE SET aliases = excluded.aliases, execution_config = excluded.execution_config,
          is_managed = 1
        WHERE is_managed AND NOT auto_detected OR execution_config = '{}'`)
      .run(`core.${name}`, name, JSON.stringify(aliases), JSON.stringify(executionConfig));
}

export function listRuntimes(
  { database }: Sqlite,
  { after = '', limit = -1, confinedTo }: Page = {},
): readonly RuntimeView[] {
  /* Those of the agent are everybody's. */
  const all = confinedTo && { ...confinedTo, packs: ['core', ...confinedTo.packs] };
  const [seen, values] = withinPacks(all, { column: "COALESCE(pack_ref, 'core')", isWhole: true });
  return database
    .query<{ ref: string; name: string; auto_detected: number; execution_config: string }, (string | number)[]>(
      `SELECT ref, name, auto_detected, execution_config FROM runtime WHERE ref > ? AND ${seen} ORDER BY ref LIMIT ?`,
    )
    .all(after, ...values, limit)
    .map((row) => ({
      ref: row.ref,
      name: row.name,
      isAutoDetected: row.auto_detected === 1,
      executionConfig: JSON.parse(row.execution_config),
    }));
}
