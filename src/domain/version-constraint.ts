import { coerce, intersects, minVersion, parse, satisfies, validRange } from 'semver';

/**
 * Parses a version constraint: `= >= <= > < ~ ^`, joined by commas (all must hold); a bare `3.12` means `~3.12`. A
 * pre-release satisfies only a constraint that names a pre-release of the same version. Null if the text is no
 * constraint.
 */
export function parseConstraint(text: string): { allows(version: string | undefined): boolean } | null {
  const range = rangeOf(text);
  if (range === null) return null;
  return {
    allows: (version) => {
      const coerced = version === undefined ? null : (parse(version) ?? coerce(version));
      return coerced !== null && satisfies(coerced, range);
    },
  };
}

/** Says of a text that it is no version constraint, or that no version can satisfy it; undefined: some can. */
export function flawOfConstraint(text: string): string | undefined {
  const range = rangeOf(text);
  if (range === null) return describeNoConstraint(text);
  return minVersion(range) === null ? `no version satisfies '${text}'` : undefined;
}

/** Tells whether no version satisfies both of two constraints. */
export function excludeEachOther(one: string, other: string): boolean {
  const [left, right] = [rangeOf(one), rangeOf(other)];
  return left !== null && right !== null && !intersects(left, right);
}

/** The constraint as a range of semver; null if the text is none. */
function rangeOf(text: string): string | null {
  const parts = text.split(',').map((part) => part.trim());
  if (parts.some((part) => !/^([=~^]|[<>]=?)?\s*v?\d+(\.\d+){0,2}(-[0-9A-Za-z.-]+)?$/.test(part))) return null;
  return validRange(parts.map((part) => (/^v?\d/.test(part) ? `~${part}` : part)).join(' '));
}

/** The sentence for a text that is no version constraint. */
export function describeNoConstraint(text: string): string {
  return `'${text}' is no version constraint (examples: 3.12, >=3.9,<4, ^20)`;
}
