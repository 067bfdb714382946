/** Tells whether a routing key matches a binding of a topic exchange: `*` is one word, `#` any number of words. */
export function matchesTopic(pattern: string, key: string): boolean {
  return matches(pattern.split('.'), key.split('.'));
}

function matches(pattern: readonly string[], words: readonly string[]): boolean {
  const [first, ...rest] = pattern;
  if (first === undefined) return words.length === 0;
  if (first === '#') return matches(rest, words) || (words.length > 0 && matches(pattern, words.slice(1)));
  return words.length > 0 && (first === '*' || first === words[0]) && matches(rest, words.slice(1));
}
