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

test('characters have the width that a terminal gives them', () => {
  const wide = [
    ['NAME', 'TEXT'],
    ['漢字', '名前 と 説明 です が 長い'],
    ['e\u0301a', '👩‍🚀🚀 ok'],
    ['plain', 'x'],
  ];
  expect(table(wide)).toEqual([
    'NAME   TEXT',
    '漢字   名前 と 説明 です が 長い',
    'e\u0301a     👩‍🚀🚀 ok',
    'plain  x',
  ]);
  const narrow = table(wide, 20);
  expect(narrow.filter((line) => Bun.stringWidth(line) > 20)).toEqual([]);
  expect(narrow.slice(1, 4)).toEqual(['漢字   名前 と 説明', '       です が 長い', 'e\u0301a     👩‍🚀🚀 ok']);
  expect(table([['ID'], ['漢'.repeat(10)]], 9)).toEqual(['ID', '漢漢漢漢', '漢漢漢漢', '漢漢']);
});

test('a long text is laid out in a time that grows with it alone, also where it is of marks', () => {
  const lines = table([['ID'], ['漢'.repeat(500_000)], ['e'.concat('\u0301'.repeat(500_000))]], 80);
  expect(lines.length).toBeGreaterThan(12_000);
});

test('where columns have no room beside each other, each row stands by itself', () => {
  const many = [
    ['ID', 'ACTION', 'STATUS', 'WORKER'],
    ['1', 'sample.statistics', 'completed', 'worker-of-mine'],
    ['2', 'a.b', '', 'w'],
  ];
  expect(table(many, 30)).toEqual([
    'ID      1',
    'ACTION  sample.statistics',
    'STATUS  completed',
    'WORKER  worker-of-mine',
    '',
    'ID      2',
    'ACTION  a.b',
    'WORKER  w',
  ]);
});
