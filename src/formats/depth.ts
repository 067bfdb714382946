/** The most levels of nesting that any value from outside may have: parameters, results, packs, messages, settings. */
export const DEEPEST = 100;

/** The sentence for a value that is nested deeper than `DEEPEST`. */
export const TOO_DEEP = `nested deeper than ${DEEPEST} levels`;

/** Tells whether a value that was read from text is nested deeper than `DEEPEST` levels. Looks at each object once. */
export function isTooDeep(value: unknown): boolean {
  const seen = new Set<object>();
  let level = newObjects([value], seen);
  for (let depth = 0; level.length > 0; depth++) {
    if (depth >= DEEPEST) return true;
    level = newObjects(
      level.flatMap((one) => Object.values(one)),
      seen,
    );
  }
  return false;
}

/** The objects among `values` that have not been seen; they count as seen from now on. */
function newObjects(values: readonly unknown[], seen: Set<object>): readonly object[] {
  return values.filter((one): one is object => {
    if (typeof one !== 'object' || one === null || seen.has(one)) return false;
    seen.add(one);
    return true;
  });
}
