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

/** An audit log of which the entries from an id on are looked at. */
export type AuditStep = AuditFilter & { readonly from?: number };

export function listAudit(
  { database }: Sqlite,
  { before, actor, from = 0 }: AuditStep,
  limit: number,
): readonly AuditView[] {
  return database
    .query<AuditRow, [string | null, string | null, number, number]>(
      `SELECT * FROM audit_log WHERE id < COALESCE(CAST(?1 AS INTEGER), 9223372036854775807) AND id >= ?4
        AND (?2 IS NULL OR actor = ?2) ORDER BY id DESC LIMIT ?3`,
    )
    .all(before ?? null, actor ?? null, limit, from)
    .map(readAudit);
}

/** The ids between which the audit log is. */
export function endsOfAudit({ database }: Sqlite): { readonly first: number; readonly newest: number } {
  return (
    database
      .query<{ first: number; newest: number }, []>(`
        SELECT COALESCE((SELECT min(id) FROM audit_log), 0) AS first,
          COALESCE((SELECT max(id) FROM audit_log), 0) AS newest`)
      .get() ?? { first: 0, newest: 0 }
  );
}
