/** What is wrong with a YAML text, by what its parser says of it. `$1` stands for what the pattern has found. */
const WORDS: readonly (readonly [said: RegExp, words: string])[] = [
  [/^Missing closing "/, 'a text in double quotes has no quote at its end'],
  [/^Missing closing '/, 'a text in single quotes has no quote at its end'],
  [/end with an? (?:\S* )?(\S)$/, "a list or an object has no '$1' at its end, or its lines are not indented"],
  [/^Tabs are not allowed/, 'a tab indents this line: YAML takes spaces alone'],
  [/^Implicit keys?.*single line/, 'a key must be on one line: a colon or a quote is missing here or above'],
  [/^Implicit map keys/, "expected 'key: value': the colon is missing, or the space behind it"],
  [
    /^Nested mappings|^Block collections are not allowed within/,
    'a second colon in one line: put the value in quotes, or its keys on lines of their own',
  ],
  [/must start at the same column|must be indented$/, 'this line is indented otherwise than those that it belongs to'],
  [/^Missing , or : between|^Missing , between/, 'a comma is missing before this'],
  [/^Missing space after :/, 'a space is missing behind the colon'],
  [/^Unexpected ,|^Unexpected empty item/, 'there is a comma too many'],
  [/^Unexpected flow-\w+-end .*(\S)"$/, "there is a '$1' too many"],
  [/at node end$/, 'there is more behind the value: put all of it in quotes, or indent it as what it belongs to'],
  [/^Sequence item without/, "an item of a list begins with '- '"],
  [
    /^A block sequence may not be|^Unexpected block-seq-ind|^Block collection cannot start/,
    'a list or a key must begin on a line of its own',
  ],
  [/^Comments must be separated/, 'a space is missing before the #'],
  [/^Invalid escape sequence (.*)$/, '$1 is no escape in double quotes: use single quotes, or double the backslash'],
  [/^Block scalar header includes extra/, 'a text behind | or > begins on the next line: put the value in quotes'],
  [/^Plain value cannot start with a tab/, 'a value cannot begin with a tab: put the value in quotes'],
  [/^Plain value cannot start with .* (\S+)$/, "a value cannot begin with '$1': put the value in quotes"],
  [
    /^Unresolved alias .*: (.*)$/,
    "there is no anchor '&$1' before this alias: put the value in quotes if it is a text",
  ],
  [/^(?:Alias|Anchor) /, 'an anchor (&) or an alias (*) has no name: put the value in quotes if it is a text'],
  [
    /^(?:Tags|A node|An alias|Anchors)/,
    'a tag (!) or an anchor (&) is out of place: put the value in quotes if it is a text',
  ],
  [/^Unresolved tag: (.*)$/, "the tag '$1' means nothing here: write the value itself"],
  [/^Merge sources/, 'what << merges is no object, and no list of objects'],
  [/^Excessive alias count/, 'its aliases stand for much more than is written'],
];

/** Says in words of this program what the parser of YAML says is wrong. */
export function sayYamlError(said: string): string {
  const [line = ''] = said.split('\n');
  const found = WORDS.find(([pattern]) => pattern.test(line));
  if (!found) return 'this cannot be read as YAML: put texts with special characters in quotes';
  const [pattern, words] = found;
  return words.replace('$1', () => pattern.exec(line)?.[1] ?? '');
}
