import { expect, test } from 'bun:test';
import { checkPack } from '#packs/check-pack.ts';
import { notesOnFirstLines } from '#packs/other-first-lines.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';

test('a script of another language than its action is noted, and a flaw where the action is for shells', () => {
  using directory = temporaryDirectory();
  directory.file('p/pack.yaml', 'ref: p\n');
  const action = (name: string, runner: string, firstLine: string): void => {
    directory.file(`p/actions/${name}.yaml`, `entry_point: ${name}.x\nrunner_type: ${runner}\n`);
    directory.file(`p/actions/${name}.x`, `${firstLine}\n`);
  };
  action('same', 'python', '#!/usr/bin/env python3.12');
  action('other', 'python', '#!/usr/bin/env node');
  action('handed-on', 'tcl', '#!/bin/sh');
  action('runner', 'python', '#!/usr/bin/env -S uv run --script');
  action('companion', 'erlang', '#!/usr/bin/env escript');
  const fine = checkPack(`${directory.path}/p`);
  expect(fine.flaws).toEqual([]);
  expect(notesOnFirstLines(`${directory.path}/p`, fine.loaded?.actions ?? [])).toEqual([
    'actions/other.x: its first line names node, and its runner_type is python, which decides',
    'actions/runner.x: its first line names uv, and its runner_type is python, which decides: set runner_type: shell to run it as by hand',
  ]);
  action('shell', 'shell', '#!/usr/bin/perl -w');
  expect(checkPack(`${directory.path}/p`).flaws).toEqual([
    `${directory.path}/p/actions/shell.yaml:2:14: runner_type: its first line names /usr/bin/perl: set runner_type: perl`,
  ]);
});
