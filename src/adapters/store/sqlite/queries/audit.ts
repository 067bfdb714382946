import { type AuditRow, readAudit } from '#adapters/store/audit-row.ts';
import type { Sqlite } from '#adapters/store/sqlite/open.ts';
import type { AuditEntry, AuditFilter, AuditView } from '#domain/admin-store.ts';

export function saveAudit({ database }: Sqlite, entries: readonly AuditEntry[]): void {
  const insert = database.query(
    'INSERT INTO audit_log (at, actor, token, address, action, subject, status) VALUES (?, ?, ?, ?, ?, ?, ?)',
  );
  for (const { at, actor, token, address, action, subject, status } of entries)
    insert.run(at, actor, token ?? null, address ?? null, action, subject, status);
}

export function listAudit({ database }: Sqlite, { before, actor }: AuditFilter, limit: number): readonly AuditView[] {
  return database
    .query<AuditRow, [string | null, string | null, number]>(
      `SELECT * FROM audit_log WHERE id < COALESCE(CAST(?1 AS INTEGER), 9223372036854775807)
        AND (?2 IS NULL OR actor = ?2) ORDER BY id DESC LIMIT ?3`,
    )
    .all(before ?? null, actor ?? null, limit)
    .map(readAudit);
}
