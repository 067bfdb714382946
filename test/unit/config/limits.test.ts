import { expect, test } from 'bun:test';
import { executionUser } from '#config/limits.ts';

test('actions run neither as root nor as an id that the kernel reads as something else', () => {
  const accepted = ['1', '65534:65534', '4294967294', '1000:4294967294', '007'];
  const refused: Readonly<Record<string, string>> = {
    '0': 'root',
    '0:0': 'root',
    '00': 'root',
    '1000:0': 'root',
    '4294967295': '4294967294',
    '4294967296': '4294967294',
    '1000:4294967295': '4294967294',
    '99999999999999999999': '4294967294',
    nobody: 'numbers',
    '-1': 'numbers',
    '1000:': 'numbers',
    ' 1000': 'numbers',
    '1e3': 'numbers',
  };
  for (const one of accepted) expect(executionUser.parse(one)).toBe(one);
  for (const [one, why] of Object.entries(refused)) expect(executionUser.safeParse(one).error?.message).toContain(why);
  for (const one of [0, 4_294_967_295, 4_294_967_296, -1, 1.5])
    expect(executionUser.safeParse(one).success).toBe(false);
});
