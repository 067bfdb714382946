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
