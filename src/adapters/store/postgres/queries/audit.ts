import { type AuditRow, readAudit } from '#adapters/store/audit-row.ts';
import type { Caller } from '#adapters/store/postgres/connect.ts';
import type { AuditEntry, AuditFilter, AuditView } from '#domain/admin-store.ts';
import { storableJson } from '#formats/storable.ts';

export async function saveAudit({ sql }: Caller, entries: readonly AuditEntry[]): Promise<void> {
  const rows = entries.map(({ at, ...entry }) => ({ ...entry, at: new Date(at).toISOString() }));
  await sql`
    INSERT INTO audit_log (at, actor, token, address, action, subject, status)
    SELECT at, actor, token, address, action, subject, status FROM json_to_recordset(${storableJson(rows)}::text::json)
      AS r(at TIMESTAMPTZ, actor TEXT, token BIGINT, address TEXT, action TEXT, subject TEXT, status INTEGER)`;
}

export async function listAudit(
  { sql }: Caller,
  { before, actor }: AuditFilter,
  limit: number,
): Promise<readonly AuditView[]> {
  const rows = await sql<AuditRow[]>`
    SELECT id, at, actor, token, address, action, subject, status FROM audit_log
    WHERE id < COALESCE(${before ?? null}::bigint, 9223372036854775807)
      AND (${actor ?? null}::text IS NULL OR actor = ${actor ?? null}) ORDER BY id DESC LIMIT ${limit}`;
  return rows.map(readAudit);
}
