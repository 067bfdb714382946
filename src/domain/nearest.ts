/** Nobody mistypes a longer word, and comparing takes a time that grows with the product of the lengths. */
const LONGEST_WORD = 200;

/**
 * Finds the candidate most like `word`: the one with the fewest letters changed, at most two in five, else the first
 * that has it as a part (`timeout` of `timeout_seconds`). Undefined if there is none.
 */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  if (word.length > LONGEST_WORD) return undefined;
  const most = Math.ceil(word.length * 0.4);
  const similar = candidates.filter((candidate) => Math.abs(candidate.length - word.length) <= most);
  const scored = similar.map((candidate) => ({ candidate, distance: editDistance(word, candidate) }));
  const best = scored.toSorted((a, b) => a.distance - b.distance)[0];
  if (best && best.distance <= most) return best.candidate;
  return candidates.find((candidate) => candidate.split(/[._-]/).includes(word));
}

/** The ref most like `ref`: an action of the same pack, where there is one; undefined if none is close. */
export function nearestRef(ref: string, refs: readonly string[]): string | undefined {
  const pack = ref.slice(0, ref.indexOf('.') + 1);
  const siblings = refs.filter((one) => pack !== '' && one.startsWith(pack)).map((one) => one.slice(pack.length));
  if (siblings.length === 0) return nearest(ref, refs);
  const near = nearest(ref.slice(pack.length), siblings);
  return near === undefined ? undefined : `${pack}${near}`;
}

/** Levenshtein. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...b].entries())
      next.push(Math.min((row[j] ?? 0) + Number(letter !== other), (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    row = next;
  }
  return row[b.length] ?? 0;
}
