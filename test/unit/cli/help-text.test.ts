import { expect, test } from 'bun:test';
import { Command } from 'commander';
import { helpLayout } from '#cli/help-text.ts';

/** The lines of a help on a terminal of that width. */
function linesAt(helpWidth: number): readonly string[] {
  const words = Array.from({ length: 20 }, (_, index) => `word${index}`).join(' ');
  const command = new Command('attune').description(words).option('--format <format>', words);
  return command
    .configureHelp({ ...helpLayout, helpWidth })
    .helpInformation()
    .split('\n');
}

test('on a narrow terminal a help keeps to its width, with the sentence of an option below it', () => {
  for (const width of [30, 40, 60]) {
    const lines = linesAt(width);
    expect(lines.filter((line) => line.length > width)).toEqual([]);
    expect(lines[lines.indexOf('  --format <format>') + 1]).toStartWith('      word0 word1');
  }
  expect(linesAt(80)).toContainEqual(expect.stringMatching(/^ {2}--format <format> {2}word0 word1/));
});
