import { expect, test } from 'bun:test';
import { lostCharacter, lostCharacterOf } from '#formats/characters.ts';

test.each([
  ['"\\u0000"', 'the character \\u0000'],
  ['{"a\\u0000":1}', 'the character \\u0000'],
  ['"\\\\\\u0000"', 'the character \\u0000'],
  ['"\\ud800"', 'half of a pair'],
  ['"\\uDC00\\ud800"', 'half of a pair'],
  ['"\\ud83d\\ud83d\\ude00"', 'half of a pair'],
])('%s has a character that cannot be stored', (json, sentence) => {
  expect(lostCharacter(json)).toContain(sentence);
});

test.each(['"\\\\u0000"', '"\\ud83d\\ude00"', '"\\\\ud800"', '"\\uD83D\\uDE00\\u0001"', '"\\u00e9"'])(
  '%s has none',
  (json) => {
    expect(lostCharacter(json)).toBeUndefined();
    expect(lostCharacterOf(JSON.parse(json))).toBeUndefined();
  },
);

test('texts that have been read are told the same way', () => {
  expect(lostCharacterOf('a\0b')).toContain('the character \\u0000');
  expect(lostCharacterOf('\ud800')).toContain('half of a pair');
  expect(lostCharacterOf('😀')).toBeUndefined();
});
