import { expect, test } from 'bun:test';
import { parseYamlDocuments } from '#formats/yaml-documents.ts';

const read = (text: string): unknown => parseYamlDocuments(Buffer.from(text));

test('each document is read, one without content is null', () => {
  expect(read('a: ä\n---\n# only a comment\n--- {b: 2}\n---\r\ntext: |\n  ---\n')).toEqual({
    ok: true,
    value: [{ a: 'ä' }, null, { b: 2 }, { text: '---\n' }],
  });
  expect(read('---\na: 1\n')).toEqual({ ok: true, value: [{ a: 1 }] });
  expect(read('')).toEqual({ ok: true, value: [null] });
});

test('an error has the line of the whole text', () => {
  expect(read('a: 1\n---\nb: 1\nb: 2\n')).toEqual({
    ok: false,
    error: "line 4, column 1: the key 'b' is there twice",
  });
  expect(read('---\n'.repeat(1001))).toEqual({ ok: false, error: 'more than 1000 documents' });
});
