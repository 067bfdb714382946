import { expect, test } from 'bun:test';
import { preparePassword } from '#crypto/saslprep.ts';

test.each([
  ['a no-break space', 'a\u00a0b', 'a b'],
  ['a soft hyphen', 'I\u00adX', 'IX'],
  ['a Roman numeral', 'x\u2163', 'xIV'],
  ['a ligature and a superscript', 'ﬁ²', 'fi2'],
  ['a letter and its accent', 'a\u0308', 'ä'],
  ['characters that stay', 'ä漢 p@ss', 'ä漢 p@ss'],
  ['a character that Unicode 3.2 lacks, beside one that would change', '😀²', '😀²'],
  ['a control character beside one that would change', 'a\u0007²', 'a\u0007²'],
  ['both directions of writing beside one that would change', 'aא²', 'aא²'],
  ['nothing but what is left out', '\u00ad', '\u00ad'],
])('the password of SCRAM is what PostgreSQL makes of it: %s', async (_, password, prepared) => {
  expect(await preparePassword(password)).toBe(prepared);
});
