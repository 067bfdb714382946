import type { AuditView } from '#domain/admin-store.ts';
import { iso } from './execution-row.ts';

export interface AuditRow {
  readonly id: string | number;
  readonly at: Date | number;
  readonly actor: string;
  readonly token: string | number | null;
  readonly address: string | null;
  readonly action: string;
  readonly subject: string;
  readonly status: number;
}

export function readAudit(row: AuditRow): AuditView {
  return {
    id: String(row.id),
    at: iso(row.at),
    actor: row.actor,
    token: row.token === null ? undefined : String(row.token),
    address: row.address ?? undefined,
    action: row.action,
    subject: row.subject,
    status: row.status,
  };
}
