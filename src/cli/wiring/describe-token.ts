import { showTime, showWait } from '#cli/terminal.ts';
import type { TokenView } from '#domain/admin-store.ts';
import { confinementAsShown } from '#wire/tokens.ts';

/** A token as `--format json` shows it: without its secret. */
export function describeToken({ id, name, scopes, expiresAt, revokedAt, lastUsedAt, created, confinedTo }: TokenView) {
  const [expires_at, revoked_at, last_used_at] = [expiresAt ?? null, revokedAt ?? null, lastUsedAt ?? null];
  return { id, name, scopes, expires_at, revoked_at, last_used_at, created, ...confinementAsShown(confinedTo) };
}

type Described = ReturnType<typeof describeToken>;

/** What a token is confined to. */
export function reachOf({ packs, actions }: Described): string {
  return [...(packs ?? []), ...(actions ?? [])].join(',') || '-';
}

/** Whether a token is valid, and until when. */
export function stateOf({ expires_at: expires, revoked_at: revoked }: Described, isWide: boolean): string {
  if (revoked !== null) return 'revoked';
  if (expires === null) return 'valid';
  if (Date.parse(expires) < Date.now()) return 'expired';
  return isWide ? `until ${showTime(expires)}` : `expires ${showWait(expires)}`;
}
