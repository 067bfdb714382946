import { expect, test } from 'bun:test';
import { masked } from './masked.ts';

const secret = 's3cr%t= pässw\'rd#{x}\\end$HOME"q😀';

/** How the programs of the title write the secret: recorded, since few machines have all of them. */
test.each([
  ["Perl's Data::Dumper", 's3cr%t= p\\303\\244ssw\'rd#{x}\\\\end\\$HOME\\"q\\360\\237\\230\\200'],
  ['PyYAML', 's3cr%t= p\\xE4ssw\'rd#{x}\\\\end$HOME\\"q\\U0001F600'],
  ['System.Text.Json', 's3cr%t= p\\u00E4ssw\\u0027rd#{x}\\\\end$HOME\\u0022q\\uD83D\\uDE00'],
  ["Java's properties", 's3cr%t\\= p\\u00E4ssw\'rd\\#{x}\\\\end$HOME"q\\uD83D\\uDE00'],
  ['SQL', "s3cr%t= pässw''rd#{x}\\end$HOME\"q😀"],
  ['CSV', 's3cr%t= pässw\'rd#{x}\\end$HOME""q😀'],
  ['quoted-printable', 's3cr%t=3D p=C3=A4ssw\'rd#{x}\\end$HOME"q=F0=9F=98=80'],
  ['quoted-printable with spaces', 's3cr%t=3D=20p=C3=A4ssw\'rd#{x}\\end$HOME"q=F0=9F=98=80'],
])('%s', async (_, written) => {
  expect(await masked([secret], [`<${written}>`])).toBe('<***>');
});

test.each([
  ['hunter2-hunter2', 'NB2W45DFOIZC22DVNZ2GK4RS'],
  ['hunter2-hunter2', 'nb2w45dfoizc22dvnz2gk4rs'],
  ['hunter2!', '\\150\\165\\156\\164\\145\\162\\062\\041'],
  ['hunter2!', '\\0150\\0165\\0156\\0164\\0145\\0162\\0062\\0041'],
  ['hunter2!', '\\x68\\x75\\x6e\\x74\\x65\\x72\\x32\\x21'],
  ['hunter2!', '\\x68\\x75\\x6E\\x74\\x65\\x72\\x32\\x21'],
  ['hunter2!', '\\u0068\\u0075\\u006e\\u0074\\u0065\\u0072\\u0032\\u0021'],
  ['hunter2!', '\\u{68}\\u{75}\\u{6e}\\u{74}\\u{65}\\u{72}\\u{32}\\u{21}'],
  ['hunter2!', '104,117,110,116,101,114,50,33'],
  ['hunter2!', '104, 117, 110, 116, 101, 114, 50, 33'],
  ['hunter2!', '0x68, 0x75, 0x6e, 0x74, 0x65, 0x72, 0x32, 0x21'],
  ['hunter2!', '680075006e00740065007200320021'.concat('00')],
  ['hunter2!!', 'aAB1AG4AdABlAHIAMgAhACEA'],
])('%s as %s', async (value, written) => {
  expect(await masked([value], [`<${written}>`])).toBe('<***>');
});

test('base32 is found wherever it begins in a group of five bytes, and across lines', async () => {
  for (const before of ['', 'a', 'ab', 'abc', 'abcd', 'abcde']) {
    const { stdout } = Bun.spawnSync(['base32', '-w20'], { stdin: Buffer.from(`${before}hunter2-hunter2-hunter2`) });
    const shown = (await masked(['hunter2-hunter2-hunter2'], [stdout.toString()])).replaceAll('***', '');
    expect(shown.replace(/[\n=]/g, '').length).toBeLessThanOrEqual(10);
  }
});
