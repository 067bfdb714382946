import { SCOPES, type Scope } from '#domain/admin-store.ts';
import type { Confinement } from '#domain/confinement.ts';
import { isRecord } from '#domain/record.ts';

const PACK = 'pack:';
/** The value that everybody has. */
const ANYBODY = '*';

export interface Grant {
  readonly scopes: readonly Scope[];
  readonly confinedTo: Confinement | undefined;
}

/**
 * What the claims of somebody give: the first of `grants` whose value he has; undefined: none. They do not add up, so
 * that a scope which one of them gives for its packs alone never holds for those of another.
 */
export function grantOf(
  grants: Readonly<Record<string, string>>,
  claim: string,
  claims: Readonly<Record<string, unknown>>,
): Grant | undefined {
  const values = valuesOf(claims, claim);
  const [, text] = Object.entries(grants).find(([value]) => value === ANYBODY || values.includes(value)) ?? [];
  if (text === undefined) return undefined;
  const words = text.split(' ').filter((word) => word !== '');
  const packs = words.flatMap((word) => (word.startsWith(PACK) ? [word.slice(PACK.length)] : []));
  const scopes = SCOPES.filter((scope) => words.includes(scope));
  return { scopes, confinedTo: packs.length > 0 ? { packs, actions: [] } : undefined };
}

/** The values of a claim, by its name or by a path with dots; of one text that one. */
function valuesOf(claims: Readonly<Record<string, unknown>>, name: string): readonly string[] {
  const found =
    claims[name] ?? name.split('.').reduce<unknown>((inner, key) => (isRecord(inner) ? inner[key] : undefined), claims);
  return [found].flat().filter((one) => typeof one === 'string');
}
