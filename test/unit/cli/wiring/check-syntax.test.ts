import { expect, test } from 'bun:test';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { syntaxFlaw } from '#cli/wiring/check-syntax.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';

/** What is wrong with a script, without the directory before it; `said`: what its interpreter says, instead of the one here. */
function flawOf(name: string, lines: readonly string[], { family, said }: Given): string | undefined {
  using at = temporaryDirectory();
  const entryPoint = at.file(name, `${lines.join('\n')}\n`);
  const ofDirectory = `${at.path}/`;
  let path = '/usr/local/bin:/usr/bin:/bin';
  if (said !== undefined) {
    const words = said.map((line) => line.replaceAll('FILE', entryPoint)).join('\n');
    chmodSync(
      at.file(`bin/${family === 'lua' ? 'luac' : family}`, `#!/bin/sh\ncat <<'END' >&2\n${words}\nEND\nexit 1\n`),
      0o755,
    );
    path = `${join(at.path, 'bin')}:/usr/bin:/bin`;
  }
  return syntaxFlaw({ entryPoint, family }, { PATH: path, HOME: at.path })?.replaceAll(ofDirectory, '');
}

interface Given {
  readonly family: string;
  readonly said?: readonly string[];
}

test.each<[first: string, place: string]>([
  ['#!/bin/sh', 'a.sh:5'],
  ['#!/usr/bin/env sh', 'a.sh:5'],
  ['#!/bin/dash', 'a.sh:5'],
  ['#!/bin/bash', 'a.sh:5'],
  ['# without a program', 'a.sh:5'],
])('a script of a shell with a flaw is named with its line: %s', (first, place) => {
  const lines = [first, 'echo a', 'f() {', '  echo b', ')'];
  expect(flawOf('a.sh', lines, { family: 'shell' })).toMatch(new RegExp(`^${place}: syntax error`, 'i'));
  expect(flawOf('a.sh', [...lines.slice(0, -1), '}'], { family: 'shell' })).toBeUndefined();
});

test.each(['#!/usr/bin/env -S uv run --script', '#!/usr/bin/pyton3'])(
  'a script for shells whose first line names another program is parsed by none: %s',
  (first) => {
    expect(flawOf('a', [first, 'print("a(", 1)'], { family: 'shell' })).toBeUndefined();
  },
);

test('a script of Perl with a flaw is named with the line of the flaw, not of the warnings before it', () => {
  const lines = ['#!/usr/bin/perl -T', 'use warnings;', 'my $x = 1;', 'my $x = 2;', 'print 1;', 'my $y = ;'];
  expect(flawOf('a.pl', lines, { family: 'perl' })).toMatch(/^a\.pl:6: syntax error/);
  expect(flawOf('a.pl', lines.slice(0, -1), { family: 'perl' })).toBeUndefined();
  const strict = ['use strict;', '', '$x = 1;'];
  expect(flawOf('a.pl', strict, { family: 'perl' })).toMatch(/^a\.pl:3: Global symbol "\$x" requires/);
});

test.each([
  'use No::Such::Module;',
  'use parent "No::Such";',
  'BEGIN { require "no-such.pl" }',
  'use strict 99;',
  'use 9.0;',
])('a script of Perl whose dependency is not here has no flaw: %s', (line) => {
  expect(flawOf('a.pl', ['use strict;', line, 'print 1;'], { family: 'perl' })).toBeUndefined();
  expect(flawOf('a.pl', ['use strict;', 'my $x = ;', line], { family: 'perl' })).toMatch(/^a\.pl:2: syntax error/);
});

test.each<[family: string, name: string, said: readonly string[], flaw: string]>([
  [
    'php',
    'a.php',
    ['PHP Parse error:  syntax error, unexpected token "}" in FILE on line 4', 'Errors parsing FILE'],
    'a.php:4: ',
  ],
  ['ruby', 'a.rb', ["FILE:3: syntax error, unexpected end-of-input, expecting `end'"], 'a.rb:3: '],
  [
    'ruby',
    'a.rb',
    ['FILE:3: syntax error found (SyntaxError)', '  1 | a', '> 3 | x = ', '    |    ^ unexpected'],
    'a.rb:3:',
  ],
  ['lua', 'a.lua', ["/usr/bin/luac: FILE:2: ')' expected near <eof>"], "a.lua:2: ')' expected near <eof>"],
  ['node', 'a.js', ['FILE:2', 'let a = ;', '        ^', '', "SyntaxError: Unexpected token ';'"], 'a.js:2:9: Unexp'],
])('the words of %s become one sentence with its place', (family, ...[name, said, flaw]) => {
  const found = flawOf(name, ['x'], { family, said });
  expect(found?.startsWith(flaw) && !found.includes('\n')).toBe(true);
});
