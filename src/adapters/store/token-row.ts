import type { Scope, TokenView } from '#domain/admin-store.ts';
import type { Confinement } from '#domain/confinement.ts';
import { iso } from './execution-row.ts';

export interface TokenRow {
  readonly id: string | number;
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly expires_at: Date | number | null;
  readonly revoked_at: Date | number | null;
  readonly last_used_at: Date | number | null;
  readonly created: Date | number;
  readonly confined_to: Confinement | null;
}

export function readToken(row: TokenRow): TokenView {
  return {
    id: String(row.id),
    name: row.name,
    scopes: row.scopes,
    expiresAt: row.expires_at === null ? undefined : iso(row.expires_at),
    revokedAt: row.revoked_at === null ? undefined : iso(row.revoked_at),
    lastUsedAt: row.last_used_at === null ? undefined : iso(row.last_used_at),
    created: iso(row.created),
    confinedTo: row.confined_to ?? undefined,
  };
}
