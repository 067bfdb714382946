import { expect, test } from 'bun:test';
import { shortened } from '#domain/shortened.ts';

test('a long message keeps its beginning and its end', () => {
  expect(shortened('a'.repeat(600))).toBe('a'.repeat(600));
  const short = shortened(`'${'a'.repeat(900_000)}' is no runtime (known: shell)`);
  expect(short).toMatch(/^'a{199}… \(\d+ characters\) …a+' is no runtime \(known: shell\)$/);
  expect(short.length).toBeLessThan(500);
});
