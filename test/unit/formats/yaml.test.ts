import { expect, test } from 'bun:test';
import { parseYaml } from '#formats/yaml.ts';

const read = (text: string) => parseYaml(Buffer.from(text));

test('YAML 1.2, with merge keys', () => {
  expect(read('base: &b {a: 1, b: 2}\nown:\n  <<: *b\n  b: 3\n')).toEqual({
    ok: true,
    value: { base: { a: 1, b: 2 }, own: { a: 1, b: 3 } },
  });
  expect(read('a: yes\nb: 12\nc: true\n')).toEqual({ ok: true, value: { a: 'yes', b: 12, c: true } });
  expect(read('\ufeffa: 1\n')).toEqual({ ok: true, value: { a: 1 } });
  expect(read('a: 1\r\nb: "\\r"\r\n')).toEqual({ ok: true, value: { a: 1, b: '\r' } });
  expect(read('')).toEqual({ ok: true, value: null });
});

test.each([
  ['a repeated key', 'a: 1\nb: 2\na: 3\n', "line 3, column 1: the key 'a' is there twice"],
  ['a list that does not end', 'a: [1,\n', 'line '],
  ['zeros in front of a number', 'a: 012\n', '012 would be changed to 12'],
  ['a zero with a sign', 'a: -0.0\n', '-0.0 would be changed to 0'],
  ['a timestamp, which becomes another text', 'a: !!timestamp 2026-01-05\n', '!!timestamp is no type of JSON'],
  ['a tag of another program', 'a: !Ref b\n', "line 1, column 4: the tag '!Ref' means nothing here"],
  ['a constraint without quotes', 'a: >=3.9\n', 'put the value in quotes'],
  ['an asterisk without quotes', 'a: *\n', 'put the value in quotes'],
  ['a list as a key', '? [a, b]\n: 1\n', 'keys of JSON are texts'],
  ['a character that cannot be stored', 'a: "\\0"\n', 'cannot be stored'],
  ['an integer beyond 53 bits', 'a: 9007199254740993\n', 'would be changed'],
  ['a number that is too large', 'a: 1e400\n', 'too large'],
  ['not a number', 'a: .NaN\n', '.NaN is a number that JSON does not have'],
  ['an alias to nothing', 'a: *b\n', 'alias'],
  ['a hundred and one levels', `${'['.repeat(101)}${']'.repeat(101)}`, 'nested deeper than 100 levels'],
  ['a million levels', '['.repeat(500_000), 'nested deeper than 100 levels'],
  ['lines that end with CR', 'a: 1\nb: c\rd: 2\r', 'line 2, column 5: this line ends with CR alone'],
  ['CR alone in a text', 'a: "b\rc"\n', 'line 1, column 6: this line ends with CR alone'],
  ['more than 1 MiB', 'a'.repeat(1024 * 1024 + 1), 'larger than'],
])('refused: %s', (_, text, sentence) => {
  expect(read(text)).toEqual({ ok: false, error: expect.stringContaining(sentence) });
});

test.each([
  ['a: {b: 1 c: 2}', 'a second colon in one line'],
  ['a: b: c', 'a second colon in one line'],
  ['a: [1]]', "there is a ']' too many"],
  ['a: [1, 2', "has no ']' at its end"],
  ['a: [1,,2]', 'a comma too many'],
  ['{"a" 1}', 'a comma is missing'],
  ['a: - b', 'a line of its own'],
  ['a: "b', 'a text in double quotes has no quote at its end'],
  ["a: 'b", 'a text in single quotes has no quote at its end'],
  ['a:\n\tb: 1', 'a tab indents this line'],
  ['a: 1\nb', "expected 'key: value'"],
  ['- a\nb: 1', 'there is more behind the value'],
  ['a:\n  - b\n c', 'indented otherwise'],
  ['a: "b"#c', 'a space is missing before the #'],
  ['a: "\\q"', '\\q is no escape'],
  ['a: @x', "a value cannot begin with '@'"],
  ['a: *x', "there is no anchor '&x'"],
  ['a: &x &y 1', 'out of place'],
  ['%YAML 1.2\na: 1', 'cannot be read as YAML'],
])('what is wrong with %p is said in words of this program', (text, words) => {
  expect(read(text)).toEqual({ ok: false, error: expect.stringContaining(words) });
  expect(read(text)).not.toMatchObject({ error: expect.stringMatching(/flow|block|scalar|implicit|mapping|token/i) });
});

test('a bomb of aliases is refused', () => {
  const lines = Array.from({ length: 9 }, (_, n) => `a${n + 1}: &a${n + 1} [${Array(9).fill(`*a${n}`).join(', ')}]`);
  expect(read(`a0: &a0 [x]\n${lines.join('\n')}\n`).ok).toBe(false);
});

test('other encodings are named', () => {
  expect(parseYaml(Uint8Array.of(0xff, 0xfe, 0x61, 0))).toEqual({
    ok: false,
    error: 'the text is UTF-16: save it as UTF-8',
  });
  expect(parseYaml(Buffer.from('a: 1\nb: \xe4\n', 'latin1'))).toEqual({
    ok: false,
    error: 'line 2, column 1: this line is not UTF-8: save it as UTF-8',
  });
});

test('integers in other bases are exact, or refused', () => {
  expect(parseYaml(Buffer.from('[0x1F, 0o17, 0x1FFFFFFFFFFFFF]'))).toEqual({ ok: true, value: [31, 15, 2 ** 53 - 1] });
  for (const number of ['0x1FFFFFFFFFFFFFF1', '0o777777777777777777777', `0x${'F'.repeat(2000)}`])
    expect(parseYaml(Buffer.from(`a: ${number}\n`))).toMatchObject({ ok: false });
});
