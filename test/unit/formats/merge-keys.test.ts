import { expect, test } from 'bun:test';
import { writeOutMerges } from '#formats/merge-keys.ts';
import { parseYamlDocument, valueOfYaml } from '#formats/yaml.ts';

function written(text: string): unknown {
  const parsed = parseYamlDocument(Buffer.from(text));
  if (!parsed.ok) throw new Error(parsed.error.message);
  const before = valueOfYaml(parsed.value.document);
  writeOutMerges(parsed.value.document);
  const after = valueOfYaml(parsed.value.document);
  expect(after).toEqual(before);
  return after.ok ? parsed.value.document.toString() : after.error;
}

test('merged keys stand where they were merged, and own ones win', () => {
  expect(written('a: &a {x: 1, y: 2}\nb: {<<: *a, y: 3}\n')).toContain('y: 3, x: 1');
  expect(written('a: &a {x: 1}\nb: &b {<<: *a, y: 2}\nc: {<<: [*b, {z: 4, y: 9}], w: 0}\n')).toContain(
    '{ w: 0, y: 2, x: 1, z: 4 }',
  );
  expect(written('v: &v 3.10\nd: {default: *v}\n')).toContain('default: 3.10');
  expect(written('"<<": 1\n')).toContain('<<');
});

test('what cannot be merged is refused as before', () => {
  expect(written('a: {<<: 1}\n')).toContain('what << merges');
  expect(written('a: &a {<<: *a, x: 1}\n')).toBeDefined();
});
