import { expect, test } from 'bun:test';
import { table } from '#cli/table.ts';

const rows = [
  ['NAME', 'RUNTIMES'],
  ['worker-1', 'shell 5.2, python 3.11, node 20.20, go 1.26, java 17.0'],
  ['w', 'awk'],
];

test('a table as wide as it must be has one line for each row', () => {
  expect(table(rows)).toEqual([
    'NAME      RUNTIMES',
    'worker-1  shell 5.2, python 3.11, node 20.20, go 1.26, java 17.0',
    'w         awk',
  ]);
});

test('where the room ends, the widest cells go on below, and nothing is lost', () => {
  const narrow = table(rows, 32);
  expect(Math.max(...narrow.map((line) => line.length))).toBeLessThanOrEqual(32);
  expect(narrow).toEqual([
    'NAME      RUNTIMES',
    'worker-1  shell 5.2, python',
    '          3.11, node 20.20, go',
    '          1.26, java 17.0',
    'w         awk',
  ]);
});

test('a word that is too long is divided', () => {
  expect(table([['ID'], ['x'.repeat(20)]], 9)).toEqual(['ID', 'x'.repeat(9), 'x'.repeat(9), 'xx']);
});
