import { expect, test } from 'bun:test';
import { families, findFamily } from '#domain/families.ts';

test("the first eight families are those of Attune's Rust control plane, in its order", () => {
  const names = families.slice(0, 8).map((family) => family.name);
  expect(names).toEqual(['shell', 'python', 'node', 'ruby', 'go', 'java', 'r', 'perl']);
});

test('names and aliases are unique and found in any case', () => {
  const all = families.flatMap((family) => [family.name, ...family.aliases]);
  expect(new Set(all).size).toBe(all.length);
  for (const family of families)
    for (const name of [family.name, ...family.aliases]) expect(findFamily(` ${name.toUpperCase()} `)).toBe(family);
});

test('every command names the script and a program', () => {
  for (const { name, script } of families) {
    expect(script.command.join(' ')).toContain('{file}');
    expect(script.command.join(' ')).toMatch(/\{(interpreter|sibling:[^}]+)\}/);
    expect({ name, dots: script.extensions.every((extension) => extension.startsWith('.')) }).toEqual({
      name,
      dots: true,
    });
  }
});

const answers: readonly (readonly [string, string, string])[] = [
  ['shell', 'GNU bash, version 5.2.15(1)-release (x86_64-pc-linux-gnu)', '5.2.15'],
  ['python', 'Python 3.12.1', '3.12.1'],
  ['node', 'v22.3.0', '22.3.0'],
  ['ruby', 'ruby 3.3.0 (2023-12-25 revision 5124f9ac75) [x86_64-linux]', '3.3.0'],
  ['go', 'go version go1.23 linux/amd64', '1.23'],
  ['java', 'openjdk version "17.0.15" 2025-04-15', '17.0.15'],
  ['java', 'openjdk version "21" 2023-09-19', '21'],
  ['java', 'java version "1.8.0_392"', '1.8.0'],
  ['r', 'Rscript (R) version 4.2.2 (2022-10-31)', '4.2.2'],
  ['perl', 'This is perl 5, version 36, subversion 0 (v5.36.0) built for x86_64-linux-gnu', '5.36.0'],
  ['php', 'PHP 8.2.29 (cli) (built: Jul  3 2025)', '8.2.29'],
  ['lua', 'Lua 5.4.4  Copyright (C) 1994-2022 Lua.org, PUC-Rio', '5.4.4'],
  ['deno', 'deno 2.1.4 (stable, release, x86_64-unknown-linux-gnu)\nv8 13.0.245', '2.1.4'],
  ['elixir', 'Erlang/OTP 25 [erts-13.1.5] [source]\n\nElixir 1.14.0 (compiled with Erlang/OTP 24)', '1.14.0'],
  ['erlang', 'OTP 25', '25'],
  ['awk', 'GNU Awk 5.2.1, API 3.2', '5.2.1'],
  ['racket', 'Welcome to Racket v8.6 [cs].', '8.6'],
  ['guile', 'guile (GNU Guile) 3.0.8', '3.0.8'],
  ['haskell', 'The Glorious Glasgow Haskell Compilation System, version 9.0.2', '9.0.2'],
  ['kotlin', 'info: kotlinc-jvm 1.9.0 (JRE 17.0.15+6)', '1.9.0'],
];
for (const [name, answer, version] of answers)
  test(`${name} ${version} is read from its usual answer`, () => {
    const pattern = findFamily(name)?.probes[0]?.version ?? /(?:v|go)?(\d+\.\d+(?:\.\d+)?)/;
    expect(pattern.exec(answer)?.[1]).toBe(version);
  });
