import { expect, test } from 'bun:test';
import { parseOutput } from '#execution/script/parse-output.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text);

test('json is the whole output, else its last line', () => {
  expect(parseOutput(bytes('{"a": 1}\n'), 'json')).toEqual({ ok: true, value: { a: 1 } });
  expect(parseOutput(bytes('{\n"a": 1\n}\n'), 'json')).toEqual({ ok: true, value: { a: 1 } });
  expect(parseOutput(bytes('working…\n[1,2]\n'), 'json')).toEqual({ ok: true, value: [1, 2] });
  expect(parseOutput(bytes('nothing here'), 'json')).toMatchObject({
    ok: false,
    error: expect.stringContaining('not json'),
  });
});

test('bytes that are not UTF-8 are no data, and do not hide the last line', () => {
  const latin = Buffer.from('"caf\xe9"\n', 'latin1');
  for (const format of ['json', 'jsonl', 'yaml'] as const)
    expect(parseOutput(latin, format)).toMatchObject({ ok: false, error: expect.stringContaining('not UTF-8') });
  expect(parseOutput(Buffer.concat([latin, bytes('{"a":1}\n\n')]), 'json')).toEqual({ ok: true, value: { a: 1 } });
});

test('a key that is there twice, and a character that cannot be stored, are said and not kept', () => {
  for (const [text, sentence] of [
    ['{"a":1,"a":2}', 'the key "a" is there twice'],
    ['{"a":"x\\u0000"}', 'cannot be stored'],
    ['{"a":-0.0}', '-0.0 would be changed to 0'],
  ] as const)
    for (const format of ['json', 'jsonl'] as const)
      expect(parseOutput(bytes(text), format)).toMatchObject({ error: expect.stringContaining(sentence) });
  for (const text of ['a: 1\na: 2', 'a: "\\0"', 'a: -0.0']) expect(parseOutput(bytes(text), 'yaml').ok).toBe(false);
});

test('yaml, jsonl and text', () => {
  expect(parseOutput(bytes('a: [1, 2]\n'), 'yaml')).toEqual({ ok: true, value: { a: [1, 2] } });
  expect(parseOutput(bytes('a: [1'), 'yaml').ok).toBe(false);
  expect(parseOutput(bytes('{"a":1}\n\n{"a":2}\n'), 'jsonl')).toEqual({ ok: true, value: [{ a: 1 }, { a: 2 }] });
  expect(parseOutput(bytes('{"a":1}'), 'text')).toEqual({ ok: true, value: undefined });
});

test('silence is no data in every format', () => {
  for (const format of ['json', 'yaml', 'jsonl', 'text'] as const)
    expect(parseOutput(bytes(' \n'), format)).toEqual({ ok: true, value: undefined });
});

test('a bomb of yaml aliases is an error', () => {
  const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefghij'.replaceAll(/./g, (letter) => {
    const previous = String.fromCharCode(letter.charCodeAt(0) - 1);
    return `${letter}: &${letter} [${Array(9).fill(`*${previous}`).join(',')}]\n`;
  })}`;
  expect(parseOutput(bytes(bomb), 'yaml').ok).toBe(false);
});

test('numbers that a result would change, and values that JSON lacks, are said and not kept', () => {
  const errors = ['{"id":12345678901234567890}', '{"x":NaN}', '1e400', '[Infinity]'].map((text) => {
    const parsed = parseOutput(bytes(text), 'json');
    return parsed.ok ? undefined : parsed.error;
  });
  expect(errors).toEqual([
    expect.stringContaining('12345678901234567890 would be changed'),
    expect.stringContaining('NaN is not a value of JSON'),
    expect.stringContaining('1e400 is too large'),
    expect.stringContaining('Infinity is not a value of JSON'),
  ]);
  expect(parseOutput(bytes('a: .nan'), 'yaml').ok).toBe(false);
  expect(parseOutput(bytes(`${'['.repeat(5000)}${']'.repeat(5000)}`), 'json')).toMatchObject({
    error: expect.stringContaining('nested deeper than 100 levels'),
  });
  expect(parseOutput(bytes('{"a":1}\n{"b":9007199254740993}\n'), 'jsonl')).toMatchObject({
    error: expect.stringContaining('line 2'),
  });
});
