import { expect, test } from 'bun:test';
import { withoutHidden } from '#control-plane/web/hidden.ts';
import { HIDDEN_VALUE } from '#domain/masks.ts';

test('what only stands for a secret is no value, however deep it lies; a list loses no single member', () => {
  const shown = {
    open: ['a', 0, null, { b: false }],
    secret: HIDDEN_VALUE,
    deep: { town: 'Ulm', key: HIDDEN_VALUE, inner: { pin: HIDDEN_VALUE } },
    list: ['a', HIDDEN_VALUE],
    members: [{ name: 'x', password: HIDDEN_VALUE }],
    'line\nbreak': HIDDEN_VALUE,
    other: '***',
  };
  expect(withoutHidden(shown)).toEqual({
    values: {
      open: ['a', 0, null, { b: false }],
      deep: { town: 'Ulm', inner: {} },
      members: [{ name: 'x' }],
      other: '***',
    },
    hidden: ['secret', 'deep.key', 'deep.inner.pin', 'list.1', 'members.0.password', '"line\\nbreak"'],
  });
  expect(withoutHidden(null)).toEqual({ values: {}, hidden: [] });
});
