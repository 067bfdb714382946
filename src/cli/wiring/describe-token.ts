import type { TokenView } from '#domain/admin-store.ts';
import { confinementAsShown } from '#wire/tokens.ts';

/** A token as `--format json` shows it: without its secret. */
export function describeToken({ id, name, scopes, expiresAt, revokedAt, lastUsedAt, created, confinedTo }: TokenView) {
  const [expires_at, revoked_at, last_used_at] = [expiresAt ?? null, revokedAt ?? null, lastUsedAt ?? null];
  return { id, name, scopes, expires_at, revoked_at, last_used_at, created, ...confinementAsShown(confinedTo) };
}
