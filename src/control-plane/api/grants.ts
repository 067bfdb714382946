import { SCOPES, type Scope } from '#domain/admin-store.ts';
import type { Confinement } from '#domain/confinement.ts';
import { claimOf } from '#domain/identity.ts';

const PACK = 'pack:';
/** The value that everybody has. */
const ANYBODY = '*';

/** What values of a claim give, in the order in which they count. */
export type Grants = readonly (readonly [value: string, gives: string])[];

interface Grant {
  readonly scopes: readonly Scope[];
  readonly confinedTo: Confinement | undefined;
}

/**
 * What the claims of somebody give: the first of `grants` whose value he has; undefined: none. They do not add up, so
 * that a scope which one of them gives for its packs alone never holds for those of another.
 */
export function grantOf(grants: Grants, claim: string, claims: Readonly<Record<string, unknown>>): Grant | undefined {
  const values = isDoubted(claims, claim) ? [] : [claimOf(claims, claim)].flat();
  const [, text] = grants.find(([value]) => value === ANYBODY || values.includes(value)) ?? [];
  if (text === undefined) return undefined;
  const words = text.split(' ').filter((word) => word !== '');
  const packs = words.flatMap((word) => (word.startsWith(PACK) ? [word.slice(PACK.length)] : []));
  const scopes = SCOPES.filter((scope) => words.includes(scope));
  return { scopes, confinedTo: packs.length > 0 ? { packs, actions: [] } : undefined };
}

/**
 * Whether the provider says that it has not verified a claim, as it does of `email` by `email_verified`: then it is what
 * somebody has written about himself.
 */
function isDoubted(claims: Readonly<Record<string, unknown>>, claim: string): boolean {
  const isVerified = claimOf(claims, `${claim}_verified`);
  return isVerified !== undefined && isVerified !== true && isVerified !== 'true';
}
