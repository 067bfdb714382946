import { expect, test } from 'bun:test';
import { lint } from './lint.ts';

const inTest = (statement: string): string =>
  `import { expect, test } from 'bun:test';\n\ntest('it', async () => {\n  ${statement}\n});\n`;

test('an expectation about a promise that nobody awaits fails the lint', () => {
  const promise = 'Promise.resolve(1)';
  expect(
    lint({
      'test/a.test.ts': inTest(`expect(${promise}).resolves.toBe(1);`),
      'test/b.test.ts': inTest(`expect(${promise}, 'why').rejects.not.toThrow('x');`),
      'test/c.test.ts': inTest(`await expect(${promise}).resolves.toBe(1);`),
      'test/d.test.ts': inTest(`await Promise.all([expect(${promise}).resolves.toBe(1)]);`),
    }),
  ).toEqual(['test/a.test.ts plugin', 'test/b.test.ts plugin']);
});

test('a pause in a test fails the lint, and not where tests are helped to wait', () => {
  const sleep = inTest('await Bun.sleep(5);\n  expect(1).toBe(1);');
  const timer = inTest('setTimeout(() => {}, 5);\n  expect(1).toBe(1);');
  expect(lint({ 'test/a.test.ts': sleep, 'test/b.test.ts': timer, 'test/support/c.test.ts': sleep })).toEqual([
    'test/a.test.ts plugin',
    'test/b.test.ts plugin',
  ]);
});
