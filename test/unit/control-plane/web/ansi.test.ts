import { expect, test } from 'bun:test';
import { lastingAfter, piecesOf, plainOf } from '#control-plane/web/ansi.ts';

const ESC = '\u001b';
const looks = (line: string) => piecesOf(line).map(({ text, classes, style }) => [text, classes, style]);

test('colours of the sixteen have classes; those of the palette and of any red, green and blue have styles', () => {
  expect(looks(`${ESC}[31;44mA${ESC}[0mB`)).toEqual([
    ['A', 'ansi-red ansi-blue-bg', {}],
    ['B', '', {}],
  ]);
  expect(looks(`${ESC}[38;5;196mA${ESC}[48;5;244mB`)).toEqual([
    ['A', '', { color: 'rgb(255,0,0)' }],
    ['B', '', { color: 'rgb(255,0,0)', backgroundColor: 'rgb(128,128,128)' }],
  ]);
  expect(looks(`${ESC}[48;2;1;2;3mA`)).toEqual([['A', '', { backgroundColor: 'rgb(1,2,3)', color: 'white' }]]);
  expect(looks(`${ESC}[38:2::1:2:3mA${ESC}[0;4:3mB${ESC}[4:0mC`)).toEqual([
    ['A', '', { color: 'rgb(1,2,3)' }],
    ['B', 'ansi-underline', {}],
    ['C', '', {}],
  ]);
  expect(looks(`${ESC}[7mA${ESC}[27mB`)).toEqual([
    ['A', 'ansi-black ansi-white-bg ansi-inverse', {}],
    ['B', '', {}],
  ]);
});

test('links lead to the web only; commands to a terminal are not shown', () => {
  const link = (address: string) => `${ESC}]8;;${address}${ESC}\\here${ESC}]8;;${ESC}\\ after`;
  expect(piecesOf(link('https://a.example/?b=1;c')).map((one) => [one.text, one.href])).toEqual([
    ['here', 'https://a.example/?b=1;c'],
    [' after', undefined],
  ]);
  expect(piecesOf(link('javascript:alert(1)')).every((one) => one.href === undefined)).toBe(true);
  expect(plainOf(`${ESC}]0;title\u0007a${ESC}[2K${ESC}(Bb`)).toBe('ab');
});

test('what lasts from line to line is bounded, and ends with a reset', () => {
  expect(lastingAfter(`${ESC}[31mA${ESC}[0m${ESC}[1mB`)).toBe(`${ESC}[1m`);
  expect(lastingAfter(`${ESC}[31m${ESC}[39m`.repeat(1000)).length).toBeLessThan(200);
});
