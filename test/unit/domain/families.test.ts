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

test('code without a file name is for Node.js what it looks like: a module, or CommonJS', () => {
  const extensionOf = findFamily('node')?.script.extensionOf ?? (() => '');
  const modules = [
    "import os from 'node:os';\nconsole.log(os.platform())",
    "import'./x.mjs'",
    'export const x = 1;',
    'const os = await import("node:os");\nconsole.log(os.platform())',
    "import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);\nrequire('os')",
  ];
  expect(modules.map(extensionOf)).toEqual(modules.map(() => '.mjs'));
  const common = [
    '#!/usr/bin/env node\nconst os = require("os"); console.log(os.platform())',
    'module.exports = 1;',
    'const fs = require("fs");\n(async () => { await import("node:os"); })();',
    'console.log(__dirname)',
    'with (Math) console.log(PI)',
  ];
  expect(common.map(extensionOf)).toEqual(common.map(() => '.js'));
});
