import { expect, test } from 'bun:test';
import { readIgnoreRules } from '#packs/ignore-rules.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';

/** What of the paths is left out by the lines of an `.attuneignore`; the error where they are wrong. */
function leftOut(lines: string, paths: readonly string[]): readonly string[] | string {
  using pack = temporaryDirectory();
  pack.file('.attuneignore', lines);
  const rules = readIgnoreRules(pack.path);
  return rules.ok ? paths.filter(rules.value.isLeftOut) : rules.error.replace(pack.path, '');
}

test.each<[lines: string, left: readonly string[], kept: readonly string[]]>([
  ['*.txt', ['a.txt', 'b/c.TXT', '.txt'], ['a.txt.md', 'txt']],
  ['/a', ['a', 'a/'], ['b/a']],
  ['a/', ['a/', 'b/a/'], ['a']],
  ['a/b', ['a/b', 'a/b/'], ['c/a/b', 'b']],
  ['**/a/b', ['a/b', 'c/d/a/b'], ['a/c/b']],
  ['a/**/b', ['a/b', 'a/.x/y/b'], ['c/a/b']],
  ['a/**', ['a/b', 'a/.b/c'], ['a', 'a/', 'b/a/c']],
  ['a/*\n!a/b', ['a/c'], ['a/b', 'a/']],
  ['*\n!*.sh', ['a', 'b.shx'], ['a.sh', 'b/a.sh']],
  ['a**b', ['ab', 'axxb'], ['a/b']],
  ['x/a**b', ['x/ab', 'x/ayb'], ['x/a/b']],
  ['?.[ch]', ['a.c', 'b/ä.h'], ['ab.c', 'a.d', '.c']],
  ['a[!b-d]e', ['aae', 'x/afe'], ['ace', 'ae']],
  ['/a[^b]c', ['adc'], ['a/c', 'abc']],
  ['{a,b}', ['{a,b}'], ['a', 'b']],
  ['\\!a\n\\#b\n\\*', ['!a', '#b', '*'], ['a', 'b', 'c']],
  ['# a\n\n  \na  \r\nb\\ \r\n', ['a', 'b '], ['# a', 'b', ' ']],
  ['\uFEFFa', ['a'], ['b']],
  ['!.env', ['.env.local', '.git/', 'x/node_modules/'], ['.env', 'a']],
  [
    '',
    ['.env', '.ENV', '.envrc', '.env-prod', 'x/.env_local', '.env.d/', '.environment'],
    ['env', 'a.env', 'x/env.d/'],
  ],
  ['/\n!\n//\n\\', [], ['a', 'a/b']],
])('patterns as Git reads them: %j', (lines, left, kept) => {
  expect(leftOut(lines, [...left, ...kept])).toEqual(left);
});

test('a file that could take long is refused with its line; the largest one that may be is none', () => {
  const long = 'a'.repeat(257);
  expect(leftOut(`#${long}\na\n${long}`, [])).toBe('/.attuneignore:3: the pattern has more than 256 characters');
  expect(leftOut('\n'.concat('a\n'.repeat(1001)), [])).toBe('/.attuneignore:1002: there are more than 1000 patterns');
  expect(leftOut('#'.repeat(32 * 1024 + 1), [])).toBe('/.attuneignore: is larger than 32768 bytes');
  for (const pattern of [`${'*a'.repeat(127)}z`, `**/${'*a'.repeat(120)}z`, `${'**/*a/'.repeat(42)}z`]) {
    const largest = `${pattern}\n`.repeat(Math.floor((32 * 1024) / (pattern.length + 1)));
    expect(leftOut(largest, ['a'.repeat(255), `${'a/'.repeat(510)}a`, `${`${'a'.repeat(250)}/`.repeat(4)}a`])).toEqual(
      [],
    );
  }
});

test('patterns that are much work on many paths are refused in the end, with the name of their file', () => {
  using directory = temporaryDirectory();
  directory.file('.attuneignore', Array.from({ length: 120 }, (_, index) => `/${'?'.repeat(240)}${index}`).join('\n'));
  const rules = readIgnoreRules(directory.path);
  const tryAll = (): void => {
    const path = 'a'.repeat(100_000); /* longer than any path, so that fewer are enough */
    for (let count = 0; rules.ok && count < 100; count++) rules.value.isLeftOut(path);
  };
  expect(tryAll).toThrow(`${directory.path}/.attuneignore: trying its patterns on every path of the pack is too much`);
  using many = temporaryDirectory();
  many.file('a/.gitignore', 'x\n'.repeat(1000));
  const ofMany = readIgnoreRules(many.path);
  const readAll = (): void => {
    for (let count = 0; ofMany.ok && count < 10_000; count++) ofMany.value.within('a/').isLeftOut('a/b');
  };
  expect(readAll).toThrow(`${many.path}: trying its patterns on every path of the pack is too much`);
});
