import { expect, test } from 'bun:test';
import { findMarkers, SECRET_MARKER } from '#domain/joined-execution.ts';
import { pointerOf, withValueAt } from '#domain/json-pointer.ts';

test('a value is put where its pointer leads, and the document stays as it was', () => {
  const document = { a: { 'b/c': 1, '~': 2 }, list: [1, { x: 2 }] };
  const before = structuredClone(document);
  expect(withValueAt(document, '/a/b~1c', 'new')).toEqual({ a: { 'b/c': 'new', '~': 2 }, list: [1, { x: 2 }] });
  expect(withValueAt(document, '/a/~0', 'new')).toMatchObject({ a: { '~': 'new' } });
  expect(withValueAt(document, '/list/1/x', null)).toMatchObject({ list: [1, { x: null }] });
  expect(withValueAt(document, '/deep/er/still', [])).toMatchObject({ deep: { er: { still: [] } } });
  expect(withValueAt(document, '/', 'empty name')).toMatchObject({ '': 'empty name' });
  expect(withValueAt(document, '', 'all')).toBe('all');
  expect(document).toEqual(before);
});

test('a pointer that leads nowhere changes nothing', () => {
  for (const pointer of ['/list/2', '/list/-1', '/list/01', '/list/x', '/a/b~1c/deeper', 'a', '/list/9/x'])
    expect(withValueAt({ a: { 'b/c': 1 }, list: [1, 2] }, pointer, 'x')).toBeUndefined();
});

test('a name of the prototype is a name like any other', () => {
  const put = withValueAt({}, '/__proto__/polluted', true);
  expect(Object.hasOwn(Object(put), '__proto__')).toBe(true);
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
});

test('markers are found wherever they are, and named by their pointers', () => {
  expect(
    findMarkers({ a: SECRET_MARKER, b: [1, { 'c/d': { $attune_secret: true } }], e: { $attune_secret: 1 } }),
  ).toEqual(['/a', '/b/1/c~1d']);
  expect(findMarkers(SECRET_MARKER)).toEqual(['']);
  expect(pointerOf(['data', 'a/b', '~'])).toBe('/data/a~1b/~0');
});
