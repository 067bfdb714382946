/** Longer texts, and more candidates, come from no person who mistyped one, and would take long to compare. */
const LONGEST = 100;
const MOST_CANDIDATES = 1000;

/**
 * Finds the candidate most like `word`: the one with the fewest letters changed, at most two in five, else the first
 * that has it as a part (`timeout` of `timeout_seconds`). Undefined if there is none, if `word` is longer than a name, or
 * among very many candidates.
 */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  if (word.length > LONGEST || candidates.length > MOST_CANDIDATES) return undefined;
  const most = Math.ceil(word.length * 0.4);
  const names = candidates.filter((candidate) => candidate.length <= LONGEST);
  const similar = names.filter((name) => Math.abs(name.length - word.length) <= most);
  const scored = similar.map((candidate) => ({ candidate, distance: editDistance(word, candidate) }));
  const best = scored.toSorted((a, b) => a.distance - b.distance)[0];
  if (best && best.distance <= most) return best.candidate;
  return names.find((candidate) => candidate.split(/[._-]/).includes(word));
}

/** The ref most like `ref`: an action of the same pack, where there is one; undefined if none is close. */
export function nearestRef(ref: string, refs: readonly string[]): string | undefined {
  const pack = ref.slice(0, ref.indexOf('.') + 1);
  const siblings = refs.filter((one) => pack !== '' && one.startsWith(pack)).map((one) => one.slice(pack.length));
  if (siblings.length === 0) return nearest(ref, refs);
  const near = nearest(ref.slice(pack.length), siblings);
  return near === undefined ? undefined : `${pack}${near}`;
}

/** Levenshtein, in as many steps as the product of both lengths. */
function editDistance(a: string, b: string): number {
  const [letters, others] = [[...a], [...b]];
  let row = Array.from({ length: others.length + 1 }, (_, i) => i);
  for (const letter of letters) {
    let last = (row[0] ?? 0) + 1;
    const next = [last];
    for (let j = 0; j < others.length; j++) {
      last = Math.min((row[j] ?? 0) + Number(letter !== others[j]), (row[j + 1] ?? 0) + 1, last + 1);
      next.push(last);
    }
    row = next;
  }
  return row[others.length] ?? 0;
}
