import { expect, test } from 'bun:test';
import { createMatcher, type Matcher } from '#execution/masking/matcher.ts';

const bytesOf = (text: string): Uint8Array => Buffer.from(text, 'latin1');

/** All that a matcher finds in a text, and how often it paused. */
function search(matcher: Matcher, text: string): { readonly found: readonly string[]; readonly pauses: number } {
  const found: string[] = [];
  let pauses = 0;
  for (let from = 0; ; ) {
    const next = matcher.find(bytesOf(text), from, false);
    if (!next) return { found, pauses };
    if (next.kind === 'match') found.push(text.slice(next.start, next.end));
    else pauses++;
    from = next.kind === 'match' ? next.start + 1 : next.start;
  }
}

test('patterns are found however they were added, and those that are added to one matcher are in no other', () => {
  const first = createMatcher(['bb', 'a\xff', 'abc']);
  const second = first.with(['ab', 'abcd', '\xff\0']);
  const third = first.with(['zz']);
  expect(search(first, 'abcd a\xff\0 bb zz').found).toEqual(['abc', 'a\xff', 'bb']);
  expect(search(second, 'abcd a\xff\0 bb zz').found).toEqual(['abcd', 'a\xff', '\xff\0', 'bb']);
  expect(search(third, 'abcd a\xff\0 bb zz').found).toEqual(['abc', 'a\xff', 'bb', 'zz']);
  expect(['ab', 'abc', 'abcd', 'b', 'zz', ''].filter(second.has)).toEqual(['ab', 'abc', 'abcd']);
});

test('a search that finds a long pattern at every place pauses again and again', () => {
  const { found, pauses } = search(createMatcher(['x'.repeat(2000)]), 'x'.repeat(3000));
  expect(found).toHaveLength(1001);
  expect(pauses).toBeGreaterThanOrEqual(10);
});
