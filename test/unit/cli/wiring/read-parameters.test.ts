import { expect, test } from 'bun:test';
import { readParameters } from '#cli/wiring/read-parameters.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';

test('a file of parameters keeps what was written where the schema wants a text', () => {
  using directory = temporaryDirectory();
  const params = directory.file('x.yaml', 'one: &v 1.10\ntwo: *v\nnumber: 1.10\nlong: 12345678901234567890\n');
  const properties = {
    one: { type: 'string' },
    two: { anyOf: [{ type: 'string' }, { type: 'integer' }] },
    number: { type: 'number' },
    long: { $ref: '#/$defs/text' },
  };
  const schema = { type: 'object', properties, $defs: { text: { type: 'string' } } };
  expect(readParameters({ param: [], params }, schema)).toEqual({
    ok: true,
    value: { one: '1.10', two: '1.10', number: 1.1, long: '12345678901234567890' },
  });
});

test('without a schema a file of parameters is read as YAML has it, and a value that would be changed is refused', () => {
  using directory = temporaryDirectory();
  const params = directory.file('x.yaml', 'one: 1.10\n');
  expect(readParameters({ param: ['two=2'], params }, undefined)).toMatchObject({ ok: true, value: { one: 1.1 } });
  const long = directory.file('long.yaml', 'one: 12345678901234567890\n');
  expect(readParameters({ param: [], params: long }, undefined)).toMatchObject({ ok: false });
});

test('parameters in the place of their file are told where they go', () => {
  expect(readParameters({ param: [], params: '{"one": 1}' }, undefined)).toEqual({
    ok: false,
    error:
      '--params {"one": 1}: no such file or directory; it takes the path of a file, and -p KEY=VALUE one parameter',
  });
  expect(readParameters({ param: [], params: 'none.yaml' }, undefined)).toEqual({
    ok: false,
    error: '--params none.yaml: no such file or directory',
  });
});

test('a file of parameters whose name says JSON is read as the API reads JSON, and as nothing else', () => {
  using directory = temporaryDirectory();
  const read = (text: string | Uint8Array, name = 'x.json') =>
    readParameters({ param: [], params: directory.file(name, text) }, undefined);
  for (const text of ['{"a": NaN}', '{a: yes}', "{'a': 1}", '{"a": 1,}', '{"a": 01}', '{"a": "x\ty"}', 'a: 1', ''])
    expect(read(text)).toMatchObject({ ok: false, error: expect.stringContaining('its name says that it is JSON') });
  expect(read('{"a": NaN}')).toMatchObject({ error: expect.stringContaining('NaN is not a value of JSON') });
  expect(read('{"a": 1, "a": 2}', 'X.JSON')).toMatchObject({ ok: false });
  expect(read(Buffer.from('{"a": "\xe9"}', 'latin1'))).toMatchObject({
    ok: false,
    error: expect.stringContaining('UTF-8'),
  });
  expect(read('\ufeff{"a":\r1, "b": "\\ud83d\\ude00"}')).toEqual({ ok: true, value: { a: 1, b: '\u{1f600}' } });
  expect(read('{"a": NaN}', 'x.yaml')).toEqual({ ok: true, value: { a: 'NaN' } });
});
