import type { TokenView } from '#domain/admin-store.ts';

/** A token as `--format json` shows it: without its secret. */
export function describeToken({ id, name, scopes, expiresAt, revokedAt, created }: TokenView) {
  return { id, name, scopes, expires_at: expiresAt ?? null, revoked_at: revokedAt ?? null, created };
}
